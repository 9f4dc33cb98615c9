package dev.fovea.metric;

import java.util.ArrayList;
import java.util.List;

/**
 * How far the probabilities of a classifier's predictions agree with their accuracy: the data of a reliability diagram (Guo et al.
 * 2017, On calibration of modern neural networks, section 2).
 *
 * @param bins of equal width from 0 to 1, ascending
 */
public record Calibration(List<Bin> bins) {
  /** The number of bins, as in the paper's experiments. */
  public static final int BINS = 15;

  public Calibration {
    bins = List.copyOf(bins);
  }

  /**
   * The predictions with a probability above {@code low}, up to {@code high}.
   *
   * @param count the number of predictions
   * @param confidence their mean probability; NaN if there are none
   * @param accuracy the share of correct ones; NaN if there are none
   */
  public record Bin(double low, double high, long count, double confidence, double accuracy) {}

  public static Calibration of(Scores scores) {
    return new Confidences(scores).calibration(Interval.once(scores.size()));
  }

  /** The expected calibration error: the mean difference of confidence and accuracy, each bin weighted by its number of predictions. */
  public double ece() {
    long all = bins.stream().mapToLong(Bin::count).sum();
    return bins.stream()
        .filter(bin -> bin.count > 0)
        .mapToDouble(bin -> Math.abs(bin.accuracy - bin.confidence) * bin.count / all)
        .sum();
  }

  /** The probability of each prediction, and whether it is correct. */
  static final class Confidences {
    private final double[] confidence;
    private final boolean[] correct;
    private final int[] bin;

    Confidences(Scores scores) {
      confidence = new double[scores.size()];
      correct = new boolean[scores.size()];
      bin = new int[scores.size()];
      for (int i = 0; i < confidence.length; i++) {
        double[] p = scores.probabilities(i);
        int predicted = MetricAccumulator.largest(p);
        confidence[i] = p[predicted];
        correct[i] = predicted == scores.label(i);
        bin[i] = Math.clamp((long) Math.ceil(confidence[i] * BINS) - 1, 0, BINS - 1);
      }
    }

    /** Each image counted as often as {@code times} says. */
    Calibration calibration(int[] times) {
      long[] counts = new long[BINS];
      long[] hits = new long[BINS];
      double[] sums = new double[BINS];
      for (int i = 0; i < times.length; i++) {
        counts[bin[i]] += times[i];
        hits[bin[i]] += correct[i] ? times[i] : 0;
        sums[bin[i]] += times[i] * confidence[i];
      }
      List<Bin> bins = new ArrayList<>();
      for (int b = 0; b < BINS; b++) {
        double n = counts[b] == 0 ? Double.NaN : counts[b];
        bins.add(new Bin((double) b / BINS, (b + 1.0) / BINS, counts[b], sums[b] / n, hits[b] / n));
      }
      return new Calibration(bins);
    }
  }
}
