package dev.fovea.metric;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * One class against all others, over all thresholds of its probability: the receiver operating characteristic (ROC) and the
 * precision-recall curve, with their areas. Images of equal probability pass a threshold together, as in scikit-learn.
 */
public final class OneVsRest {
  private final boolean[] positive;

  /** For each image the index of its probability among the different ones, the largest first. */
  private final int[] ranks;

  private final int thresholds;

  private OneVsRest(boolean[] positive, int[] ranks, int thresholds) {
    this.positive = positive;
    this.ranks = ranks;
    this.thresholds = thresholds;
  }

  /** A point of a curve. */
  public record Point(double x, double y) {}

  /** All classes in order, each against the others. */
  public static List<OneVsRest> of(Scores scores) {
    IntFunction<double[]> columns = scores.columns();
    List<OneVsRest> all = new ArrayList<>();
    for (int c = 0; c < scores.classes().size(); c++) {
      boolean[] positive = new boolean[scores.size()];
      for (int i = 0; i < positive.length; i++) {
        positive[i] = scores.label(i) == c;
      }
      all.add(of(positive, columns.apply(c)));
    }
    return all;
  }

  /**
   * Of any binary classification.
   *
   * @param scores larger ones for what is more probably positive, no NaN
   */
  public static OneVsRest of(boolean[] positive, double[] scores) {
    if (positive.length != scores.length || Arrays.stream(scores).anyMatch(Double::isNaN)) {
      throw new FoveaException("a curve needs a score for each of " + positive.length + " images, got " + scores.length
          + ", or a score that is NaN");
    }
    double[] distinct = Arrays.stream(scores).map(score -> score + 0.0).sorted().distinct().toArray();
    int[] ranks = new int[scores.length];
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] = distinct.length - 1 - Arrays.binarySearch(distinct, scores[i] + 0.0);
    }
    return new OneVsRest(positive.clone(), ranks, distinct.length);
  }

  /** The number of positive and of negative images at each threshold. */
  private record Counts(long[] positive, long[] negative, long positives, long negatives) {}

  private Counts counts(int[] times) {
    long[] of = new long[thresholds];
    long[] others = new long[thresholds];
    long positives = 0;
    long negatives = 0;
    for (int i = 0; i < ranks.length; i++) {
      if (positive[i]) {
        of[ranks[i]] += times[i];
        positives += times[i];
      } else {
        others[ranks[i]] += times[i];
        negatives += times[i];
      }
    }
    return new Counts(of, others, positives, negatives);
  }

  private Counts counts() {
    return counts(Interval.once(ranks.length));
  }

  /**
   * The true positive rate over the false positive rate, from (0, 0) for the highest threshold to (1, 1); empty if all images are of
   * the class, or none.
   */
  public List<Point> roc() {
    Counts n = counts();
    List<Point> points = new ArrayList<>();
    if (n.positives > 0 && n.negatives > 0) {
      points.add(new Point(0, 0));
      for (int t = 0, hits = 0, alarms = 0; t < thresholds; t++) {
        hits += (int) n.positive[t];
        alarms += (int) n.negative[t];
        points.add(new Point((double) alarms / n.negatives, (double) hits / n.positives));
      }
    }
    return points;
  }

  /** Precision over recall, by ascending recall, without the point at recall 0; empty if no image is of the class. */
  public List<Point> precisionRecall() {
    Counts n = counts();
    List<Point> points = new ArrayList<>();
    for (int t = 0, hits = 0, found = 0; t < thresholds && hits < n.positives; t++) {
      hits += (int) n.positive[t];
      found += (int) (n.positive[t] + n.negative[t]);
      points.add(new Point((double) hits / n.positives, (double) hits / found));
    }
    return points;
  }

  /** The area under {@link #roc} by the trapezoid rule; NaN if there is no curve. */
  public double rocArea() {
    return rocArea(Interval.once(ranks.length));
  }

  /** The same with each image counted as often as {@code times} says. */
  double rocArea(int[] times) {
    Counts n = counts(times);
    double twice = 0; // a whole number below 2^53 for up to 9e7 images, so this sum is exact
    long hits = 0;
    for (int t = 0; t < thresholds; t++) {
      twice += (double) n.negative[t] * (2 * hits + n.positive[t]);
      hits += n.positive[t];
    }
    return n.positives == 0 || n.negatives == 0 ? Double.NaN : twice / 2 / ((double) n.positives * n.negatives);
  }

  /** The mean of the precisions, each weighted by the increase of recall at its threshold; NaN if no image is of the class. */
  public double averagePrecision() {
    return averagePrecision(Interval.once(ranks.length));
  }

  double averagePrecision(int[] times) {
    Counts n = counts(times);
    double sum = 0;
    long hits = 0;
    long found = 0;
    for (int t = 0; t < thresholds; t++) {
      hits += n.positive[t];
      found += n.positive[t] + n.negative[t];
      sum += found == 0 ? 0 : (double) n.positive[t] * hits / found;
    }
    return n.positives == 0 ? Double.NaN : sum / n.positives;
  }
}
