package dev.fovea.train;

/** All-reduce of a step's gradients, between the backward pass and the optimizer, if several machines train one model. */
@FunctionalInterface
public interface GradientExchange {
  /** One machine alone. */
  GradientExchange NONE = gradients -> {};

  /**
   * Replaces each gradient by its mean over all machines. Called once a step, by all machines in the same order.
   *
   * @param gradients in the order of {@link dev.fovea.graph.Parameters}
   */
  void average(float[] gradients);
}
