package dev.fovea.metric;

import dev.fovea.tensor.FoveaException;

/**
 * Temperature scaling (Guo et al. 2017, On calibration of modern neural networks, section 4.2): logits are divided by one number, so
 * that probabilities agree better with accuracy. No prediction changes, only its probability.
 */
public final class TemperatureScaling {
  /** Temperatures from 1/100 to 100 are found. */
  private static final double MAX_INVERSE = 100;

  private static final double TOLERANCE = 1e-12;
  private static final int MAX_STEPS = 200;

  private TemperatureScaling() {}

  /**
   * The temperature that minimises the cross-entropy of the labels, whatever the temperature of the scores. The cross-entropy is
   * convex in the inverse of the temperature: Newton's method, with bisection for steps that leave the interval of the minimum.
   *
   * @param scores of images that the network was not trained on, such as the validation images
   * @throws FoveaException if there is no minimum: because there are no images, all predictions are right, or the logits are no
   *     better than chance
   */
  public static double fit(Scores scores) {
    double low = 1 / MAX_INVERSE;
    double high = MAX_INVERSE;
    if (scores.size() == 0) {
      throw new FoveaException("a temperature is fitted to images, got none");
    }
    if (!(slope(scores, low).first < 0)) {
      throw new FoveaException(
          "there is no temperature that improves the probabilities: the network's outputs say nothing about the classes");
    }
    if (!(slope(scores, high).first > 0)) {
      throw new FoveaException("there is no best temperature: the " + scores.size()
          + " validation images are classified too well; use more of them");
    }
    double inverse = 1;
    for (int step = 0; step < MAX_STEPS && high - low > TOLERANCE * inverse; step++) {
      Slope slope = slope(scores, inverse);
      if (slope.first > 0) {
        high = inverse;
      } else {
        low = inverse;
      }
      double next = inverse - slope.first / slope.second;
      if (!(next > low && next < high)) {
        next = (low + high) / 2;
      }
      if (Math.abs(next - inverse) <= TOLERANCE * inverse) {
        return 1 / next;
      }
      inverse = next;
    }
    return 1 / inverse;
  }

  /** The first and second derivative of the summed cross-entropy. */
  private record Slope(double first, double second) {}

  /** Mean of the logits under the probabilities, minus the label's logit; and the logits' variance under the probabilities. */
  private static Slope slope(Scores scores, double inverse) {
    double first = 0;
    double second = 0;
    for (int i = 0; i < scores.size(); i++) {
      double[] z = scores.logits(i);
      double max = Double.NEGATIVE_INFINITY;
      for (double logit : z) {
        max = Math.max(max, logit);
      }
      double sum = 0;
      double mean = 0;
      double square = 0;
      for (double logit : z) {
        double p = StrictMath.exp((logit - max) * inverse);
        sum += p;
        mean += p == 0 ? 0 : p * (logit - max);
        square += p == 0 ? 0 : p * (logit - max) * (logit - max);
      }
      mean /= sum;
      first += mean - (z[scores.label(i)] - max);
      second += square / sum - mean * mean;
    }
    return new Slope(first, second);
  }
}
