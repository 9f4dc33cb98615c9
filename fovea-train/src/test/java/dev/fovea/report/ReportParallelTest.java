package dev.fovea.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.report.ReportParallel.Axis;
import dev.fovea.report.ReportParallel.Line;
import dev.fovea.report.ReportParallel.Tick;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReportParallelTest {
  private static final Axis RATE = new Axis("lr", List.of(new Tick("0.01", 0), new Tick("0.1", 1)));
  private static final Axis SIZE = new Axis("<size>", List.of(new Tick("16", 0), new Tick("32", 1)));

  private static String html(Line... lines) {
    return ReportParallel.html("Trials", List.of(RATE, SIZE), "accuracy", List.of(lines));
  }

  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(MatchResult::group).toList();
  }

  @Test
  void aLineGoesThroughItsPlacesAndEndsAtItsScore() {
    String html = html(new Line("a", List.of(0.0, 1.0), 1, false), new Line("b", List.of(0.5, 0.0), 0, false));
    // the plot is from 34 down to 314; the last line drawn is that of the highest score
    assertThat(all("d=\"M84.0 [^\"]*L[^\"]*\"", html)).containsExactly(
        "d=\"M84.0 174.0L490.0 314.0L896.0 314.0\"", "d=\"M84.0 314.0L490.0 34.0L896.0 34.0\"");
  }

  @Test
  void coloursAreByRankAndTheBestIsLast() {
    String html = html(new Line("a", List.of(0.0, 1.0), 0.9, false), new Line("b", List.of(0.5, 0.0), 0.5, true),
        new Line("c", List.of(0.5, 0.0), 0.1, false));
    assertThat(all("--heat:[0-9.]+", html)).containsExactly("--heat:0.000", "--heat:1.000", "--heat:0.500");
    assertThat(all("class=\"line[^\"]*\"", html)).containsExactly("class=\"line\"", "class=\"line\"", "class=\"line best\"");
    assertThat(html).contains("b\u2069: 50.00\u00A0%");
  }

  @Test
  void axesHaveNamesAndTicks() {
    String html = html(new Line("a", List.of(0.0, 1.0), 0.5, true));
    assertThat(html).contains(">lr<", ">&lt;size&gt;<", ">accuracy<", ">0.01<", ">0.1<", ">16<", ">32<", "--heat:1.000");
  }

  @Test
  void withoutLinesThereIsAMessage() {
    assertThat(html()).contains("Nothing was recorded").doesNotContain("<svg");
  }
}
