package dev.fovea.tune;

import static dev.fovea.report.ReportPage.heading;
import static dev.fovea.report.ReportPage.integer;
import static dev.fovea.report.ReportPage.name;
import static dev.fovea.report.ReportPage.number;
import static dev.fovea.report.ReportPage.section;

import dev.fovea.format.AtomicFile;
import dev.fovea.report.ReportCharts;
import dev.fovea.report.ReportPage;
import dev.fovea.train.LearningRateRange;
import dev.fovea.train.LearningRateRange.Point;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The page of a learning rate range test: its curve, and the suggestion. */
public final class LearningRatePage {
  /** Colours of the style sheet. */
  private static final int SMOOTHED = 0;

  private static final int LOSS = 7;

  private LearningRatePage() {}

  /**
   * Writes the page atomically.
   *
   * @param title names the network and the data
   */
  public static void write(Path file, String title, LearningRateRange range) {
    AtomicFile.write(file, html(title, range));
  }

  /** The page. */
  static String html(String title, LearningRateRange range) {
    ReportCharts.Lines chart = ReportCharts.lines("Loss", "log10 of the learning rate", "of the step's batch, and its average")
        .series("loss", LOSS, points(range, Point::loss))
        .series("smoothed", SMOOTHED, points(range, Point::smoothed));
    if (range.steepest().isPresent()) {
      double suggestion = range.steepest().getAsDouble();
      chart = chart.mark(Math.log10(suggestion), "steepest, " + number(suggestion));
    }
    String about = "The smoothed loss is the exponential moving average of the losses so far. Losses of more than "
        + integer(LearningRateRange.MAX_RATIO) + " times its least value, where the test ends, are left out of the chart.";
    return ReportPage.of("Learning rates: " + title,
        section("top",
            ReportPage.brand("Fovea learning rate range test") + "<h1>" + name(title) + "</h1>\n<div class=\"result\">\n"
                + suggestion(range) + "</div>\n")
            + section("curves", heading("Loss at each learning rate", about) + "<div class=\"charts\">\n" + chart.html()
                + table(range) + "</div>\n"));
  }

  private static String suggestion(LearningRateRange range) {
    if (range.steepest().isEmpty()) {
      return "<p>The loss did not fall at any learning rate.</p>\n";
    }
    return "<p class=\"figure\"><strong>" + number(range.steepest().getAsDouble())
        + "</strong><span>suggested learning rate</span></p>\n"
        + "<p>There the smoothed loss falls fastest. A tenth of the learning rate at which it is least is "
        + number(range.bound().orElseThrow()) + "; above that, longer training may be unstable.</p>\n";
  }

  private static String table(LearningRateRange range) {
    StringBuilder out = new StringBuilder("<figure class=\"epochs\"><figcaption><b>Steps</b></figcaption>\n")
        .append("<div class=\"scroll tall\"><table class=\"figures\"><thead><tr><th scope=\"col\">learning rate</th>")
        .append("<th scope=\"col\">loss</th><th scope=\"col\">smoothed</th></tr></thead>\n<tbody>\n");
    range.points().forEach(p -> out.append("<tr><th scope=\"row\">").append(number(p.learningRate())).append("</th><td>")
        .append(number(p.loss())).append("</td><td>").append(number(p.smoothed())).append("</td></tr>\n"));
    return out.append("</tbody></table></div></figure>\n").toString();
  }

  private static List<ReportCharts.Point> points(LearningRateRange range, ToDoubleFunction<Point> of) {
    double least = range.points().stream().mapToDouble(Point::smoothed).min().orElse(Double.NaN);
    return range.points().stream().map(p -> new ReportCharts.Point(Math.log10(p.learningRate()),
        of.applyAsDouble(p) <= LearningRateRange.MAX_RATIO * least ? of.applyAsDouble(p) : Double.NaN)).toList();
  }
}
