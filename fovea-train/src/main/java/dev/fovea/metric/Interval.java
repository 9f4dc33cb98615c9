package dev.fovea.metric;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** A 95 % confidence interval; NaN if there is none. */
public record Interval(double low, double high) {
  /** The number of resamples of {@link #bootstrap}. */
  public static final int RESAMPLES = 1_000;

  /** The quantile of the normal distribution of two-sided 95 %. */
  private static final double Z = 1.959963984540054;

  private static final long SEED = 1;

  /**
   * Wilson's score interval of a share (Wilson 1927, Probable inference, the law of succession, and statistical inference).
   *
   * @param part from 0 to {@code whole}
   */
  public static Interval wilson(long part, long whole) {
    if (part < 0 || part > whole) {
      throw new FoveaException("an interval needs a part from 0 to the whole, got " + part + " of " + whole);
    }
    if (whole == 0) {
      return new Interval(Double.NaN, Double.NaN);
    }
    double n = whole;
    double p = part / n;
    double middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
    double half = Z / (1 + Z * Z / n) * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
    return new Interval(part == 0 ? 0 : Math.max(0, middle - half), part == whole ? 1 : Math.min(1, middle + half));
  }

  /**
   * The percentile interval of the bootstrap (Efron and Tibshirani 1993, An introduction to the bootstrap, section 13.3): from the
   * 2.5th to the 97.5th percentile of a metric over {@value #RESAMPLES} resamples with replacement. The resamples are a function of
   * the number of images. Those for which the metric is NaN are left out.
   *
   * @param metric of the images, each counted as often as the argument says
   */
  public static Interval bootstrap(int images, ToDoubleFunction<int[]> metric) {
    Rng resamples = Rng.of(SEED).at("bootstrap");
    double[] values = IntStream.range(0, images == 0 ? 0 : RESAMPLES)
        .mapToDouble(r -> metric.applyAsDouble(resample(resamples.at(r), images)))
        .filter(value -> !Double.isNaN(value))
        .sorted()
        .toArray();
    return new Interval(quantile(values, 0.025), quantile(values, 0.975));
  }

  private static int[] resample(Rng random, int images) {
    int[] times = new int[images];
    for (int i = 0; i < images; i++) {
      times[random.below(i, images)]++;
    }
    return times;
  }

  /** With linear interpolation between neighbours. */
  private static double quantile(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double at = share * (sorted.length - 1);
    int below = (int) at;
    double next = sorted[Math.min(below + 1, sorted.length - 1)];
    return sorted[below] + (at - below) * (next - sorted[below]);
  }

  /** All images counted once. */
  static int[] once(int images) {
    int[] times = new int[images];
    Arrays.fill(times, 1);
    return times;
  }
}
