package dev.fovea.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.LayerContract;
import dev.fovea.testkit.ParityRule;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NormalizationTest {
  private static final Shape MAPS = Shape.of(3, 4, 5, 3);

  @Test
  void normalizationsKeepTheirContract() {
    LayerContract.check(BatchNorm2d.standard(), MAPS, MAPS);
    LayerContract.check(new BatchNorm2d(1e-3, 0.01), Shape.of(7, 3), Shape.of(7, 3));
    LayerContract.check(GroupNorm.of(1), MAPS, MAPS);
    LayerContract.check(GroupNorm.of(2), MAPS, MAPS);
    LayerContract.check(GroupNorm.of(4), MAPS, MAPS);
    LayerContract.check(GroupNorm.of(2), Shape.of(3, 8), Shape.of(3, 8));
    LayerContract.check(GroupNorm.of(2), Shape.of(3, 4, 4), Shape.of(3, 4, 4));
    LayerContract.check(GroupNorm.instance(), MAPS, MAPS);
    LayerContract.check(new GroupNorm(0, 1e-5, true), MAPS, MAPS);
    LayerContract.check(LayerNorm.from(1), MAPS, MAPS);
    LayerContract.check(LayerNorm.from(2), MAPS, MAPS);
    LayerContract.check(LayerNorm.from(3), MAPS, MAPS);
    LayerContract.check(LocalResponseNorm.of(5), MAPS, MAPS);
    LayerContract.check(LocalResponseNorm.paper(5, 0.5, 0.75, 2), MAPS, MAPS);
  }

  @Test
  void gainsAndBiasesArePerChannelForAnyRank() {
    assertThat(Parameters.zeros(LayerRuns.graph(GroupNorm.of(2), Shape.of(3, 4, 4))).entry("weight").shape())
        .isEqualTo(Shape.of(4, 1));
    assertThat(Parameters.zeros(LayerRuns.graph(GroupNorm.instance(), MAPS)).entries()).isEmpty();
    assertThat(Parameters.zeros(LayerRuns.graph(LayerNorm.from(2), MAPS)).entry("bias").shape()).isEqualTo(Shape.of(5, 3));
  }

  @Test
  void eachGroupOfEachImageHasMeanZeroAndStdOne() {
    double[] x = ParityRule.values("wide", "x", MAPS);
    double[] y = LayerRuns.run(GroupNorm.of(2), MAPS, x);
    for (int group = 0; group < 6; group++) {
      standard(Arrays.copyOfRange(y, group * 30, group * 30 + 30));
    }
    double[] instance = LayerRuns.run(GroupNorm.instance(), MAPS, x);
    for (int channel = 0; channel < 12; channel++) {
      standard(Arrays.copyOfRange(instance, channel * 15, channel * 15 + 15));
    }
    double[] layer = LayerRuns.run(LayerNorm.from(1), MAPS, x);
    for (int image = 0; image < 3; image++) {
      standard(Arrays.copyOfRange(layer, image * 60, image * 60 + 60));
    }
    assertThat(LayerRuns.run(GroupNorm.of(1), MAPS, x)).containsExactly(layer);
  }

  @Test
  void inTrainingEachChannelOfTheBatchHasMeanZeroAndStdOne() {
    double[] x = ParityRule.values("wide", "x", MAPS);
    double[] y = LayerRuns.run(Rewrite.training(LayerRuns.graph(BatchNorm2d.standard(), MAPS)), x, Engine.RANDOM);
    for (int c = 0; c < 4; c++) {
      int channel = c;
      standard(IntStream.range(0, y.length).filter(i -> i / 15 % 4 == channel).mapToDouble(i -> y[i]).toArray());
    }
  }

  @Test
  void beforeTrainingInferenceIsTheIdentity() {
    double[] x = ParityRule.values("wide", "x", MAPS);
    assertThat(LayerRuns.inference(BatchNorm2d.standard(), MAPS, x)).containsExactly(x, within(1e-4));
  }

  @Test
  void runningStatisticsAreStoredAndNotTrained() {
    Parameters parameters = Parameters.initial(LayerRuns.graph(BatchNorm2d.standard().named("bn1"), MAPS), 1);
    assertThat(parameters.entries()).extracting(Parameters.Entry::name)
        .containsExactly("bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var");
    assertThat(parameters.trainableSize()).isEqualTo(8);
    assertThat(LayerRuns.values(parameters, "bn1.running_var")).containsOnly(1);
  }

  @Test
  void thePapersAlphaIsNotDividedByTheSize() {
    double[] x = {1, 2, 3, 4, 5, 6};
    double[] y = LayerRuns.run(LocalResponseNorm.paper(3, 0.5, 0.75, 2), Shape.of(1, 6), x);
    assertThat(y[1]).isCloseTo(2 / Math.pow(2 + 0.5 * (1 + 4 + 9), 0.75), within(1e-9));
    double[] torch = LayerRuns.run(new LocalResponseNorm(3, 0.5, 0.75, 2), Shape.of(1, 6), x);
    assertThat(torch[5]).isCloseTo(6 / Math.pow(2 + 0.5 / 3 * (25 + 36), 0.75), within(1e-9));
  }

  private static void standard(double[] row) {
    double mean = Arrays.stream(row).average().orElseThrow();
    double square = Arrays.stream(row).map(v -> v * v).average().orElseThrow();
    assertThat(mean).isCloseTo(0, within(1e-12));
    assertThat(square).isCloseTo(1, within(1e-5));
  }

  @Test
  void errorsNameTheLayerAndTheFix() {
    LayerRuns.refused(GroupNorm.of(3).named("norm"), MAPS,
        "norm: RowNormalization expects groups that divide 4 channels, got 3");
    LayerRuns.refused(LayerNorm.from(4).named("norm"), MAPS, "norm.LayerNorm expects an axis from 1 to 3, got 4");
    LayerRuns.refused(LayerNorm.from(0).named("norm"), MAPS, "norm.LayerNorm expects an axis from 1 to 3, got 0");
    LayerRuns.refused(new BatchNorm2d(0, 0.1).named("bn"), MAPS,
        "bn: BatchNormalization expects an epsilon above 0 and a momentum from 0 to 1, got 0.0 and 0.1");
    LayerRuns.refused(new BatchNorm2d(1e-5, 1.5).named("bn"), MAPS, "bn: BatchNormalization expects an epsilon above 0");
    LayerRuns.refused(new LocalResponseNorm(0, 1, 1, 1).named("lrn"), MAPS, "lrn: Lrn expects a size of 1 or more");
  }

  @Test
  void inferenceKeepsTheNormalization() {
    assertThat(Rewrite.inference(LayerRuns.graph(BatchNorm2d.standard(), MAPS)).nodes())
        .anyMatch(node -> node.op() instanceof Op.BatchNormalization);
  }
}
