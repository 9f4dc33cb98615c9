package dev.fovea.optim;

import dev.fovea.tensor.FoveaException;

/** Validates hyperparameters of optimizers. */
final class Hyperparameter {
  /** No upper bound. */
  static final double UNBOUNDED = Double.POSITIVE_INFINITY;

  private Hyperparameter() {}

  /** Refuses a value outside {@code [0, below)}. */
  static void require(String name, double value, double below) {
    if (!(value >= 0 && value < below)) {
      String bound = below < UNBOUNDED ? " and less than " + (int) below : "";
      throw new FoveaException(name + " must be 0 or more" + bound + ", got " + value);
    }
  }
}
