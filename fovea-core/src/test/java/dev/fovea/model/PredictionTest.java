package dev.fovea.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PredictionTest {
  @Test
  void scoresAreInDescendingOrder() {
    Prediction prediction = Prediction.of(new double[] {0.2, 0.7, 0.1}, List.of("ant", "bee", "cat"));
    assertThat(prediction.best()).isEqualTo(new Prediction.Score(1, "bee", 0.7));
    assertThat(prediction.top(2)).extracting(Prediction.Score::label).containsExactly("bee", "ant");
    assertThat(prediction.top(9)).hasSize(3);
    assertThat(prediction.atLeast(0.2)).extracting(Prediction.Score::index).containsExactly(1, 0);
    assertThat(prediction.atLeast(0.9)).isEmpty();
  }

  @Test
  void softmaxOfLargeLogitsIsFinite() {
    double[] p = Prediction.probabilities(new float[] {9, 1000, 1000 - (float) Math.log(3), -5000}, 1, 3);
    assertThat(p).containsExactly(new double[] {0.75, 0.25, 0}, within(1e-5));
    assertThat(p[0] + p[1] + p[2]).isCloseTo(1, within(1e-15));
  }

  @Test
  void oneLogitIsOfTwoClasses() {
    double[] p = Prediction.probabilities(new float[] {(float) Math.log(4)}, 0, 1);
    assertThat(p).containsExactly(new double[] {0.2, 0.8}, within(1e-7));
    assertThat(Prediction.sigmoid(0)).isEqualTo(0.5);
  }

  @Test
  void aTemperatureFlattens() {
    float[] logits = {2, 0};
    assertThat(Prediction.probabilities(logits, 0, 2, 2)).containsExactly(Prediction.probabilities(new float[] {1, 0}, 0, 2),
        within(1e-15));
    assertThat(Prediction.probabilities(logits, 0, 1, 2)[1]).isEqualTo(Prediction.sigmoid(1));
  }
}
