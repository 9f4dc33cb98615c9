package dev.fovea.cpu.kernel;

import dev.fovea.tensor.Rng;

/** The memory of one run, as kernels see it. */
public interface Memory {
  /** That of tasks which need none. */
  Memory NONE = new Memory() {
    @Override
    public float[] array(int number) {
      throw new IllegalStateException("this task has no memory");
    }

    @Override
    public Rng random() {
      throw new IllegalStateException("this task has no random numbers");
    }
  };

  float[] array(int number);

  /** The key of this run's random numbers. */
  Rng random();
}
