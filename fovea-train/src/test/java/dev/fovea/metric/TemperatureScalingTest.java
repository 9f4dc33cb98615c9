package dev.fovea.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemperatureScalingTest {
  private static final List<String> CLASSES = List.of("a", "b", "c");

  /** Labels drawn from the softmax of logits, which are then multiplied, so that this is the best temperature. */
  private static Scores drawn(int images, double temperature, long seed) {
    Rng random = Rng.of(seed);
    int[] labels = new int[images];
    float[] logits = new float[images * 3];
    for (int i = 0; i < images; i++) {
      double[] p = new double[3];
      double sum = 0;
      for (int c = 0; c < 3; c++) {
        float z = 2 * random.at("logit").gaussian(3L * i + c);
        p[c] = Math.exp(z);
        sum += p[c];
        logits[3 * i + c] = (float) (temperature * z);
      }
      double u = random.at("label").uniform(i) * sum;
      labels[i] = u < p[0] ? 0 : u < p[0] + p[1] ? 1 : 2;
    }
    return Scores.of(CLASSES, labels, logits);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.5, 1, 3, 40})
  void theTemperatureOfTheLabelsIsFound(double temperature) {
    Scores scores = drawn(20_000, temperature, 5);
    double fitted = TemperatureScaling.fit(scores);
    // the inverse's standard error is 1 / sqrt(20000 x the mean variance of a logit, about 0.7) = 0.9 %; four of them
    assertThat(fitted / temperature).isCloseTo(1, within(0.035));
    double best = scores.temperature(fitted).evaluation().loss();
    assertThat(scores.temperature(fitted * 1.001).evaluation().loss()).isGreaterThan(best);
    assertThat(scores.temperature(fitted / 1.001).evaluation().loss()).isGreaterThan(best);
    assertThat(TemperatureScaling.fit(scores.temperature(7))).isEqualTo(fitted);
    assertThat(Calibration.of(scores.temperature(fitted)).ece()).isLessThan(0.02);
  }

  @Test
  void noPredictionChanges() {
    Scores scores = drawn(500, 3, 8);
    assertThat(scores.temperature(TemperatureScaling.fit(scores)).evaluation().confusion())
        .isDeepEqualTo(scores.evaluation().confusion());
  }

  @Test
  void scoresWithoutAMinimumAreRefused() {
    assertThatThrownBy(() -> TemperatureScaling.fit(Scores.of(CLASSES, new int[0], new float[0])))
        .isInstanceOf(FoveaException.class).hasMessageContaining("got none");
    assertThatThrownBy(() -> TemperatureScaling.fit(Scores.of(CLASSES, new int[] {0, 2}, new float[] {9, 1, 0, 0, 0, 5})))
        .isInstanceOf(FoveaException.class).hasMessageContaining("the 2 validation images are classified too well");
    assertThatThrownBy(() -> TemperatureScaling.fit(Scores.of(CLASSES, new int[] {1, 0}, new float[] {9, 1, 0, 0, 0, 5})))
        .isInstanceOf(FoveaException.class).hasMessageContaining("say nothing about the classes");
    assertThatThrownBy(() -> TemperatureScaling.fit(Scores.of(CLASSES, new int[] {1}, new float[] {Float.NaN, 1, 0})))
        .isInstanceOf(FoveaException.class);
    assertThatThrownBy(() -> TemperatureScaling.fit(Scores.of(CLASSES, new int[] {1}, new float[3])))
        .isInstanceOf(FoveaException.class);
  }

  @Test
  void hugeLogitsDoNotOverflow() {
    float[] logits = {3e38f, 0, 0, 0, 3e38f, 0, 0, 0, 3e38f};
    assertThatThrownBy(() -> TemperatureScaling.fit(Scores.of(CLASSES, new int[] {0, 1, 0}, logits))).isInstanceOf(
        FoveaException.class);
  }
}
