package dev.fovea.report;

import static dev.fovea.report.ReportPage.escape;
import static dev.fovea.report.ReportPage.integer;
import static dev.fovea.report.ReportPage.name;
import static dev.fovea.report.ReportPage.percent;
import static dev.fovea.report.ReportPage.plain;

import dev.fovea.metric.Evaluation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The confusion matrix, the most confused pairs of classes, and the metrics of each class. */
final class ReportMatrix {
  /** The maximum number of classes for a table with counts and rates. */
  private static final int MAX_WITH_RATES = 12;

  /** The maximum number of classes for a table of counts; a larger matrix is shown as an image. */
  private static final int MAX_WITH_COUNTS = 32;

  /** The number of classes with the lowest F1 that the table shows if there are more than {@link #MAX_WITH_COUNTS}. */
  private static final int LOWEST = 20;

  /** A longer column name is written vertically, so that the column is no wider than its counts. */
  private static final int MAX_NAME = 6;

  private static final int MAX_DENSE_NAME = 3;

  private static final int MAX_PAIRS = 10;

  private final Evaluation result;
  private final String unit;
  private final int n;

  ReportMatrix(Evaluation result) {
    this.result = result;
    this.unit = result.ofPixels() ? "pixel" : "image";
    this.n = result.classes().size();
  }

  String html() {
    return "<div class=\"split\">\n<div>\n" + matrix() + "</div>\n<div>\n" + pairs() + "</div>\n</div>\n";
  }

  private String className(int c) {
    return name(result.classes().get(c));
  }

  private String matrix() {
    if (n > MAX_WITH_COUNTS) {
      return image();
    }
    boolean dense = n > MAX_WITH_RATES;
    int longest = result.classes().stream().mapToInt(String::length).max().orElse(0);
    boolean upright = longest > (dense ? MAX_DENSE_NAME : MAX_NAME);
    StringBuilder out = new StringBuilder("<div class=\"scroll wide\"><table class=\"matrix");
    out.append(dense ? " dense" : "").append(upright ? " upright" : "").append("\">\n<thead><tr>");
    out.append("<th class=\"corner\" scope=\"col\">true ↓<br/>predicted →</th>");
    for (int p = 0; p < n; p++) {
      out.append("<th scope=\"col\">").append(className(p)).append("</th>");
    }
    out.append("<th scope=\"col\" class=\"sum\">recall</th></tr></thead>\n<tbody>\n");
    double maxError = maxError();
    for (int t = 0; t < n; t++) {
      out.append("<tr><th scope=\"row\">").append(className(t)).append("</th>");
      for (int p = 0; p < n; p++) {
        cell(out, t, p, maxError);
      }
      out.append("<td class=\"sum\">").append(percent(recall(t), 1)).append("</td></tr>\n");
    }
    out.append("</tbody></table></div>\n");
    return out.append("<p class=\"note\">Rows are true classes, columns are predicted classes of the " + unit + "s; ")
        .append("rates are relative to the row. Errors are shaded relative to the most frequent one.</p>\n").toString();
  }

  private double rate(int t, int p) {
    long support = result.support(t);
    return support == 0 ? 0 : (double) result.confusion(t, p) / support;
  }

  private double recall(int c) {
    return result.support(c) == 0 ? Double.NaN : result.recall(c);
  }

  private double maxError() {
    return IntStream.range(0, n)
        .mapToDouble(t -> IntStream.range(0, n).filter(p -> p != t).mapToDouble(p -> rate(t, p)).max().orElse(0))
        .max()
        .orElse(0);
  }

  private void cell(StringBuilder out, int t, int p, double maxError) {
    long count = result.confusion(t, p);
    if (count == 0) {
      out.append(t == p ? "<td class=\"right none\">0</td>" : "<td class=\"none\">·</td>");
      return;
    }
    double heat = t == p ? rate(t, p) : Math.sqrt(rate(t, p) / maxError);
    out.append(String.format(Locale.ROOT, "<td class=\"%s\" style=\"--heat:%.2f\" title=\"%s predicted as %s: %s of %s\">%s",
        t == p ? "right" : "wrong", heat, plain(result.classes().get(t)), plain(result.classes().get(p)), integer(count),
        integer(result.support(t)), integer(count)));
    if (n <= MAX_WITH_RATES) {
      out.append("<small>").append(percent(rate(t, p), 1)).append("</small>");
    }
    out.append("</td>");
  }

