package dev.fovea.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.report.ReportCharts.Point;
import dev.fovea.report.ReportCharts.Scale;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReportChartsTest {
  private static List<Point> line(double... ys) {
    return IntStream.range(0, ys.length).mapToObj(i -> new Point(i + 1, ys[i])).toList();
  }

  private static List<String> all(String pattern, String text) {
    List<String> found = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  private static ReportAxis axis(Scale scale, double... values) {
    return ReportAxis.of(DoubleStream.of(values).summaryStatistics(), 100, 0, scale);
  }

  private static List<String> labels(ReportAxis axis) {
    return axis.ticks().stream().map(axis::text).toList();
  }

  @Test
  void anAxisEndsAtRoundNumbers() {
    ReportAxis axis = axis(Scale.AUTOMATIC, 0.13, 0.88);
    assertThat(labels(axis)).containsExactly("0.0", "0.2", "0.4", "0.6", "0.8", "1.0");
    assertThat(axis.coordinate(0)).isEqualTo(100);
    assertThat(axis.coordinate(1)).isEqualTo(0);
  }

  @Test
  void percentAxisStaysWithinZeroToOneHundred() {
    assertThat(labels(axis(Scale.PERCENT, 0.95, 1))).last().isEqualTo("100\u00A0%");
    assertThat(labels(axis(Scale.PERCENT, 1))).last().isEqualTo("100\u00A0%");
    assertThat(labels(axis(Scale.PERCENT, 0))).first().isEqualTo("0\u00A0%");
    assertThat(labels(axis(Scale.PERCENT, 0.9851, 0.9893))).contains("98.6\u00A0%");
  }

  @Test
  void valuesOfManyMagnitudesAreDrawnLogarithmically() {
    ReportAxis axis = axis(Scale.AUTOMATIC, 0.001, 1);
    assertThat(axis.log()).isTrue();
    assertThat(labels(axis)).contains("0.001", "0.01", "0.1", "1");
    assertThat(axis.coordinate(0.1) - axis.coordinate(1)).isEqualTo(axis.coordinate(0.01) - axis.coordinate(0.1), within(1e-9));
    assertThat(labels(axis(Scale.AUTOMATIC, 1e-12, 1))).contains("1E-11", "1E-5", "0.1");
    assertThat(axis(Scale.AUTOMATIC, 0, 1).log()).isFalse();
    assertThat(axis(Scale.LINEAR, 0.001, 1).log()).isFalse();
  }

  @Test
  void epochsAreMarkedAtIntegersOnly() {
    ReportAxis few = ReportAxis.integers(DoubleStream.of(1, 2, 3).summaryStatistics(), 0, 100);
    assertThat(labels(few)).containsExactly("1", "2", "3");
    ReportAxis many = ReportAxis.integers(DoubleStream.of(1, 90).summaryStatistics(), 0, 100);
    assertThat(labels(many)).containsExactly("10", "20", "30", "40", "50", "60", "70", "80", "90");
    ReportAxis one = ReportAxis.integers(DoubleStream.of(1).summaryStatistics(), 0, 100);
    assertThat(labels(one)).containsExactly("1");
    assertThat(one.coordinate(1)).isEqualTo(50);
  }

  @Test
  void extremeValuesAreHandled() {
    for (double value : new double[] {Double.MAX_VALUE, -Double.MAX_VALUE, Double.MIN_VALUE, 1e17, 0, -0.0}) {
      assertThat(axis(Scale.AUTOMATIC, value).ticks()).hasSizeLessThan(30);
      assertThat(axis(Scale.AUTOMATIC, value, value + 1e-9, -value).ticks()).hasSizeLessThan(30);
      assertThat(ReportAxis.integers(DoubleStream.of(value, value + 16).summaryStatistics(), 0, 1).ticks()).hasSizeLessThan(30);
    }
  }

  @Test
  void everySeriesHasLineLegendEntryAndDots() {
    String html = ReportCharts.lines("Loss", "epoch", "nats").series("train", line(3, 2, 1)).series("test", line(4, 3, 2)).html();
    assertThat(all("<path class=\"line\" d=\"([^\"]*)\"", html)).hasSize(2).allMatch(d -> d.matches("M[0-9. ]+(L[0-9. ]+){2}"));
    assertThat(all("<li>.*?<bdi>(.*?)</bdi></li>", html)).containsExactly("train", "test");
    assertThat(all("<title>(.*?)</title>", html)).hasSize(6).first().isEqualTo("\u2068train\u2069, epoch 1: 3.0000");
  }

  @Test
  void decreasingValuesGiveADescendingLine() {
    String html = ReportCharts.lines("Loss", "epoch", "nats").series("train", line(3, 2, 1)).html();
    List<Double> heights = all("cy=\"([0-9.]+)\" r=\"3\"", html).stream().map(Double::valueOf).toList();
    assertThat(heights).hasSize(3).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void singleSeriesHasNoLegend() {
    assertThat(ReportCharts.lines("Loss", "epoch", "nats").series("train", line(3, 2)).html()).doesNotContain("legend");
  }

  @Test
  void nanLeavesAGap() {
    String html = ReportCharts.lines("Loss", "epoch", "nats")
        .series("train", line(3, 2, Double.NaN, Double.POSITIVE_INFINITY, 1, 0.5))
        .html();
    assertThat(all("<path class=\"line\" d=\"([^\"]*)\"", html)).singleElement().asString()
        .matches("M[^ML]*L[^ML]*M[^ML]*L[^ML]*");
    assertThat(html).doesNotContain("NaN").doesNotContain("Infinity");
  }

  @Test
  void emptyChartHasAMessage() {
    assertThat(ReportCharts.lines("Loss", "epoch", "nats").html()).contains("Nothing was recorded").doesNotContain("<svg");
    String unmeasured = ReportCharts.lines("Loss", "epoch", "nats").series("train", line(Double.NaN)).mark(1, "best").html();
    assertThat(unmeasured).contains("Nothing was recorded");
  }

  @Test
  void ninthSeriesIsDashed() {
    ReportCharts.Lines chart = ReportCharts.lines("Accuracy", "epoch", "share");
    for (int i = 0; i < 9; i++) {
      chart = chart.series("run " + i, line(i, i + 1));
    }
    assertThat(all("<g class=\"([^\"]*)\">", chart.html()))
        .containsExactly("s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s0 dashed");
  }

  @Test
  void sharesGoFromZeroToOneHundredOnBothAxes() {
    String html = ReportCharts.shares("ROC", "false positive rate", "true positive rate")
        .series("a", List.of(new Point(0.25, 0.5), new Point(0.5, 0.5))).html();
    assertThat(all("<text class=\"middle\"[^>]*>([^<]*)<", html)).containsExactly(
        "0\u00A0%", "20\u00A0%", "40\u00A0%", "60\u00A0%", "80\u00A0%", "100\u00A0%");
    assertThat(all("<text class=\"end\"[^>]*>([^<]*)<", html)).startsWith("0\u00A0%").endsWith("100\u00A0%");
    assertThat(html).contains("false positive rate 25.0\u00A0%: 50.00\u00A0%");
  }
}
