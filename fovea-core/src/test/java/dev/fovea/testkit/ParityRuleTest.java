package dev.fovea.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The value rule against the values in its description. */
class ParityRuleTest {
  @Test
  void bitsDependOnNameAndIndex() {
    assertThat(ParityRule.fnv1a64("input")).isEqualTo(0x1EBBAE8F5810B65BL);
    int[] bits = {1641119, 10944791, 3416248, 4604417, 13272414, 12722435, 2573837, 16768042};
    float[] u = {0.097818315f, 0.6523604f, 0.20362425f, 0.27444464f, 0.7910975f, 0.7583162f, 0.15341264f, 0.9994532f};
    for (int i = 0; i < bits.length; i++) {
      assertThat(ParityRule.bits24("input", i)).isEqualTo(bits[i]);
      assertThat(ParityRule.u("input", i)).isEqualTo(u[i]);
    }
  }

  @Test
  void kindsHaveTheDocumentedValues() {
    assertThat(floats("conv", "features.0.weight", 4, 363)).containsExactly(0.09147582f, 0.006798639f, 0.035842966f,
        -0.10477001f);
    assertThat(floats("bias", "features.0.bias", 2, 1)).containsExactly(-0.036402702f, 0.01372081f);
    assertThat(floats("scale", "bn1.weight", 2, 1)).containsExactly(0.930102f, 1.1622045f);
    assertThat(floats("labels 1000", "label", 4, 1)).containsExactly(983, 792, 605, 513);
    assertThat(floats("signed", "input", 1, 1)).containsExactly(2 * 0.097818315f - 1);
    assertThat(floats("wide", "input", 1, 1)).containsExactly((2 * 0.097818315f - 1) * 8);
    assertThat(floats("huge", "input", 1, 1)).containsExactly((2 * 0.097818315f - 1) * 512);
    assertThat(floats("unit", "input", 1, 1)).containsExactly(0.097818315f);
  }

  @Test
  void bilinearWeightsInterpolateEachChannelSeparately() {
    double[] weight = ParityRule.values("bilinear", "upscore", Shape.of(2, 2, 4, 4));
    double[] line = {0.25, 0.75, 0.75, 0.25};
    for (int i = 0; i < weight.length; i++) {
      boolean own = i / 16 == 0 || i / 16 == 3;
      assertThat(weight[i]).isCloseTo(own ? line[i / 4 % 4] * line[i % 4] : 0, within(1e-7));
    }
    assertThat(ParityRule.values("bilinear", "up", Shape.of(1, 1, 3, 3)))
        .containsExactly(0.25, 0.5, 0.25, 0.5, 1, 0.5, 0.25, 0.5, 0.25);
  }

  @Test
  void samplesAreInsideTheTensor() {
    for (int k = 0; k < 64; k++) {
      assertThat(ParityRule.samplePosition(k, 7)).isBetween(0, 6);
      assertThat(ParityRule.samplePosition(k, Integer.MAX_VALUE)).isNotNegative();
    }
  }

  @Test
  void anUnknownKindIsReported() {
    assertThatThrownBy(() -> ParityRule.values("odd", "x", Shape.of(1))).hasMessage("no kind of values is called odd");
  }

  private static float[] floats(String kind, String name, int size, double fanIn) {
    double[] values = ParityRule.values(kind, name, Shape.of(size), fanIn);
    float[] floats = new float[size];
    for (int i = 0; i < size; i++) {
      floats[i] = (float) values[i];
      assertThat((double) floats[i]).isEqualTo(values[i]);
    }
    return floats;
  }

  @Test
  void operandsAreSeparatedIfNeeded() {
    for (int size : new int[] {1, 2, 3, 16, 17, 999}) {
      double[] values = Operand.of(size).kind(Operand.Kind.SPACED).values("x0", 1);
      double[] sorted = Arrays.stream(values).sorted().toArray();
      for (int i = 0; i < size; i++) {
        assertThat(Math.abs(sorted[i])).isBetween(0.45 / size, 1.0);
        assertThat(i == 0 ? 2 : sorted[i] - sorted[i - 1]).isGreaterThan(1.9 / size);
      }
    }
  }
}
