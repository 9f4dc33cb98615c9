package dev.fovea.metric;

import java.util.List;

/**
 * The metrics of a network that gives numbers of an image.
 *
 * @param count the number of images
 * @param loss the mean squared error of the standardised numbers; NaN if the network's outputs are NaN
 */
public record NumberMetrics(List<OfNumber> numbers, long count, double loss) implements Metrics {
  /**
   * One number, in the user's units.
   *
   * @param meanAbsoluteError the mean of the distances from prediction to truth
   * @param rootMeanSquaredError the root of the mean of their squares
   * @param r2 the coefficient of determination: 1 minus the mean squared error over the variance of the truth; 1 is perfect, 0 is as
   *     good as the mean of the truth, less is worse; of a constant truth 1 if there is no error, else 0
   */
  public record OfNumber(String name, double meanAbsoluteError, double rootMeanSquaredError, double r2) {}

  public NumberMetrics {
    numbers = List.copyOf(numbers);
  }

  @Override
  public Metric metric() {
    return Metric.R2;
  }

  @Override
  public double score() {
    return numbers.stream().mapToDouble(OfNumber::r2).average().orElse(0);
  }
}
