package dev.fovea.report;

import static dev.fovea.report.ReportPage.heading;
import static dev.fovea.report.ReportPage.integer;
import static dev.fovea.report.ReportPage.name;
import static dev.fovea.report.ReportPage.number;
import static dev.fovea.report.ReportPage.percent;
import static dev.fovea.report.ReportPage.section;

import dev.fovea.metric.LabelMetrics;
import dev.fovea.metric.NumberMetrics;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** What a report says of several labels and of numbers. */
final class ReportMetrics {
  private ReportMetrics() {}

  /** @param data the name of the data set */
  static String sentence(LabelMetrics shown, String data) {
    return "Of " + integer(shown.count()) + " images of " + name(data) + ", " + integer(shown.exact())
        + " have all their labels right. Mean average precision is the mean over the classes of the area under precision and recall.";
  }

  /** @param data the name of the data set */
  static String sentence(NumberMetrics shown, String data) {
    return "On " + integer(shown.count()) + " images of " + name(data)
        + ". R2 is 1 minus the mean squared error over the variance of the true numbers: 1 is perfect, 0 as good as their mean.";
  }

  static String html(LabelMetrics shown) {
    StringBuilder out = new StringBuilder("<div class=\"scroll\"><table class=\"figures classes\">\n")
        .append(head("class", "precision", "recall", "F1", "average precision", "support"));
    for (LabelMetrics.OfClass c : shown.classes()) {
      shares(out, name(c.name()), c.support(), c.precision(), c.recall(), c.f1(), c.averagePrecision());
    }
    out.append("</tbody>\n<tfoot>\n");
    long all = shown.classes().stream().mapToLong(LabelMetrics.OfClass::support).sum();
    shares(out, "mean of the classes", all, shown.macroPrecision(), shown.macroRecall(), shown.macroF1(),
        shown.meanAveragePrecision());
    shares(out, "all labels together", all, shown.microPrecision(), shown.microRecall(), shown.microF1(), Double.NaN);
    out.append("</tfoot></table></div>\n");
    return section("by-class",
        heading("Metrics per class", "A class counts as found if its probability is 0.5 or more. Precision: the"
            + " share of images that have it among those where it is found. Recall: the share of those where it is found among those that"
            + " have it. F1 is their harmonic mean. Average precision is the mean of the precision over all recalls.") + out);
  }

  static String html(NumberMetrics shown) {
    StringBuilder out = new StringBuilder("<div class=\"scroll\"><table class=\"figures\">\n")
        .append(head("number", "mean absolute error", "root mean squared error", "R2"));
    for (NumberMetrics.OfNumber n : shown.numbers()) {
      out.append("<tr><th scope=\"row\">").append(name(n.name())).append("</th>");
      DoubleStream.of(n.meanAbsoluteError(), n.rootMeanSquaredError(), n.r2())
          .forEach(value -> out.append("<td>").append(number(value)).append("</td>"));
      out.append("</tr>\n");
    }
    return section("numbers", heading("Errors", "In the units of the data.") + out.append("</tbody></table></div>\n"));
  }

  private static String head(String... columns) {
    StringBuilder out = new StringBuilder("<thead><tr>");
    for (String column : columns) {
      out.append("<th scope=\"col\">").append(column).append("</th>");
    }
    return out.append("</tr></thead>\n<tbody>\n").toString();
  }

  private static void shares(StringBuilder out, String name, long support, double... shares) {
    out.append("<tr><th scope=\"row\">").append(name).append("</th>");
    for (double share : shares) {
      out.append(String.format(Locale.ROOT, "<td class=\"bar\" style=\"--share:%.4f\">%s</td>", Double.isNaN(share) ? 0 : share,
          percent(share, 2)));
    }
    out.append("<td>").append(integer(support)).append("</td></tr>\n");
  }
}
