package dev.fovea.tune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.report.ReportTest;
import dev.fovea.train.LearningRateRange;
import dev.fovea.train.LearningRateRange.Point;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class LearningRatePageTest {
  private static String page(double... losses) {
    int[] step = {-1};
    List<Point> points = DoubleStream.of(losses).mapToObj(loss -> new Point(Math.pow(10, step[0]++), loss, loss)).toList();
    String html = LearningRatePage.html("net <b> on data", new LearningRateRange(points));
    assertThat(html).doesNotContain("<script", "http://", "https://", "NaN");
    return ReportTest.parse(html).getDocumentElement().getTextContent();
  }

  @Test
  void suggestionBoundAndEachStepAreShown() {
    // learning rates 0.1, 1, 10, 100, 1000; 9 is more than four times 2
    assertThat(page(5, 4, 3, 2, 9)).contains("net <b> on data", "10.00suggested learning rate", "is 10.00;", "steepest, 10.00",
        "9.0000");
  }

  @Test
  void lossThatDoesNotFallHasNoSuggestion() {
    assertThat(page(1, 2, 3)).contains("The loss did not fall at any learning rate.").doesNotContain("steepest");
  }
}
