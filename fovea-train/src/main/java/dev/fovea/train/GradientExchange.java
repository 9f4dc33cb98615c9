package dev.fovea.train;

/** Where several machines train one model: what becomes of a step's gradients between the backward pass and the optimizer. */
@FunctionalInterface
public interface GradientExchange {
  /** One machine alone. */
  GradientExchange NONE = gradients -> {};

  /**
   * Replaces each gradient by its mean over all who train. Called once a step, by all in the same order.
   *
   * @param gradients under the index of {@link dev.fovea.graph.Parameters}
   */
  void average(float[] gradients);
}