  private String image() {
    return "<figure class=\"heat\">" + ReportImages.image(ReportImages.matrix(result), "confusion matrix", "pixel invert")
        + "<figcaption>" + integer(n) + " classes: rows are true classes, columns are predicted classes of the " + unit
        + "s, both in "
        + "label order. Colours are shares of the row, blue on the diagonal and red off it.</figcaption></figure>\n";
  }

  private record Pair(int label, int predicted, long count) {}

  private String pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (int t = 0; t < n; t++) {
      for (int p = 0; p < n; p++) {
        if (t != p && result.confusion(t, p) > 0) {
          pairs.add(new Pair(t, p, result.confusion(t, p)));
        }
      }
    }
    if (pairs.isEmpty()) {
      return "<p class=\"nothing\">Every " + unit + " is classified correctly.</p>\n";
    }
    pairs.sort(Comparator.comparingLong(Pair::count).reversed());
    StringBuilder out = new StringBuilder("<table class=\"figures confused\"><caption>Most confused</caption>\n")
        .append("<thead><tr><th scope=\"col\">true</th>")
        .append(
            "<th scope=\"col\">predicted</th><th scope=\"col\">count</th><th scope=\"col\">rate</th></tr></thead>\n<tbody>\n");
    for (Pair pair : pairs.subList(0, Math.min(MAX_PAIRS, pairs.size()))) {
      out.append("<tr><td>").append(className(pair.label)).append("</td><td>").append(className(pair.predicted))
          .append("</td><td>").append(integer(pair.count)).append("</td><td>")
          .append(percent(rate(pair.label, pair.predicted), 1))
          .append("</td></tr>\n");
    }
    return out.append("</tbody></table>\n").toString();
  }

  /** Precision, recall, F1 and support of each class and their means; for pixels also the intersection over union. */
  String classes() {
    List<Integer> all = new ArrayList<>(IntStream.range(0, n).boxed().toList());
    if (n <= MAX_WITH_COUNTS) {
      return classes(all, "");
    }
    all.sort(Comparator.comparingDouble(result::f1));
    return classes(all.subList(0, LOWEST), "The " + LOWEST + " of " + integer(n) + " classes with the lowest F1")
        + "<details><summary>The other " + integer(n - LOWEST) + "</summary>\n" + classes(all.subList(LOWEST, n), "")
        + "</details>\n";
  }

  private String classes(List<Integer> shown, String caption) {
    StringBuilder out = new StringBuilder("<div class=\"scroll\"><table class=\"figures classes\">");
    out.append(caption.isEmpty() ? "" : "<caption>" + escape(caption) + "</caption>");
    out.append("\n<thead><tr><th scope=\"col\">class</th><th scope=\"col\">precision</th><th scope=\"col\">recall</th>")
        .append("<th scope=\"col\">F1</th>").append(result.ofPixels() ? "<th scope=\"col\">IoU</th>" : "")
        .append("<th scope=\"col\">support</th></tr></thead>\n<tbody>\n");
    for (int c : shown) {
      double precision = result.predicted(c) == 0 ? Double.NaN : result.precision(c);
      double f1 = result.occurs(c) ? result.f1(c) : Double.NaN;
      double iou = result.occurs(c) ? result.iou(c) : Double.NaN;
      row(out, className(c), shares(precision, recall(c), f1, iou), result.support(c));
    }
    out.append("</tbody>\n<tfoot>\n");
    double[] means = shares(result.macroPrecision(), result.macroRecall(), result.macroF1(), result.meanIou());
    row(out, "mean of the classes", means, result.count());
    return out.append("</tfoot></table></div>\n").toString();
  }

  private double[] shares(double precision, double recall, double f1, double iou) {
    return result.ofPixels() ? new double[] {precision, recall, f1, iou} : new double[] {precision, recall, f1};
  }

  private static void row(StringBuilder out, String name, double[] shares, long support) {
    out.append("<tr><th scope=\"row\">").append(name).append("</th>");
    for (double share : shares) {
      out.append(String.format(Locale.ROOT, "<td class=\"bar\" style=\"--share:%.4f\">%s</td>",
          Double.isNaN(share) ? 0 : share, percent(share, 2)));
    }
    out.append("<td>").append(integer(support)).append("</td></tr>\n");
  }
}
