package dev.fovea.train;

import dev.fovea.probe.NonFinite;
import dev.fovea.tensor.FoveaException;

/** The loss or the parameters are no longer finite. Further steps cannot recover them. */
public final class DivergedException extends FoveaException {
  private static final long serialVersionUID = 1L;

  private final long step;

  /**
   * A step whose loss or parameters are not finite.
   *
   * @param what the quantity that has the {@code value}
   * @param cause the first value that is not finite, in words; empty if it is not known
   * @param step the number of steps before it
   */
  DivergedException(String what, double value, String cause, long step, double learningRate) {
    super("step " + (step + 1) + ": the " + what + " is " + value + " at a learning rate of " + learningRate
        + ", training has diverged" + (cause.isEmpty() ? "" : "; the first value that is not finite is in the " + cause)
        + ": use a smaller learning rate");
    this.step = step + 1;
  }

  /**
   * A step after which parameters are not finite.
   *
   * @param step the number of steps, this one included
   */
  DivergedException(NonFinite cause, long step) {
    super("step " + step + ": after it the " + cause.what() + " is not finite, training has diverged: use a smaller learning"
        + " rate");
    this.step = step;
  }

  /** The step, from 1. */
  public long step() {
    return step;
  }
}
