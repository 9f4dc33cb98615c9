package dev.fovea.cpu;

import dev.fovea.tensor.Rng;

/** The memory of one run, as kernels see it. */
public interface Memory {
  float[] array(int number);

  /** The key of this run's random numbers. */
  Rng random();
}
