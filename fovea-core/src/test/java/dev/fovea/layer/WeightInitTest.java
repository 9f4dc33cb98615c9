package dev.fovea.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Parameters;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.LayerContract;
import dev.fovea.testkit.ParityRule;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Initial weights have the documented std; the std of n normal values is known to within 4 / sqrt(2 n) of itself. */
class WeightInitTest {
  private static final Shape MAPS = Shape.of(1, 32, 5, 5);
  private static final int WEIGHTS = 64 * 32 * 9;

  @Test
  void convolutionsHaveTheDocumentedInitialStd() {
    std(Conv2d.of(64, 3).init(WeightInit.TORCH), MAPS, 1 / Math.sqrt(3 * 32 * 9.0));
    std(Conv2d.of(64, 3).init(WeightInit.HE), MAPS, Math.sqrt(2 / (32 * 9.0)));
    std(Conv2d.of(64, 3).init(WeightInit.HE_OUT), MAPS, Math.sqrt(2 / (64 * 9.0)));
    std(Conv2d.of(64, 3).init(WeightInit.XAVIER), MAPS, Math.sqrt(2 / (9.0 * (32 + 64))));
    std(Conv2d.of(64, 3).init(WeightInit.NORMAL_001), MAPS, 0.01);
  }

  @Test
  void fanInCountsTheGroupsChannelsOnly() {
    std(Conv2d.of(64, 3).groups(2).init(WeightInit.HE), MAPS, Math.sqrt(2 / (16 * 9.0)));
    std(Conv2d.of(64, 3).groups(2).init(WeightInit.HE_OUT), MAPS, Math.sqrt(2 / (32 * 9.0)));
  }

  @Test
  void fullyConnectedLayersHaveTheDocumentedInitialStd() {
    Shape rows = Shape.of(1, 300);
    std(Linear.of(100), rows, 1 / Math.sqrt(3 * 300.0));
    std(Linear.of(100).init(WeightInit.HE), rows, Math.sqrt(2 / 300.0));
    std(Linear.of(100).init(WeightInit.HE_OUT), rows, Math.sqrt(2 / 100.0));
    std(Linear.of(100).init(WeightInit.XAVIER), rows, Math.sqrt(2 / 400.0));
    std(Linear.of(100).init(WeightInit.NORMAL_001), rows, 0.01);
  }

  @Test
  void onlyPyTorchsBiasesAreRandom() {
    for (WeightInit initial : WeightInit.values()) {
      double[] bias = LayerRuns.values(initial(Conv2d.of(64, 3).init(initial), MAPS), "bias");
      if (initial == WeightInit.TORCH) {
        assertThat(bias).doesNotContain(0);
        assertThat(Arrays.stream(bias).map(Math::abs).max().orElseThrow()).isLessThanOrEqualTo(1 / Math.sqrt(32 * 9.0));
      } else {
        assertThat(bias).containsOnly(0);
      }
    }
  }

  @Test
  void everyInitialisationKeepsTheContract() {
    for (WeightInit initial : WeightInit.values()) {
      LayerContract.check(Conv2d.of(3, 2).init(initial), Shape.of(2, 2, 3, 3), Shape.of(2, 3, 2, 2));
      LayerContract.check(Linear.of(3).init(initial), Shape.of(2, 4), Shape.of(2, 3));
    }
  }

  /** Through ten ReLU layers He's initialisation preserves the mean square; with PyTorch's default it vanishes. */
  @Test
  void heKeepsTheVarianceThroughManyLayers() {
    double[] x = ParityRule.values("signed", "x", Shape.of(8, 200));
    Layer[] he = new Layer[20];
    Layer[] torch = new Layer[20];
    for (int i = 0; i < 20; i += 2) {
      he[i] = Linear.of(200).init(WeightInit.HE);
      torch[i] = Linear.of(200);
      he[i + 1] = Activation.RELU;
      torch[i + 1] = Activation.RELU;
    }
    double before = meanSquare(x);
    assertThat(meanSquare(LayerRuns.run(Sequential.of(he), Shape.of(8, 200), x)) / before).isBetween(0.3, 3.0);
    assertThat(meanSquare(LayerRuns.run(Sequential.of(torch), Shape.of(8, 200), x)) / before).isLessThan(0.01);
  }

  private static double meanSquare(double[] x) {
    return Arrays.stream(x).map(v -> v * v).average().orElseThrow();
  }

  private static Parameters initial(Layer layer, Shape input) {
    return Parameters.initial(LayerRuns.graph(layer, input), 5);
  }

  private static void std(Layer layer, Shape input, double expected) {
    double[] weights = LayerRuns.values(initial(layer, input), "weight");
    double mean = Arrays.stream(weights).average().orElseThrow();
    assertThat(weights.length).isGreaterThanOrEqualTo(WEIGHTS / 2);
    assertThat(mean).isCloseTo(0, within(4 * expected / Math.sqrt(weights.length)));
    assertThat(Math.sqrt(meanSquare(weights))).isCloseTo(expected, within(4 * expected / Math.sqrt(2.0 * weights.length)));
  }
}
