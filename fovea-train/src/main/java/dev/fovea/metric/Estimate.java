package dev.fovea.metric;

import dev.fovea.metric.Calibration.Confidences;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A metric of a classifier with its confidence interval: Wilson's for shares of images, the {@linkplain Interval#bootstrap
 * bootstrap}'s for all others. The calibration error of a resample is larger on average than that of the images, so that its
 * interval reaches further above the value than below.
 *
 * @param value NaN if it is not defined, such as an area without images of a class
 * @param interval NaN if it is not computed
 */
public record Estimate(String name, double value, Interval interval) {
  /** The number of images times classes above which the areas get no interval, since it would take long. */
  public static final long MAX_RESAMPLED = 1 << 17;

  private static final Interval NONE = new Interval(Double.NaN, Double.NaN);

  /** As a key in JSON: {@code top_5_accuracy}. */
  public String key() {
    return name.toLowerCase(Locale.ROOT).replaceAll("[ -]", "_");
  }

  /**
   * Accuracy, top-k accuracy, macro F1, the unweighted means over the classes of ROC area and average precision, cross-entropy, and
   * expected calibration error. A resample that lacks a class leaves it out of the means.
   *
   * @param top the k of top-k accuracy
   * @param curves of the scores, one for each class
   */
  public static List<Estimate> of(Scores scores, OptionalInt top, List<OneVsRest> curves) {
    int n = scores.size();
    List<Estimate> all = new ArrayList<>();
    all.add(share("accuracy", scores.correct(1), n));
    top.ifPresent(k -> all.add(share("top-" + k + " accuracy", scores.correct(k), n)));
    F1 f1 = new F1(scores);
    all.add(resampled("macro F1", n, f1::macro));
    boolean few = (long) n * curves.size() <= MAX_RESAMPLED;
    all.add(mean("macro ROC area", curves, n, few, OneVsRest::rocArea));
    all.add(mean("macro average precision", curves, n, few, OneVsRest::averagePrecision));
    double[] losses = IntStream.range(0, n).mapToDouble(scores::loss).toArray();
    all.add(resampled("loss", n, times -> IntStream.range(0, n).mapToDouble(i -> times[i] * losses[i]).sum() / n));
    Confidences confidences = new Confidences(scores);
    all.add(resampled("ECE", n, times -> confidences.calibration(times).ece()));
    return all;
  }

  private static Estimate share(String name, int part, int whole) {
    return new Estimate(name, whole == 0 ? Double.NaN : (double) part / whole, Interval.wilson(part, whole));
  }

  private static Estimate resampled(String name, int images, ToDoubleFunction<int[]> metric) {
    return new Estimate(name, metric.applyAsDouble(Interval.once(images)), Interval.bootstrap(images, metric));
  }

  private static Estimate mean(String name, List<OneVsRest> curves, int images, boolean interval,
      ToDoubleBiFunction<OneVsRest, int[]> area) {
    ToDoubleFunction<int[]> mean = times -> curves.stream().mapToDouble(curve -> area.applyAsDouble(curve, times))
        .filter(value -> !Double.isNaN(value)).average().orElse(Double.NaN);
    return interval ? resampled(name, images, mean) : new Estimate(name, mean.applyAsDouble(Interval.once(images)), NONE);
  }

  /** The predicted class of each image. */
  private static final class F1 {
    private final int[] labels;
    private final int[] predicted;
    private final int classes;

    F1(Scores scores) {
      labels = IntStream.range(0, scores.size()).map(scores::label).toArray();
      predicted = IntStream.range(0, scores.size()).map(i -> MetricAccumulator.largest(scores.probabilities(i))).toArray();
      classes = scores.classes().size();
    }

    /** As {@link Evaluation#macroF1}. */
    double macro(int[] times) {
      long[] hits = new long[classes];
      long[] both = new long[classes];
      for (int i = 0; i < labels.length; i++) {
        both[labels[i]] += times[i];
        both[predicted[i]] += times[i];
        hits[labels[i]] += labels[i] == predicted[i] ? times[i] : 0;
      }
      return IntStream.range(0, classes).filter(c -> both[c] > 0).mapToDouble(c -> 2.0 * hits[c] / both[c]).average().orElse(0);
    }
  }
}
