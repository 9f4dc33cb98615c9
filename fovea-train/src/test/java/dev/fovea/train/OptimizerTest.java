package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.FoveaException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class OptimizerTest {
  private static final int SIZE = 10;

  @ParameterizedTest
  @ValueSource(strings = {
      "sgd", "sgd_weight_decay", "sgd_momentum", "sgd_momentum_dampening", "sgd_momentum_weight_decay", "sgd_nesterov",
      "sgd_nesterov_weight_decay", "adam", "adam_weight_decay", "adam_other_betas", "adam_amsgrad", "adamw"
  })
  void stepsLikePyTorch(String name) {
    JsonNode row = Recorded.row("optimizers", name);
    JsonNode attributes = row.get("attributes");
    Optimizer optimizer = of(row.get("optimizer").stringValue(), attributes);
    float[] weights = signed("w", 0);
    float[][] slots = new float[optimizer.slots()][SIZE];
    for (int step = 0; step < row.get("weightsAfterStep").size(); step++) {
      optimizer.step(weights, signed("g", step * SIZE), SIZE, slots, attributes.get("lr").doubleValue(), step);
      for (int i = 0; i < SIZE; i++) {
        double expected = row.get("weightsAfterStep").get(step).get(i).doubleValue();
        assertThat((double) weights[i]).as("step %d, weight %d", step, i).isCloseTo(expected, within(1e-6));
      }
    }
  }

  @Test
  void everyRowOfItsKindIsTried() {
    long rows =
        StreamSupport.stream(Recorded.rows("optimizers").spliterator(), false)
            .filter(row -> row.get("optimizer").stringValue().matches("SGD|Adam|AdamW"))
            .count();
    assertThat(rows).isEqualTo(12);
  }

  @Test
  void parametersBeyondTheCountStay() {
    for (Optimizer optimizer : new Optimizer[] {Sgd.momentum(0.9), Adam.standard().amsgrad(true), AdamW.standard()}) {
      float[] weights = signed("w", 0);
      optimizer.step(weights, signed("g", 0), 4, new float[optimizer.slots()][4], 0.1, 0);
      assertThat(weights).endsWith(Arrays.copyOfRange(signed("w", 0), 4, SIZE));
      assertThat(weights[3]).isNotEqualTo(signed("w", 0)[3]);
    }
  }

  @Test
  void namedOnesAreThoseOfTheCommandLine() {
    assertThat(Optimizer.named("sgd", 0.9, 5e-4)).isEqualTo(Sgd.momentum(0.9).weightDecay(5e-4));
    assertThat(Optimizer.named("adam", 0.9, 0.1)).isEqualTo(Adam.standard().weightDecay(0.1));
    assertThat(Optimizer.named("adamw", 0.9, 0.1)).isEqualTo(AdamW.standard().weightDecay(0.1));
    assertThatThrownBy(() -> Optimizer.named("adma", 0, 0)).isInstanceOf(FoveaException.class).hasMessageContaining("adam");
  }

  @Test
  void impossibleSettingsAreRefused() {
    assertThatThrownBy(() -> Sgd.momentum(1)).hasMessage("momentum must be 0 or more and less than 1, got 1.0");
    assertThatThrownBy(() -> Sgd.plain().weightDecay(-1)).hasMessage("weight decay must be 0 or more, got -1.0");
    assertThatThrownBy(() -> Sgd.plain().nesterov(true)).hasMessageContaining("Nesterov");
    assertThatThrownBy(() -> Adam.standard().betas(0.9, Double.NaN)).hasMessageContaining("beta 2");
  }

  private static Optimizer of(String kind, JsonNode a) {
    double decay = a.path("weight_decay").asDouble(0);
    return switch (kind) {
      case "SGD" -> Sgd.momentum(a.path("momentum").asDouble(0))
          .dampening(a.path("dampening").asDouble(0))
          .nesterov(a.path("nesterov").asBoolean(false))
          .weightDecay(decay);
      case "Adam" -> new Adam(beta(a, 0), beta(a, 1), a.get("eps").doubleValue(), decay, a.path("amsgrad").asBoolean(false));
      case "AdamW" -> new AdamW(beta(a, 0), beta(a, 1), a.get("eps").doubleValue(), decay);
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static double beta(JsonNode attributes, int index) {
    return attributes.get("betas").get(index).doubleValue();
  }

  /** The recorded numbers' value rule, kind signed: {@code 2u - 1}, u from the top 24 bits of SplitMix64 behind FNV-1a. */
  private static float[] signed(String name, int first) {
    long hash = 0xCBF29CE484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001B3L;
    }
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      long z = hash + (first + i + 1L) * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      values[i] = 2 * (((z ^ (z >>> 31)) >>> 40) * 0x1p-24f) - 1;
    }
    return values;
  }
}
