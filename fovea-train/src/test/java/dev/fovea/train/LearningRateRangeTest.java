package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Dataset;
import dev.fovea.train.LearningRateRange.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LearningRateRangeTest {
  private static LearningRateRange test(int threads) {
    Dataset data = Tiny.images("tiny:train", 43);
    return LearningRateRange.of(Tiny.trainer(Tiny.model(7)).threads(threads), data, _ -> {});
  }

  /** Smoothed losses at learning rates 1, 2, 3 ... */
  private static LearningRateRange of(double... smoothed) {
    return new LearningRateRange(
        IntStream.range(0, smoothed.length).mapToObj(i -> new Point(i + 1, smoothed[i], smoothed[i])).toList());
  }

  @Test
  void learningRateRisesExponentiallyOverThirtySteps() {
    List<Point> points = test(1).points();
    assertThat(points.getFirst().learningRate()).isEqualTo(1e-6);
    for (int i = 1; i < points.size(); i++) {
      // ten million times over 29 intervals
      assertThat(points.get(i).learningRate() / points.get(i - 1).learningRate()).isCloseTo(Math.pow(1e7, 1 / 29.0),
          within(1e-9));
    }
    assertThat(points.size()).isLessThanOrEqualTo(30);
  }

  @Test
  void smoothedLossIsTheWeightedMeanOfTheLossesSoFar() {
    List<Point> points = test(1).points();
    for (int i = 0; i < points.size(); i++) {
      double sum = 0;
      double weights = 0;
      for (int j = 0; j <= i; j++) {
        double weight = Math.pow(0.98, i - j);
        sum += weight * points.get(j).loss();
        weights += weight;
      }
      assertThat(points.get(i).smoothed()).isCloseTo(sum / weights, within(1e-9));
    }
  }

  /** A network of two layers on easy data learns at 0.1 to 1, and not at 1e-4. */
  @Test
  void suggestionIsAtALearningRateThatTrains() {
    assertThat(test(1).steepest().orElseThrow()).isBetween(1e-3, 5.0);
    assertThat(test(1).bound().orElseThrow()).isBetween(1e-3, 1.0);
  }

  @Test
  void threadsDoNotChangeIt() {
    assertThat(test(2)).isEqualTo(test(1));
  }

  @Test
  void listenerReceivesEachPoint() {
    List<Point> heard = new ArrayList<>();
    LearningRateRange range = LearningRateRange.of(Tiny.trainer(Tiny.model(7)), Tiny.images("tiny:train", 43), heard::add);
    assertThat(heard).isEqualTo(range.points());
  }

  @Test
  void suggestionIsAtTheSteepestDescent() {
    LearningRateRange range = of(2, 1.9, 1.8, 1.4, 1.2, 1.6, 3);
    // one point on either side: by 0.5 around the third, by 0.6 around the fourth
    assertThat(range.steepest()).hasValue(4);
    assertThat(range.bound()).hasValue(0.5);
  }

  @Test
  void firstTenthIsNotConsidered() {
    double[] losses = IntStream.range(0, 20).mapToDouble(i -> i == 0 ? 9 : i < 10 ? 3 : i == 10 ? 2 : 2.5).toArray();
    // of 20 points the window is 2 on either side: from the seventh to the eleventh the loss falls by 1
    assertThat(of(losses).steepest()).hasValue(9);
  }

  @Test
  void lossThatDoesNotFallGivesNoSuggestion() {
    assertThat(of(1, 1, 2, 3).steepest()).isEmpty();
    assertThat(of(1, 1, 2, 3).bound()).isEmpty();
    assertThat(of().steepest()).isEmpty();
    assertThat(of().bound()).isEmpty();
  }
}
