package dev.fovea.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphJson;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.LayerContract;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Layers of several branches, and dropout layers. */
class BranchesTest {
  private static final Shape MAPS = Shape.of(2, 4, 5, 6);
  private static final Layer HEADED =
      Sequential.of(
          Conv2d.of(3, 3), new Head("aux", 0.3, Sequential.of(new Flatten(), Linear.of(5))), Activation.RELU, new Flatten(),
          Linear.of(2));

  @Test
  void branchesKeepTheirContract() {
    LayerContract.check(Residual.of(Conv2d.of(4, 3).padding(1)), MAPS, MAPS);
    Layer narrowed = new Residual(Conv2d.of(6, 3).padding(1).stride(2).named("body"), Conv2d.of(6, 1).stride(2).named("down"));
    LayerContract.check(narrowed, MAPS, Shape.of(2, 6, 3, 3));
    LayerContract.check(Concat.of(Conv2d.of(2, 1).named("a"), MaxPool2d.of(3).stride(1).padding(1)), MAPS, MAPS.with(1, 6));
    LayerContract.check(HEADED, MAPS, Shape.of(2, 2));
    LayerContract.check(new Dropout2d(0.4), MAPS, MAPS);
    LayerContract.check(new StochasticDepth(0.4), MAPS, MAPS);
  }

  @Test
  void theShortcutIsTheInputItself() {
    double[] x = LayerRuns.ramp(MAPS.size());
    assertThat(LayerRuns.run(Residual.of((_, v) -> v), MAPS, x)).containsExactly(Arrays.stream(x).map(v -> 2 * v).toArray());
  }

  @Test
  void branchesAreConcatenatedAlongTheChannels() {
    double[] x = LayerRuns.ramp(8);
    double[] y = LayerRuns.run(Concat.of((_, v) -> v, Activation.SIGMOID, (_, v) -> v), Shape.of(2, 2, 2), x);
    assertThat(Arrays.copyOf(y, 4)).containsExactly(0, 1, 2, 3);
    assertThat(Arrays.copyOfRange(y, 8, 16)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void aHeadPassesItsInputAndAddsAnOutput() {
    Graph graph = LayerRuns.graph(HEADED, MAPS);
    assertThat(graph.outputs()).containsOnlyKeys("aux", "y");
    assertThat(graph.heads()).containsExactly(entry("aux", 0.3f));
    assertThat(graph.outputShape("aux")).isEqualTo(Shape.of(2, 5));
    assertThat(Parameters.zeros(graph).entries()).extracting(Parameters.Entry::name)
        .containsExactly("0.weight", "0.bias", "1.aux.1.weight", "1.aux.1.bias", "4.weight", "4.bias");
  }

  @Test
  void inferenceRemovesHeadsAndFilesKeepThem() {
    Graph graph = LayerRuns.graph(HEADED, MAPS);
    Graph inference = Rewrite.inference(graph);
    assertThat(inference.outputs()).containsOnlyKeys("y");
    assertThat(inference.heads()).isEmpty();
    assertThat(inference.params()).extracting(Op.Param::name).containsExactly("0.weight", "0.bias", "4.weight", "4.bias");
    assertThat(GraphJson.read(GraphJson.write(graph), "test")).isEqualTo(graph);
    assertThat(Rewrite.withBatch(graph, 7).heads()).isEqualTo(graph.heads());
  }

  @Test
  void duplicateHeadNamesAreRefused() {
    Layer head = new Head("y", 1, new Flatten());
    LayerRuns.refused(head, MAPS, "two outputs are called y: give the heads different names");
    LayerRuns.refused(
        Sequential.of(new Head("aux", 1, new Flatten()), new Head("aux", 1, new Flatten())), MAPS, "two outputs are called aux");
  }

  @Test
  void dropoutOfChannelsAndImagesDropsWholeUnits() {
    double[] ones = new double[100 * 4 * 6];
    Arrays.fill(ones, 1);
    Shape shape = Shape.of(100, 4, 2, 3);
    checkUnits(new Dropout2d(0.25), shape, ones, 6);
    checkUnits(new StochasticDepth(0.25), shape, ones, 24);
    assertThat(LayerRuns.inference(new Dropout2d(0.25), shape, ones)).containsExactly(ones);
    assertThat(LayerRuns.inference(new StochasticDepth(0.25), shape, ones)).containsExactly(ones);
  }

  /** A quarter of the units is zero, to within four stds over 20 runs; the others preserve the mean. */
  private static void checkUnits(Layer layer, Shape shape, double[] ones, int unit) {
    int units = ones.length / unit;
    int dropped = 0;
    for (int seed = 0; seed < 20; seed++) {
      double[] y = LayerRuns.run(LayerRuns.graph(layer, shape), ones, Rng.of(seed));
      for (int u = 0; u < units; u++) {
        double first = y[u * unit];
        assertThat(first == 0 || Math.abs(first - 4.0 / 3) < 1e-12).isTrue();
        assertThat(IntStream.range(u * unit, (u + 1) * unit).allMatch(i -> y[i] == first)).isTrue();
        dropped += first == 0 ? 1 : 0;
      }
    }
    assertThat(dropped / (20.0 * units)).isCloseTo(0.25, within(4 * Math.sqrt(0.25 * 0.75 / (20 * units))));
  }

  @Test
  void errorsNameTheLayerAndTheFix() {
    LayerRuns.refused(Residual.of(Conv2d.of(4, 3)).named("block"), MAPS,
        "block: Add expects operands that broadcast onto each other, got 2x4x3x4 and 2x4x5x6");
    LayerRuns.refused(Concat.of(Conv2d.of(4, 3), (_, x) -> x).named("mix"), MAPS,
        "mix: Concat expects maps of one size, as 2x4x3x4, got 2x4x5x6");
    LayerRuns.refused(Concat.of().named("mix"), MAPS, "mix: Concat expects one operand or more");
    LayerRuns.refused(Concat.of(Conv2d.of(2, 1), Conv2d.of(2, 1)).named("mix"), MAPS,
        "two parameters or inputs are called mix.weight: give their layers different names");
    LayerRuns.refused(new Dropout2d(1).named("drop"), MAPS,
        "drop: Dropout expects a rate of at least 0 and less than 1, got 1.0");
    LayerRuns.refused(new Dropout2d(0.5).named("drop"), Shape.of(7), "drop: Dropout expects N x C x ..., got 7");
    LayerRuns.refused(new Head("aux", 1, Linear.of(3)).named("side"), MAPS, "side.aux.Linear expects N x features");
  }
}
