package dev.fovea.report;

import static dev.fovea.report.ReportPage.escape;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Charts as SVG in a page of {@link ReportPage}, whose style sheet defines their colours, light and dark. */
public final class ReportCharts {
  private static final int WIDTH = 460;
  private static final int HEIGHT = 270;
  private static final int LEFT = 54;
  private static final int RIGHT = 14;

  /** The margin for the label 100 % at the end of an axis. */
  private static final int RIGHT_OF_SHARES = 24;

  private static final int TOP = 12;
  private static final int BOTTOM = 40;

  /** The number of colours in the style sheet; further series reuse them with dashed lines. */
  private static final int COLOURS = 8;

  /** A series with more points is drawn without dots. */
  private static final int MAX_DOTS = 60;

  private static final DoubleSummaryStatistics WHOLE = new DoubleSummaryStatistics(2, 0, 1, 1);

  private ReportCharts() {}

  /** A point of a chart. One that is not finite leaves a gap. */
  public record Point(double x, double y) {
    boolean finite() {
      return Double.isFinite(x) && Double.isFinite(y);
    }
  }

  /**
   * A line and its name in the legend.
   *
   * @param colour its index in the style sheet, from 0; use the same for the same quantity in all charts of a page
   */
  public record Series(String name, int colour, List<Point> points) {
    public Series {
      points = List.copyOf(points);
    }
  }

  /** A vertical line with a label. */
  public record Mark(double x, String text) {}

  /** The scale of the y axis. */
  public enum Scale {
    /** Logarithmic if the largest value is 20 times the smallest or more, so that small losses can be distinguished. */
    AUTOMATIC,

    /** Linear. */
    LINEAR,

    /** Linear; values from 0 to 1 are labelled in percent. */
    PERCENT
  }

  /** An empty chart of scale {@link Scale#AUTOMATIC}. */
  public static Lines lines(String title, String xLabel, String yLabel) {
    return new Lines(title, xLabel, yLabel, Scale.AUTOMATIC, List.of(), Optional.empty(), false);
  }

  /** An empty chart whose axes both go from 0 to 100 %. */
  public static Lines shares(String title, String xLabel, String yLabel) {
    return new Lines(title, xLabel, yLabel, Scale.PERCENT, List.of(), Optional.empty(), true);
  }

  /**
   * A chart of several series over common axes. Immutable: each method returns another chart.
   *
   * @param xLabel of integer values, such as epochs, or of shares
   * @param shares whether both axes are from 0 to 1
   */
  public record Lines(String title, String xLabel, String yLabel, Scale scale, List<Series> series, Optional<Mark> mark,
      boolean shares) {
    public Lines {
      series = List.copyOf(series);
    }

    /** Adds a series, in the next colour. */
    public Lines series(String name, List<Point> points) {
      return series(name, series.size(), points);
    }

    public Lines series(String name, int colour, List<Point> points) {
      List<Series> more = new ArrayList<>(series);
      more.add(new Series(name, colour, points));
      return new Lines(title, xLabel, yLabel, scale, more, mark, shares);
    }

    public Lines scale(Scale scale) {
      return new Lines(title, xLabel, yLabel, scale, series, mark, shares);
    }

    public Lines mark(double x, String text) {
      return new Lines(title, xLabel, yLabel, scale, series, Optional.of(new Mark(x, text)), shares);
    }

    /** A figure: title, legend if there is more than one series, and plot. */
    public String html() {
      Drawing drawing = new Drawing(this);
      StringBuilder out = new StringBuilder()
          .append("<figure class=\"chart\">\n<figcaption><b>").append(escape(title)).append("</b> <span>")
          .append(escape(yLabel)).append(drawing.y.log() ? ", log scale" : "").append("</span></figcaption>\n");
      if (series.size() > 1) {
        out.append("<ul class=\"legend\">");
        for (Series line : series) {
          out.append("<li><svg class=\"key ").append(colour(line.colour)).append("\" viewBox=\"0 0 26 10\" aria-hidden=\"true\">")
              .append("<path d=\"M1 5H25\"/><circle cx=\"13\" cy=\"5\" r=\"3\"/></svg>").append(ReportPage.name(line.name))
              .append("</li>");
        }
        out.append("</ul>\n");
      }
      return out.append(drawing.svg()).append("</figure>\n").toString();
    }
  }

  private static String colour(int series) {
    return "s" + series % COLOURS + (series / COLOURS % 2 == 1 ? " dashed" : "");
  }

