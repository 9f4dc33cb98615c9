package dev.fovea.optim;

import dev.fovea.tensor.FoveaException;

/**
 * An average of the parameters over the steps, with which the network is evaluated and stored while training goes on with the
 * parameters themselves; running statistics are averaged too.
 *
 * @param kind exponential (EMA): {@code a += (1 - decay) * (w - a)} after each step, from the first step's parameters on (Polyak and
 *     Juditsky 1992; Tarvainen and Valpola 2017, arXiv 1703.01780); equal (SWA): the mean of the parameters after each epoch from
 *     {@code start} on (Izmailov et al. 2018, arXiv 1803.05407, algorithm 1)
 * @param decay of the exponential average
 * @param start of the equal average, as a part of the run's epochs
 */
public record WeightAveraging(Kind kind, double decay, double start) {
  /** How the average is formed. */
  public enum Kind {
    NONE, EXPONENTIAL, EQUAL
  }

  /** The parameters as they are. */
  public static final WeightAveraging NONE = new WeightAveraging(Kind.NONE, 0, 0);

  public WeightAveraging {
    if (!(decay >= 0 && decay < 1) || !(start >= 0 && start < 1)) {
      throw new FoveaException(
          "the decay and the start of averaged weights must be 0 or more and below 1, got " + decay + " and " + start);
    }
  }

  public static WeightAveraging exponential(double decay) {
    return new WeightAveraging(Kind.EXPONENTIAL, decay, 0);
  }

  public static WeightAveraging equal(double start) {
    return new WeightAveraging(Kind.EQUAL, 0, start);
  }

  /** Whether there is an average. */
  public boolean isUsed() {
    return kind != Kind.NONE;
  }

  /**
   * Takes parameters into the average.
   *
   * @param before how many were taken before
   */
  public void take(float[] average, float[] parameters, long before) {
    if (before == 0) {
      System.arraycopy(parameters, 0, average, 0, average.length);
      return;
    }
    float share = (float) (kind == Kind.EXPONENTIAL ? 1 - decay : 1.0 / (before + 1));
    for (int i = 0; i < average.length; i++) {
      average[i] += share * (parameters[i] - average[i]);
    }
  }
}
