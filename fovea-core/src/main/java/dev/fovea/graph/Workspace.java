package dev.fovea.graph;

import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;

/** The memory of one run of a {@link Program}; for one thread at a time. */
public interface Workspace extends Inputs {
  /** The storage of a tensor, row-major: {@code shape.size()} elements from {@code offset} on. */
  record Slot(float[] array, int offset, Shape shape) {}

  /** The slot to fill with an input before a run. Its contents after a run are undefined. */
  @Override
  Slot input(String name);

  /** The slot of an output, valid after a run until the next. */
  Slot output(String name);

  /** The parameters' gradients after a run of a graph that computes them, in the order of {@link Parameters}. */
  float[] gradients();

  /** The key of the runs' random numbers, for dropout; a training step gives {@code Rng.of(seed).at(step)}. */
  void random(Rng key);
}
