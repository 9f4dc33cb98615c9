package dev.fovea.cli.console;

import dev.fovea.metric.Estimate;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.OneVsRest;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** The result of an evaluation as text. */
public final class EvaluationText {
  /** Above this number of classes, a classifier's are not printed. */
  private static final int MAX_CLASSES = 40;

  private final Evaluation result;
  private final StringBuilder text = new StringBuilder();

  private EvaluationText(Evaluation result) {
    this.result = result;
  }

  /** Of a segmentation of images of the data set of that name. */
  public static String ofPixels(Evaluation e, int images, String data) {
    EvaluationText of = new EvaluationText(e);
    of.add("pixel accuracy          %.4f (%d of %d labelled pixels in %d images, %s)%nmean accuracy           %.4f%n"
        + "mean IoU                %.4f%nfrequency weighted IoU  %.4f%nloss                    %.4f%n",
        e.accuracy(), e.correct(), e.count(), images, Streams.escaped(data), e.meanAccuracy(), e.meanIou(),
        e.frequencyWeightedIou(), e.loss());
    of.classes(String.format(Locale.ROOT, "%6s  %9s  %6s  %12s", "IoU", "precision", "recall", "pixels"),
        c -> String.format(Locale.ROOT, "%6.4f  %9.4f  %6.4f  %12d", e.iou(c), e.precision(c), e.recall(c), e.support(c)));
    return of.text.toString();
  }

  /**
   * Of a classifier on the data set of that name.
   *
   * @param estimates may be empty
   * @param curves one for each class, or none
   */
  public static String ofImages(Evaluation e, List<Estimate> estimates, List<OneVsRest> curves, String data) {
    EvaluationText of = new EvaluationText(e);
    of.add("accuracy  %.4f (%d of %d, %s)%nloss      %.4f%n", e.accuracy(), e.correct(), e.count(), Streams.escaped(data),
        e.loss());
    of.estimates(estimates);
    if (e.classes().size() <= MAX_CLASSES) {
      String areas = curves.isEmpty() ? "" : String.format(Locale.ROOT, "  %8s  %6s", "ROC area", "AP");
      of.classes(String.format(Locale.ROOT, "%9s  %6s  %6s%s  %8s", "precision", "recall", "F1", areas, "images"),
          c -> String.format(Locale.ROOT, "%9.4f  %6.4f  %6.4f%s  %8d", e.precision(c), e.recall(c), e.f1(c),
              curves.isEmpty() ? ""
                  : "  " + number(curves.get(c).rocArea(), 8) + "  " + number(curves.get(c).averagePrecision(), 6),
              e.support(c)));
    }
    return of.text.toString();
  }

  private void estimates(List<Estimate> estimates) {
    if (estimates.isEmpty()) {
      return;
    }
    int width = estimates.stream().mapToInt(estimate -> estimate.name().length()).max().orElse(0);
    add("%n%-" + width + "s  %6s  %s%n", "metric", "value", "95% confidence interval");
    for (Estimate estimate : estimates) {
      String interval = Double.isNaN(estimate.interval().low()) ? ""
          : String.format(Locale.ROOT, "  %.4f to %.4f", estimate.interval().low(), estimate.interval().high());
      add("%-" + width + "s  %s%s%n", estimate.name(), number(estimate.value(), 6), interval);
    }
  }

  private static String number(double value, int width) {
    return Double.isNaN(value) ? String.format("%" + width + "s", "-") : String.format(Locale.ROOT, "%" + width + ".4f", value);
  }

  private void classes(String header, IntFunction<String> row) {
    List<String> names = result.classes().stream().map(Streams::escaped).toList();
    int width = Math.max(5, names.stream().mapToInt(String::length).max().orElse(0));
    add("%n%-" + width + "s  %s%n", "class", header);
    for (int c = 0; c < names.size(); c++) {
      add("%-" + width + "s  %s%n", names.get(c), row.apply(c));
    }
  }

  private void add(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }
}