  /** The SVG of a chart while it is being written. */
  private static final class Drawing {
    private final Lines chart;
    private final List<Point> all;
    private final ReportAxis x;
    private final ReportAxis y;
    private final int end;
    private final StringBuilder out = new StringBuilder();

    Drawing(Lines chart) {
      this.chart = chart;
      this.end = WIDTH - (chart.shares ? RIGHT_OF_SHARES : RIGHT);
      this.all = chart.series.stream().flatMap(s -> s.points.stream()).filter(Point::finite).toList();
      this.x = chart.shares ? ReportAxis.of(WHOLE, LEFT, end, Scale.PERCENT)
          : ReportAxis.integers(values(p -> p.x), LEFT, end);
      this.y = ReportAxis.of(chart.shares ? WHOLE : values(p -> p.y), HEIGHT - BOTTOM, TOP, chart.scale);
    }

    String svg() {
      if (all.isEmpty()) {
        return "<p class=\"nothing\">Nothing was recorded.</p>\n";
      }
      out.append(String.format(
          Locale.ROOT, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, HEIGHT, escape(description())));
      grid();
      chart.mark.filter(m -> Double.isFinite(m.x)).ifPresent(this::mark);
      chart.series.forEach(this::line);
      return out.append("</svg>\n").toString();
    }

    private DoubleSummaryStatistics values(ToDoubleFunction<Point> of) {
      return all.stream().mapToDouble(of).summaryStatistics();
    }

    private String description() {
      return chart.title + ": " + chart.yLabel + " over " + chart.xLabel + ", "
          + String.join(", ", chart.series.stream().map(Series::name).toList());
    }

    private void grid() {
      for (double tick : y.ticks()) {
        double at = y.coordinate(tick);
        out.append(String.format(Locale.ROOT, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, at, end));
        text("end", LEFT - 7, at + 4, y.text(tick));
      }
      out.append(String.format(Locale.ROOT, "<path class=\"axis\" d=\"M%d %dH%d\"/>", LEFT, HEIGHT - BOTTOM, end));
      for (double tick : x.ticks()) {
        double at = x.coordinate(tick);
        out.append(String.format(Locale.ROOT, "<path class=\"axis\" d=\"M%.1f %dv4\"/>", at, HEIGHT - BOTTOM));
        text("middle", at, HEIGHT - BOTTOM + 17, x.text(tick));
      }
      text("middle label", (LEFT + end) / 2.0, HEIGHT - 5, chart.xLabel);
    }

    private void text(String kind, double x, double y, String text) {
      out.append(String.format(Locale.ROOT, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", kind, x, y, escape(text)));
    }

    private void mark(Mark mark) {
      double at = x.coordinate(mark.x);
      boolean left = at > (LEFT + WIDTH) / 2.0;
      out.append(String.format(Locale.ROOT, "<path class=\"mark\" d=\"M%.1f %dV%d\"/>", at, TOP, HEIGHT - BOTTOM));
      text(left ? "end remark" : "start remark", left ? at - 6 : at + 6, HEIGHT - BOTTOM - 8, mark.text);
    }

    private void line(Series line) {
      StringBuilder path = new StringBuilder();
      boolean gap = true;
      for (Point p : line.points) {
        if (p.finite()) {
          path.append(String.format(Locale.ROOT, "%s%.1f %.1f", gap ? "M" : "L", x.coordinate(p.x), y.coordinate(p.y)));
        }
        gap = !p.finite();
      }
      out.append("<g class=\"").append(colour(line.colour)).append("\">");
      if (!path.isEmpty()) {
        out.append("<path class=\"line\" d=\"").append(path).append("\"/>\n");
      }
      boolean dots = line.points.size() <= MAX_DOTS;
      line.points.stream().filter(p -> dots && p.finite()).forEach(p -> dot(line, p));
      out.append("</g>\n");
    }

    private void dot(Series line, Point p) {
      String value = chart.scale == Scale.PERCENT ? ReportPage.percent(p.y, 2) : ReportPage.number(p.y);
      String words = ReportPage.plain(line.name) + ", " + escape(chart.xLabel) + " "
          + (chart.shares ? ReportPage.percent(p.x, 1) : x.text(p.x)) + ": " + value;
      out.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s</title></circle>\n",
          x.coordinate(p.x), y.coordinate(p.y), words));
    }
  }
}
