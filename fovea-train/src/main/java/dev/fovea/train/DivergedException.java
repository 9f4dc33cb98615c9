package dev.fovea.train;

import dev.fovea.tensor.FoveaException;

/** The loss is no longer finite. Further steps cannot recover it. */
public final class DivergedException extends FoveaException {
  private static final long serialVersionUID = 1L;

  private final long step;

  /** {@code what} names the quantity that has the {@code value}; {@code step} counts from 1. */
  DivergedException(String what, double value, long step, double learningRate) {
    super("step " + step + ": the " + what + " is " + value + " at a learning rate of " + learningRate
        + ", training has diverged: use a smaller learning rate");
    this.step = step;
  }

  /** The step whose loss is not finite, from 1. */
  public long step() {
    return step;
  }
}
