package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InitTest {
  private static final int N = 50_000;

  @Test
  void uniformFillsItsRange() {
    float[] values = filled(new Init.Uniform(0.25f), Shape.of(N));
    assertThat(mean(values)).isCloseTo(0, within(4 * 0.25 / Math.sqrt(3.0 * N)));
    assertThat(std(values)).isCloseTo(0.25 / Math.sqrt(3), within(0.002));
    assertThat(largest(values)).isBetween(0.2499f, 0.25f);
  }

  @Test
  void normalHasItsStd() {
    float[] values = filled(new Init.Normal(0.1f), Shape.of(N));
    assertThat(mean(values)).isCloseTo(0, within(4 * 0.1 / Math.sqrt(N)));
    assertThat(std(values)).isCloseTo(0.1, within(4 * 0.1 / Math.sqrt(2.0 * N)));
  }

  @Test
  void constantFillsAllElements() {
    assertThat(filled(new Init.Constant(1.5f), Shape.of(7))).containsOnly(1.5f);
  }

  @Test
  void fanInSetsTheSpread() {
    assertThat(Init.torch(400)).isEqualTo(new Init.Uniform(0.05f));
    assertThat(Init.he(200)).isEqualTo(new Init.Normal(0.1f));
  }

  @Test
  void gaussianKernelsSumToOneWithTheMaximumAtTheCentre() {
    float[] odd = filled(new Init.GaussianKernel(1), Shape.of(2, 1, 5, 3));
    for (int channel = 0; channel < 2; channel++) {
      int first = 15 * channel;
      assertThat(IntStream.range(first, first + 15).mapToDouble(i -> odd[i]).sum()).isCloseTo(1, within(1e-6));
      for (int i = 0; i < 15; i++) {
        assertThat(odd[first + i]).isEqualTo(odd[first + 14 - i]).isLessThanOrEqualTo(odd[first + 7]);
      }
    }
    assertThat((double) odd[7] / odd[6]).isCloseTo(Math.exp(0.5), within(1e-6));
    assertThat((double) odd[7] / odd[1]).isCloseTo(Math.exp(2), within(1e-5));
    assertThat(filled(new Init.GaussianKernel(3), Shape.of(2, 2))).containsOnly(0.25f);
  }

  @Test
  void onesAreAtTheGivenIndices() {
    assertThat(filled(new Init.Ones(List.of(0, 4, 5)), Shape.of(2, 3, 1, 1))).containsExactly(1, 0, 0, 0, 1, 1);
    assertThat(filled(new Init.Ones(List.of()), Shape.of(3))).containsOnly(0);
  }

  @Test
  void bilinearWeightsAreATentOnTheDiagonal() {
    float[] even = filled(new Init.Bilinear(), Shape.of(2, 2, 4, 4));
    double[] tent = {0.25, 0.75, 0.75, 0.25};
    float[] odd = filled(new Init.Bilinear(), Shape.of(1, 1, 3, 3));
    assertThat(odd).containsExactly(0.25f, 0.5f, 0.25f, 0.5f, 1, 0.5f, 0.25f, 0.5f, 0.25f);
    for (int i = 0; i < even.length; i++) {
      boolean diagonal = i / 32 == i / 16 % 2;
      assertThat((double) even[i]).as("at %d", i).isEqualTo(diagonal ? tent[i / 4 % 4] * tent[i % 4] : 0);
    }
  }

  @Test
  void someInitsNeedCertainShapes() {
    assertThat(new Init.Ones(List.of(5)).fits(Shape.of(2, 3))).isTrue();
    assertThat(new Init.Ones(List.of(6)).fits(Shape.of(2, 3))).isFalse();
    assertThat(new Init.Bilinear().fits(Shape.of(2, 2, 4, 4))).isTrue();
    assertThat(new Init.Bilinear().fits(Shape.of(4, 4))).isFalse();
    assertThat(new Init.GaussianKernel(1).fits(Shape.of(4))).isFalse();
    assertThat(Init.he(3).fits(Shape.of())).isTrue();
  }

  @Test
  void onlyItsOwnRangeIsWritten() {
    for (Init init : new Init[] {new Init.Uniform(1), new Init.Normal(1), new Init.Constant(3), new Init.GaussianKernel(1)}) {
      float[] to = new float[20];
      init.fill(Shape.of(3, 4), Rng.of(1), to, 4);
      for (int i = 0; i < 20; i++) {
        assertThat(to[i] != 0).as("%s at %d", init, i).isEqualTo(i >= 4 && i < 16);
      }
    }
  }

  private static float[] filled(Init init, Shape shape) {
    float[] values = new float[shape.size()];
    init.fill(shape, Rng.of(11).at("init"), values, 0);
    return values;
  }

  private static double mean(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElseThrow();
  }

  private static double std(float[] values) {
    double mean = mean(values);
    return Math.sqrt(
        IntStream.range(0, values.length).mapToDouble(i -> (values[i] - mean) * (values[i] - mean)).average().orElseThrow());
  }

  private static float largest(float[] values) {
    return (float) IntStream.range(0, values.length).mapToDouble(i -> Math.abs(values[i])).max().orElseThrow();
  }
}
