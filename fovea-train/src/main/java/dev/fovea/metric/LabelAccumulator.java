package dev.fovea.metric;

import dev.fovea.model.Prediction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Accumulates {@link LabelMetrics}; keeps all logits for the average precision. */
final class LabelAccumulator implements MetricAccumulator {
  private final List<String> classes;
  private float[] logits = new float[0];
  private boolean[] truths = new boolean[0];
  private double loss;
  private int count;

  LabelAccumulator(List<String> classes) {
    this.classes = classes;
  }

  @Override
  public void add(int index, float[] labels, int at, float[] outputs, int offset) {
    int n = classes.size();
    int from = Math.multiplyExact(count, n);
    if (from + n > logits.length) {
      int longer = Math.max(from + n, (int) Math.min(Integer.MAX_VALUE - 8, 2L * logits.length));
      logits = Arrays.copyOf(logits, longer);
      truths = Arrays.copyOf(truths, longer);
    }
    for (int k = 0; k < n; k++) {
      float logit = outputs[offset + k];
      logits[from + k] = logit;
      truths[from + k] = labels[at + k] > 0;
      loss += Math.max(logit, 0) - logit * labels[at + k] + StrictMath.log1p(StrictMath.exp(-Math.abs(logit)));
    }
    count++;
  }

  @Override
  public Metrics metrics() {
    int n = classes.size();
    List<LabelMetrics.OfClass> all = new ArrayList<>();
    for (int c = 0; c < n; c++) {
      all.add(of(c));
    }
    long exact = IntStream.range(0, count)
        .filter(i -> IntStream.range(i * n, (i + 1) * n).allMatch(at -> isFound(at) == truths[at])).count();
    return new LabelMetrics(all, count, exact, loss / count / n);
  }

  /** A probability of {@link Prediction#THRESHOLD}, a half, is a logit of 0. */
  private boolean isFound(int at) {
    return logits[at] >= 0;
  }

  private LabelMetrics.OfClass of(int c) {
    int n = classes.size();
    long[] counts = new long[4];
    IntStream.range(0, count).map(i -> i * n + c).forEach(at -> counts[(isFound(at) ? 1 : 0) + (truths[at] ? 2 : 0)]++);
    return new LabelMetrics.OfClass(classes.get(c), counts[3], counts[1], counts[2], averagePrecision(c, counts[2] + counts[3]));
  }

  /** The sum of precision times the rise of recall, from the highest probability down; equal ones are one threshold. */
  private double averagePrecision(int c, long positives) {
    if (positives == 0) {
      return Double.NaN;
    }
    int n = classes.size();
    int[] order = IntStream.range(0, count).map(i -> i * n + c).boxed()
        .sorted(Comparator.comparingDouble((Integer at) -> -logits[at])).mapToInt(Integer::intValue).toArray();
    double sum = 0;
    long before = 0;
    long found = 0;
    for (int i = 0; i < count; i++) {
      found += truths[order[i]] ? 1 : 0;
      if (i + 1 == count || logits[order[i + 1]] != logits[order[i]]) {
        sum += (double) (found - before) * found / (i + 1);
        before = found;
      }
    }
    return sum / positives;
  }
}
