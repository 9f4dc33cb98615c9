package dev.fovea.graph;

import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;

/** The memory of one run of a {@link Program}; one thread at a time. */
public interface Workspace {
  /** Where a tensor's numbers lie, row-major: {@code shape.size()} of them from {@code offset} on. */
  record Slot(float[] array, int offset, Shape shape) {}

  /** Where to put an input before a run. What lies there after a run is undefined. */
  Slot input(String name);

  /** Where an output lies after a run, until the next. */
  Slot output(String name);

  /** The parameters' gradients after a run of a graph that computes them, under the index of {@link Parameters}. */
  float[] gradients();

  /** The key of the runs' random numbers, for dropout; a training step gives {@code Rng.of(seed).at(step)}. */
  void random(Rng key);
}
