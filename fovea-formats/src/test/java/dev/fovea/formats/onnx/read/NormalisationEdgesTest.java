package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Normalisations of rows that do not vary, and the forms of older opsets. */
class NormalisationEdgesTest {
  @Test
  void rowsOfZerosStayZero() {
    for (int p = 1; p <= 2; p++) {
      Nets net = new Nets(22).input("x", 2, 2).node("y = LpNormalization x", "p", p).output("y");
      float norm = p == 1 ? 7 : 5;
      assertThat(net.result(Map.of("x", new float[] {3, -4, 0, 0}))).containsExactly(3 / norm, -4 / norm, 0, 0);
    }
  }

  @Test
  void theMeanOfAllChannelsIsTakenAwayBeforeOpset9() {
    Nets net = new Nets(8).input("x", 1, 2, 1, 2)
        .node("y = MeanVarianceNormalization x", "across_channels", 1, "normalize_variance", 0).output("y");
    assertThat(net.result(Map.of("x", new float[] {1, 2, 3, 6}))).containsExactly(-2, -1, 0, 3);
    Nets scaled = new Nets(8).input("x", 1, 2, 1, 2).node("y = MeanVarianceNormalization x", "across_channels", 1).output("y");
    float std = (float) Math.sqrt(3.5);
    float[] y = scaled.result(Map.of("x", new float[] {1, 2, 3, 6}));
    assertThat(y[3]).isCloseTo(3 / std, within(4 * Math.ulp(3 / std)));
  }

  @Test
  void aSumAlongAVectorIsAVector() {
    Nets net = new Nets(14).input("x", 3).longs("axis", 0).node("y = CumSum x axis").output("y");
    assertThat(net.read().graph().outputShape("y").dims()).containsExactly(3);
    assertThat(net.result(Map.of("x", new float[] {1, 2, 3}))).containsExactly(1, 3, 6);
  }
}
