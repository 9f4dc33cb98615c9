package dev.fovea.report;

import static dev.fovea.report.ReportPage.heading;
import static dev.fovea.report.ReportPage.number;
import static dev.fovea.report.ReportPage.percent;
import static dev.fovea.report.ReportPage.section;

import dev.fovea.metric.Calibration;
import dev.fovea.metric.OneVsRest;
import dev.fovea.metric.Scores;
import dev.fovea.report.ReportCharts.Lines;
import dev.fovea.report.ReportCharts.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** A classifier's probabilities: the reliability diagram, and the curves of each class against the others. */
final class ReportCurves {
  /** The number of classes that a chart shows, as many as there are colours. */
  private static final int SHOWN = 8;

  /** Points of a curve that are closer than this, as a share of an axis, are not drawn: less than a pixel. */
  private static final double STEP = 1 / 500.0;

  /** A dashed line. */
  private static final int DIAGONAL = 15;

  private static final int ACCURACY = 0;

  private final Scores scores;
  private final List<OneVsRest> curves;

  ReportCurves(Scores scores) {
    this.scores = scores;
    this.curves = OneVsRest.of(scores);
  }

  String html() {
    Calibration calibration = Calibration.of(scores);
    String which =
        curves.size() > SHOWN ? " Shown are the " + SHOWN + " classes of " + curves.size() + " with the smallest areas." : "";
    String about = "Reliability: the accuracy of the predictions over their mean probability, in " + Calibration.BINS
        + " bins of probability; the expected calibration error is " + percent(calibration.ece(), 2)
        + ". The other curves are of each class against all others, over the thresholds of its probability." + which;
    return section("probabilities", heading("Probabilities", about) + "<div class=\"charts\">\n" + reliability(calibration).html()
        + roc().html() + precisionRecall().html() + "</div>\n");
  }

  private static Lines reliability(Calibration calibration) {
    List<Point> bins = calibration.bins().stream().filter(bin -> bin.count() > 0)
        .map(bin -> new Point(bin.confidence(), bin.accuracy())).toList();
    return ReportCharts.shares("Reliability", "probability of the prediction", "accuracy")
        .series("predictions", ACCURACY, bins)
        .series("calibrated", DIAGONAL, List.of(new Point(0, 0), new Point(1, 1)));
  }

  private Lines roc() {
    return lines(ReportCharts.shares("ROC", "false positive rate", "true positive rate; with the area"), OneVsRest::rocArea,
        OneVsRest::roc);
  }

  private Lines precisionRecall() {
    return lines(ReportCharts.shares("Precision and recall", "recall", "precision; with the average precision"),
        OneVsRest::averagePrecision, OneVsRest::precisionRecall);
  }

  private Lines lines(Lines empty, ToDoubleFunction<OneVsRest> area, Function<OneVsRest, List<OneVsRest.Point>> curve) {
    List<Integer> shown = IntStream.range(0, curves.size()).boxed()
        .filter(c -> !Double.isNaN(area.applyAsDouble(curves.get(c))))
        .sorted(Comparator.comparingDouble(c -> area.applyAsDouble(curves.get(c))))
        .limit(SHOWN)
        .sorted()
        .toList();
    Lines chart = empty;
    for (int c : shown) {
      String name = scores.classes().get(c) + ": " + number(area.applyAsDouble(curves.get(c)));
      chart = chart.series(name, thinned(curve.apply(curves.get(c))));
    }
    return chart;
  }

  /** The first and last point, and those between them that are far enough from the one before. */
  private static List<Point> thinned(List<OneVsRest.Point> points) {
    List<Point> drawn = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      Point next = new Point(points.get(i).x(), points.get(i).y());
      if (i == 0 || i == points.size() - 1 || Math.abs(next.x() - drawn.getLast().x()) >= STEP
          || Math.abs(next.y() - drawn.getLast().y()) >= STEP) {
        drawn.add(next);
      }
    }
    return drawn;
  }
}
