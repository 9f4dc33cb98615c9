package dev.fovea.explain.quality;

import java.util.Comparator;
import java.util.stream.IntStream;

/** How alike the orders of two lists of numbers are: Spearman 1904; 1 if equal, 0 if unrelated, -1 if reversed. */
public final class RankCorrelation {
  private RankCorrelation() {}

  /** NaN if all numbers of a list are equal. */
  public static double of(double[] a, double[] b) {
    double[] ranksOfA = ranks(a);
    double[] ranksOfB = ranks(b);
    double mean = (a.length - 1) / 2.0;
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      double da = ranksOfA[i] - mean;
      double db = ranksOfB[i] - mean;
      ab += da * db;
      aa += da * da;
      bb += db * db;
    }
    return ab / Math.sqrt(aa * bb);
  }

  /** Equal numbers have the mean of their ranks. */
  private static double[] ranks(double[] values) {
    int[] order = IntStream.range(0, values.length).boxed().sorted(Comparator.comparingDouble(i -> values[i]))
        .mapToInt(Integer::intValue).toArray();
    double[] ranks = new double[values.length];
    for (int from = 0; from < order.length;) {
      int to = from;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + to - 1) / 2.0;
      }
      from = to;
    }
    return ranks;
  }
}
