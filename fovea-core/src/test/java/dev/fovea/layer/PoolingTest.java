package dev.fovea.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.LayerContract;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PoolingTest {
  private static final Shape MAPS = Shape.of(2, 4, 7, 6);
  private static final Shape SQUARE = Shape.of(1, 1, 4, 4);

  @Test
  void poolingKeepsItsContract() {
    Shape halved = Shape.of(2, 4, 3, 3);
    LayerContract.check(MaxPool2d.of(2), MAPS, halved);
    LayerContract.check(MaxPool2d.of(3).stride(2).padding(1), MAPS, Shape.of(2, 4, 4, 3));
    LayerContract.check(MaxPool2d.of(2).ceil(true), MAPS, Shape.of(2, 4, 4, 3));
    LayerContract.check(AvgPool2d.of(2), MAPS, halved);
    LayerContract.check(AvgPool2d.of(2).ceil(true), MAPS, Shape.of(2, 4, 4, 3));
    LayerContract.check(AvgPool2d.of(3).stride(2).padding(1).countPadding(false), MAPS, Shape.of(2, 4, 4, 3));
    LayerContract.check(GaussianPool2d.of(3, 1), MAPS, Shape.of(2, 4, 4, 3));
    LayerContract.check(GaussianPool2d.of(5, 1.5), MAPS, Shape.of(2, 4, 4, 3));
    LayerContract.check(TrainablePool2d.of(2, Activation.TANH), MAPS, halved);
    LayerContract.check(Subsample2d.of(2), MAPS, halved);
    LayerContract.check(LpPool2d.of(2), MAPS, halved);
    LayerContract.check(new LpPool2d(Window.of(3).padding(1), 4), MAPS, MAPS);
    LayerContract.check(StochasticPool2d.of(2), MAPS, halved);
    LayerContract.check(new PoolUnpool2d(Window.of(2).stride(2), Conv2d.of(4, 3).padding(1)), MAPS, MAPS);
  }

  @Test
  void adaptivePoolsWorkForAnyImageSize() {
    LayerContract.check(AdaptiveAvgPool2d.global(), MAPS, Shape.of(2, 4, 1, 1));
    LayerContract.check(AdaptiveAvgPool2d.of(3, 4), MAPS, Shape.of(2, 4, 3, 4));
    LayerContract.check(AdaptiveAvgPool2d.of(9, 8), MAPS, Shape.of(2, 4, 9, 8));
    LayerContract.check(AdaptiveMaxPool2d.global(), MAPS, Shape.of(2, 4, 1, 1));
    LayerContract.check(AdaptiveMaxPool2d.of(3, 4), MAPS, Shape.of(2, 4, 3, 4));
    LayerContract.check(AdaptiveMaxPool2d.of(9, 8), MAPS, Shape.of(2, 4, 9, 8));
    double[] x = LayerRuns.ramp(16);
    assertThat(LayerRuns.run(AdaptiveAvgPool2d.global(), SQUARE, x)).containsExactly(new double[] {7.5}, within(1e-12));
    assertThat(LayerRuns.run(AdaptiveMaxPool2d.of(3, 1), SQUARE, x)).containsExactly(7, 11, 15);
  }

  @Test
  void thePaddedZerosArePartOfTheMean() {
    Layer pool = Sequential.of(new ZeroPadToEven(), AvgPool2d.of(2));
    double[] ones = new double[9];
    Arrays.fill(ones, 1);
    assertThat(LayerRuns.run(pool, Shape.of(1, 1, 3, 3), ones)).containsExactly(1, 0.5, 0.5, 0.25);
    assertThat(LayerRuns.run(pool, SQUARE, LayerRuns.ramp(16)))
        .containsExactly(LayerRuns.run(AvgPool2d.of(2), SQUARE, LayerRuns.ramp(16)));
    LayerContract.check(pool, Shape.of(2, 4, 7, 5), Shape.of(2, 4, 4, 3));
  }

  @Test
  void lpPoolingIsBetweenTheSumAndTheMaximum() {
    double[] x = {3, -4, 0, 0, 1, 1, 1, 1};
    Shape two = Shape.of(1, 2, 2, 2);
    assertThat(LayerRuns.run(LpPool2d.of(2), two, x)).containsExactly(new double[] {5, 2}, within(1e-12));
    assertThat(LayerRuns.run(new LpPool2d(Window.of(2), 16), two, x)[0]).isCloseTo(4, within(1e-2));
    assertThat(LayerRuns.run(LpPool2d.of(2), two, new double[8])).containsExactly(new double[] {0, 0}, within(1e-18));
  }

  /** Each of 0.1, 0.2, 0.3 and 0.4 is drawn with probability equal to its value: within four stds of 40,000 draws. */
  @Test
  void stochasticPoolingDrawsInProportion() {
    int side = 200;
    double[] x = new double[side * side];
    Arrays.setAll(x, i -> 0.1 + i / side % 2 * 0.2 + i % 2 * 0.1);
    Graph graph = LayerRuns.graph(StochasticPool2d.of(2), Shape.of(1, 1, side, side));
    int[] counts = new int[4];
    int draws = 0;
    for (int seed = 0; seed < 4; seed++) {
      for (double y : LayerRuns.run(graph, x, Rng.of(seed))) {
        counts[(int) Math.round(y * 10) - 1]++;
        draws++;
      }
    }
    assertThat(draws).isEqualTo(40_000);
    for (int k = 0; k < 4; k++) {
      double p = 0.1 * (k + 1);
      assertThat((double) counts[k] / draws).isCloseTo(p, within(4 * Math.sqrt(p * (1 - p) / draws)));
    }
  }

  @Test
  void stochasticPoolingNeverDrawsAZeroNextToAPositiveValue() {
    double[] x = new double[16];
    x[5] = 1e-3;
    for (int seed = 0; seed < 100; seed++) {
      double[] y = LayerRuns.run(LayerRuns.graph(StochasticPool2d.of(4), SQUARE), x, Rng.of(seed));
      assertThat(y).containsExactly(1e-3);
    }
  }

  @Test
  void stochasticPoolingInfersItsExpectation() {
    double[] x = {1, 2, 0, 0, 3, 4, 0, 0, 5, 0, 7, 7, 0, 0, 7, 7};
    double[] y = LayerRuns.inference(StochasticPool2d.of(2), SQUARE, x);
    assertThat(y).containsExactly(new double[] {3, 0, 5, 7}, within(1e-12));
    assertThat(Rewrite.inference(LayerRuns.graph(StochasticPool2d.of(2), SQUARE)).nodes())
        .noneMatch(node -> node.op() instanceof Op.ExponentialRace || node.op() instanceof Op.MaxPick);
  }

  @Test
  void unpoolingRestoresThePositionsOfTheMaxima() {
    double[] x = {1, 2, 0, -1, 4, 3, -2, -3, 9, 8, 5, 6, 7, 6, 8, 7};
    double[] y = LayerRuns.run(new PoolUnpool2d(Window.of(2).stride(2), (_, v) -> v), SQUARE, x);
    assertThat(y).containsExactly(0, 0, 0, 0, 4, 0, 0, 0, 9, 0, 0, 0, 0, 0, 8, 0);
  }

  @Test
  void subsamplingIsInitialisedToTheMean() {
    double[] x = LayerRuns.ramp(16);
    assertThat(LayerRuns.run(Subsample2d.of(2), SQUARE, x)).containsExactly(LayerRuns.run(AvgPool2d.of(2), SQUARE, x));
  }

  /** Over a wide enough window a Gaussian weights the centre more; over 2x2 all pixels are equally far from it. */
  @Test
  void gaussianPoolingIsNotTheMean() {
    double[] image = new double[49];
    image[3 * 7 + 3] = 1;
    Layer blur = new GaussianPool2d(GaussianPool2d.of(3, 1).window().padding(0), 1);
    double[] gaussian = LayerRuns.run(blur, Shape.of(1, 1, 7, 7), image);
    double[] mean = LayerRuns.run(AvgPool2d.of(3).stride(2), Shape.of(1, 1, 7, 7), image);
    assertThat(gaussian).hasSameSizeAs(mean);
    assertThat(Arrays.stream(gaussian).sum()).isNotCloseTo(Arrays.stream(mean).sum(), within(0.05));
    assertThatThrownBy(() -> GaussianPool2d.of(2, 1)).isInstanceOf(FoveaException.class).hasMessageContaining("3 or wider");
  }

  @Test
  void gaussianKernelsSumToOneAndAreNotTrained() {
    Parameters parameters = Parameters.initial(LayerRuns.graph(GaussianPool2d.of(3, 1), MAPS), 1);
    assertThat(parameters.trainableSize()).isZero();
    double sum = 0;
    for (int i = 0; i < 9; i++) {
      sum += parameters.values()[i];
    }
    assertThat(sum).isCloseTo(1, within(1e-6));
    assertThat(parameters.values()[4]).isGreaterThan(parameters.values()[1]).isGreaterThan(2 * parameters.values()[0]);
  }

  @Test
  void trainablePoolingIsInitialisedToTheMean() {
    double[] image = new double[16];
    Arrays.setAll(image, i -> i * 0.1);
    assertThat(LayerRuns.run(TrainablePool2d.of(2, (_, x) -> x), Shape.of(1, 1, 4, 4), image))
        .containsExactly(LayerRuns.run(AvgPool2d.of(2), Shape.of(1, 1, 4, 4), image), within(1e-6));
  }

  @Test
  void errorsNameTheLayerAndTheFix() {
    LayerRuns.refused(AdaptiveAvgPool2d.of(0, 1).named("pool"), MAPS,
        "pool: AdaptiveAveragePool expects an output of 1x1 to 32768x32768, got 0x1");
    LayerRuns.refused(AdaptiveMaxPool2d.of(1, 1).named("pool"), Shape.of(2, 9),
        "pool: AdaptiveMaxPool expects N x C x H x W, got 2x9");
    LayerRuns.refused(StochasticPool2d.of(9).named("pool"), MAPS,
        "pool: a window of 9x9 needs an input height of 9 or more, got 7");
    LayerRuns.refused(new PoolUnpool2d(Window.of(2).stride(2), Conv2d.of(4, 2)).named("swell"), MAPS,
        "swell: MaxUnpool expects 2x4x3x3, got 2x4x2x2");
    LayerRuns.refused(Subsample2d.of(2).named("s2"), Shape.of(2, 9), "s2: AveragePool expects N x C x H x W, got 2x9");
    LayerRuns.refused(new ZeroPadToEven().named("even"), Shape.of(2, 9), "even: PadToMultiple expects N x C x H x W, got 2x9");
    assertThatThrownBy(() -> new LpPool2d(Window.of(2), 3)).isInstanceOf(FoveaException.class)
        .hasMessage("LpPool2d expects an even power, got 3");
  }
}
