package dev.fovea.train;

import dev.fovea.tensor.FoveaException;

/** A loss that is no longer a number: the steps were too long, and no further one would mend it. */
public final class DivergedException extends FoveaException {
  private static final long serialVersionUID = 1L;

  private final long step;

  /** {@code what} is told as {@code value}; {@code step} counts from 1. */
  DivergedException(String what, double value, long step, double rate) {
    super("step " + step + ": the " + what + " is " + value + " at a learning rate of " + rate
        + ", training has diverged: take a smaller learning rate");
    this.step = step;
  }

  /** The step whose loss it is, from 1. */
  public long step() {
    return step;
  }
}
