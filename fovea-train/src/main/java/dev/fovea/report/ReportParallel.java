package dev.fovea.report;

import static dev.fovea.report.ReportPage.escape;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A chart in parallel coordinates (Inselberg 1985, The plane with parallel coordinates) as SVG: an axis per variable, the last for
 * a score, and a line per observation, coloured by the rank of its score.
 */
public final class ReportParallel {
  private static final int WIDTH = 980;
  private static final int HEIGHT = 330;
  private static final int SIDE = 84;
  private static final int TOP = 34;
  private static final int BOTTOM = 16;

  private final List<Axis> axes;
  private final List<Line> lines;
  private final ReportAxis score;
  private final StringBuilder out = new StringBuilder();

  /** A variable; its ticks are labels and places, from 0 at the bottom to 1 at the top. */
  public record Axis(String name, List<Tick> ticks) {
    public Axis {
      ticks = List.copyOf(ticks);
    }
  }

  /** A label at a place. */
  public record Tick(String label, double place) {}

  /**
   * An observation.
   *
   * @param name for the text that appears over the line
   * @param places on each axis, from 0 to 1
   * @param score from 0 to 1
   * @param best whether the line is emphasized
   */
  public record Line(String name, List<Double> places, double score, boolean best) {
    public Line {
      places = List.copyOf(places);
    }
  }

  private ReportParallel(List<Axis> axes, List<Line> lines) {
    this.axes = axes;
    // the best are drawn last, above the others
    this.lines = lines.stream().sorted(Comparator.comparing(Line::best).thenComparingDouble(Line::score)).toList();
    this.score = ReportAxis.of(
        lines.stream().mapToDouble(Line::score).summaryStatistics(), HEIGHT - BOTTOM, TOP, ReportCharts.Scale.PERCENT);
  }

  /**
   * A figure.
   *
   * @param axes those before the score's
   * @param scoreName the name of the last axis
   * @param lines of finite scores
   */
  public static String html(String title, List<Axis> axes, String scoreName, List<Line> lines) {
    if (lines.isEmpty()) {
      return "<p class=\"nothing\">Nothing was recorded.</p>\n";
    }
    return "<figure class=\"chart parallel\">\n<figcaption><b>" + escape(title) + "</b></figcaption>\n"
        + new ReportParallel(axes, lines).svg(scoreName) + "</figure>\n";
  }

  private String svg(String scoreName) {
    out.append(String.format(Locale.ROOT, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, HEIGHT,
        escape("a line per trial over " + String.join(", ", axes.stream().map(axis -> axis.name).toList()) + ", " + scoreName)));
    lines.forEach(this::line);
    for (int a = 0; a < axes.size(); a++) {
      axis(a, axes.get(a).name);
      for (Tick tick : axes.get(a).ticks) {
        label(a, y(tick.place), tick.label);
      }
    }
    axis(axes.size(), scoreName);
    score.ticks().forEach(tick -> label(axes.size(), score.coordinate(tick), score.text(tick)));
    return out.append("</svg>\n").toString();
  }

  /** The share of lower scores, from 0 for the lowest to 1 for the highest, if that is but one. */
  private double heat(Line line) {
    long lower = lines.stream().filter(other -> other.score < line.score).count();
    return lines.size() == 1 ? 1 : lower / (lines.size() - 1.0);
  }

  private double x(int axis) {
    return SIDE + (WIDTH - 2.0 * SIDE) * axis / axes.size();
  }

  private static double y(double place) {
    return HEIGHT - BOTTOM - place * (HEIGHT - BOTTOM - TOP);
  }

  private void line(Line line) {
    StringBuilder path = new StringBuilder();
    for (int a = 0; a <= axes.size(); a++) {
      double y = a < axes.size() ? y(line.places.get(a)) : score.coordinate(line.score);
      path.append(String.format(Locale.ROOT, "%s%.1f %.1f", a == 0 ? "M" : "L", x(a), y));
    }
    out.append(String.format(Locale.ROOT, "<path class=\"line%s\" style=\"--heat:%.3f\" d=\"%s\"><title>%s</title></path>\n",
        line.best ? " best" : "", heat(line), path, ReportPage.plain(line.name) + ": " + ReportPage.percent(line.score, 2)));
  }

  private void axis(int axis, String name) {
    out.append(String.format(Locale.ROOT, "<path class=\"axis\" d=\"M%.1f %dV%d\"/>", x(axis), TOP, HEIGHT - BOTTOM));
    out.append(String.format(Locale.ROOT, "<text class=\"middle remark\" x=\"%.1f\" y=\"%d\">%s</text>\n", x(axis), TOP - 16,
        escape(name)));
  }

  /** To the left of an axis, of the last to its right. */
  private void label(int axis, double y, String text) {
    boolean last = axis == axes.size();
    out.append(String.format(Locale.ROOT, "<path class=\"axis\" d=\"M%.1f %.1fh%d\"/>", x(axis), y, last ? 4 : -4));
    out.append(String.format(Locale.ROOT, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", last ? "start" : "end",
        x(axis) + (last ? 8 : -8), y + 4, escape(text)));
  }
}
