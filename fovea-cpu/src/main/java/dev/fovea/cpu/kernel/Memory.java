package dev.fovea.cpu.kernel;

import dev.fovea.tensor.Rng;

/** The memory of one run, as kernels see it. */
public interface Memory {
  /** For tasks that need no memory. */
  Memory NONE = new Memory() {
    @Override
    public float[] array(int index) {
      throw new IllegalStateException("this task has no memory");
    }

    @Override
    public Rng random() {
      throw new IllegalStateException("this task has no random numbers");
    }
  };

  /** One of the workspace's arrays. */
  float[] array(int index);

  /** The key of this run's random numbers. */
  Rng random();
}
