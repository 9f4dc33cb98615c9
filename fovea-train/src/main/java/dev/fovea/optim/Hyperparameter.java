package dev.fovea.optim;

import dev.fovea.tensor.FoveaException;

/** Refuses settings that no optimizer can use. */
final class Hyperparameter {
  /** A bound for what may be as large as it likes. */
  static final double ANY = Double.POSITIVE_INFINITY;

  private Hyperparameter() {}

  /** Refuses what is not in {@code [0, below)}. */
  static void require(String name, double value, double below) {
    if (!(value >= 0 && value < below)) {
      String bound = below < ANY ? " and less than " + (int) below : "";
      throw new FoveaException(name + " must be 0 or more" + bound + ", got " + value);
    }
  }
}
