package dev.fovea.probe;

import dev.fovea.tensor.Shape;

/**
 * A trainable parameter in one step.
 *
 * @param gradient the Euclidean norm of its gradient, before clipping
 * @param update the norm of its change in the step, relative to its own before; NaN if that is 0
 * @param moved the same for the whole epoch up to this step; NaN if the process began within the epoch
 */
public record ParameterStatistics(String name, Shape shape, double gradient, double update, double moved) {
  /** Whether it is a matrix or a bank of filters, not a bias or the scale of a normalisation. */
  public boolean isWeight() {
    return shape.rank() > 1;
  }
}
