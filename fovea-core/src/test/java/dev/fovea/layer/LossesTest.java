package dev.fovea.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Compare;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.ParityRule;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Losses against their formulas, and their gradients against finite differences. */
class LossesTest {
  private static final double[] LOGITS = {1, 3, -2, 0.5, 0.25, 0};
  private static final double[] LABELS = {1, 2};
  private static final Shape ROWS = Shape.of(2, 3);

  /** A loss of logits and labels. */
  private interface Loss {
    Value of(GraphBuilder g, Value logits, Value labels);
  }

  private static Graph graph(Loss loss, Shape logits, Shape labels) {
    GraphBuilder g = new GraphBuilder();
    Value z = g.input("logits", logits);
    Value y = loss.of(g, z, g.input("labels", labels));
    g.output("loss", y);
    Gradients.of(g, y, List.of(z)).forEach((value, gradient) -> {
      if (value.equals(z)) {
        g.output("gradient", gradient);
      }
    });
    return g.build();
  }

  private static double[] run(Graph graph, double[] logits, double[] labels, String output) {
    return Compare.output(Engine.REFERENCE.run(graph, Map.of("logits", logits, "labels", labels)), output);
  }

  private static double loss(Loss loss, double[] logits, double[] labels) {
    Shape rows = Shape.of(labels.length, logits.length / labels.length);
    return run(graph(loss, rows, Shape.of(labels.length)), logits, labels, "loss")[0];
  }

  private static double[] softmax(double... z) {
    double sum = Arrays.stream(z).map(Math::exp).sum();
    return Arrays.stream(z).map(v -> Math.exp(v) / sum).toArray();
  }

  @Test
  void crossEntropyIsMinusTheLogarithmOfTheProbability() {
    double expected = -(Math.log(softmax(1, 3, -2)[1]) + Math.log(softmax(0.5, 0.25, 0)[2])) / 2;
    assertThat(loss((g, z, t) -> Losses.crossEntropy(g, z, t, 0, -1), LOGITS, LABELS)).isCloseTo(expected, within(1e-12));
    assertThat(loss((g, z, t) -> Losses.crossEntropy(g, z, t, 0, 1), LOGITS, LABELS))
        .isCloseTo(-Math.log(softmax(0.5, 0.25, 0)[2]), within(1e-12));
    double even = -Arrays.stream(softmax(1, 3, -2)).map(Math::log).average().orElseThrow();
    assertThat(loss((g, z, t) -> Losses.crossEntropy(g, z, t, 1, 2), LOGITS, LABELS)).isCloseTo(even, within(1e-12));
  }

  @Test
  void classWeightsAreAConstantOfTheGraph() {
    Loss weighted = (g, z, t) -> Losses.crossEntropy(g, z, t, 0, -1, Losses.vector(g, 5, 1, 3));
    double expected = -(Math.log(softmax(1, 3, -2)[1]) + 3 * Math.log(softmax(0.5, 0.25, 0)[2])) / 4;
    assertThat(loss(weighted, LOGITS, LABELS)).isCloseTo(expected, within(1e-12));
    assertThatThrownBy(() -> graph((g, z, t) -> Losses.crossEntropy(g, z, t, 0, -1, Losses.vector(g, 1, 2)), ROWS, Shape.of(2)))
        .isInstanceOf(FoveaException.class).hasMessage("SoftmaxCrossEntropyLoss expects 3, got 2");
  }

  @Test
  void withZeroWeightsLossAndGradientAreZero() {
    Graph graph = graph((g, z, t) -> Losses.crossEntropy(g, z, t, 0.1, -1, Losses.vector(g, 1, 0, 0)), ROWS, Shape.of(2));
    assertThat(run(graph, LOGITS, LABELS, "loss")).containsOnly(0);
    assertThat(run(graph, LOGITS, LABELS, "gradient")).containsOnly(0);
  }

  @Test
  void theSquaredErrorTakesTargetsOrClassIndices() {
    double expected = (1 + 4 + 4 + 0.25 + 0.0625 + 1) / 6;
    assertThat(loss(Losses::mse, LOGITS, LABELS)).isCloseTo(expected, within(1e-12));
    Graph targets = graph(Losses::mse, ROWS, ROWS);
    assertThat(run(targets, LOGITS, new double[] {0, 1, 0, 0, 0, 1}, "loss")[0]).isCloseTo(expected, within(1e-12));
    assertThat(loss(Losses::mse, new double[] {0.25, 1}, new double[] {1, 0})).isCloseTo((0.5625 + 1) / 2, within(1e-12));
  }

  @Test
  void theHingeLossHasAMarginOfOne() {
    // first row: 3 exceeds both by more than 1; second: 1.5 and 1.25 short
    assertThat(loss((g, z, t) -> Losses.hinge(g, z, t, 1), LOGITS, LABELS)).isCloseTo((1.5 + 1.25) / 3 / 2, within(1e-12));
    assertThat(loss((g, z, t) -> Losses.hinge(g, z, t, 2), LOGITS, LABELS)).isCloseTo((2.25 + 1.5625) / 3 / 2, within(1e-12));
    assertThatThrownBy(() -> loss((g, z, t) -> Losses.hinge(g, z, t, 3), LOGITS, LABELS)).isInstanceOf(FoveaException.class)
        .hasMessage("the hinge loss expects a power of 1 or 2, got 3");
  }

  @Test
  void focalLossWithoutGammaIsCrossEntropy() {
    double plain = loss((g, z, t) -> Losses.crossEntropy(g, z, t, 0, -1), LOGITS, LABELS);
    assertThat(loss((g, z, t) -> Losses.focal(g, z, t, 0), LOGITS, LABELS)).isCloseTo(plain, within(1e-12));
    double p = softmax(1, 3, -2)[1];
    assertThat(loss((g, z, t) -> Losses.focal(g, z, t, 3), new double[] {1, 3, -2}, new double[] {1}))
        .isCloseTo(-Math.pow(1 - p, 3) * Math.log(p), within(1e-12));
    assertThatThrownBy(() -> loss((g, z, t) -> Losses.focal(g, z, t, -1), LOGITS, LABELS)).isInstanceOf(FoveaException.class)
        .hasMessage("the focal loss expects a gamma of 0 or more, got -1.0");
  }

  @Test
  void focalLossOfACertainPredictionHasAZeroGradient() {
    for (double gamma : new double[] {0, 0.5, 1, 2}) {
      Graph graph = graph((g, z, t) -> Losses.focal(g, z, t, gamma), Shape.of(1, 2), Shape.of(1));
      assertThat(run(graph, new double[] {900, -900}, new double[] {0}, "loss")[0]).isEqualTo(0, within(0.0));
      assertThat(run(graph, new double[] {900, -900}, new double[] {0}, "gradient"))
          .containsExactly(new double[] {0, 0}, within(0.0));
      assertThat(run(graph, new double[] {900, -900}, new double[] {1}, "loss")).containsExactly(1800);
    }
  }

  @Test
  void diceCountsTheOverlapOfEachClass() {
    double[] first = softmax(1, 3, -2);
    double[] second = softmax(0.5, 0.25, 0);
    double expected = 0;
    for (int c = 0; c < 3; c++) {
      double both = c == 1 ? first[1] : c == 2 ? second[2] : 0;
      expected += (2 * both + 1) / (first[c] + second[c] + (c == 0 ? 0 : 1) + 1) / 3;
    }
    assertThat(loss(Losses::dice, LOGITS, LABELS)).isCloseTo(1 - expected, within(1e-12));
  }

  @Test
  void aPositionWithoutAClassDoesNotCount() {
    List<Loss> losses = List.of(Losses::mse, (g, z, t) -> Losses.hinge(g, z, t, 1), (g, z, t) -> Losses.focal(g, z, t, 2),
        Losses::dice);
    for (Loss loss : losses) {
      assertThat(loss(loss, LOGITS, new double[] {-1, 2})).isCloseTo(
          loss(loss, new double[] {0.5, 0.25, 0}, new double[] {2}), within(1e-12));
      Graph graph = graph(loss, ROWS, Shape.of(2));
      assertThat(Arrays.copyOf(run(graph, LOGITS, new double[] {-1, 2}, "gradient"), 3))
          .containsExactly(new double[3], within(0.0));
      assertThat(run(graph, LOGITS, new double[] {-1, -1}, "gradient")).containsExactly(new double[6], within(0.0));
      assertThat(run(graph, LOGITS, new double[] {-1, -1}, "loss")[0]).isZero();
    }
  }

  @Test
  void theRejectionClassBoundsTheGradientOfFarCentres() {
    double j = 2;
    double sum = Arrays.stream(new double[] {-1, -4, -9, -j}).map(Math::exp).sum();
    assertThat(loss((g, z, t) -> Losses.rbfCrossEntropy(g, z, t, j), new double[] {-1, -4, -9}, new double[] {1}))
        .isCloseTo(4 + Math.log(sum), within(1e-12));
  }

  @Test
  void gradientsEqualFiniteDifferences() {
    Map<String, Loss> losses = new LinkedHashMap<>();
    losses.put("smoothed", (g, z, t) -> Losses.crossEntropy(g, z, t, 0.2, 1));
    losses.put("weighted", (g, z, t) -> Losses.crossEntropy(g, z, t, 0.2, -1, Losses.vector(g, 1, 0.5, 2, 4)));
    losses.put("mse", Losses::mse);
    losses.put("hinge", (g, z, t) -> Losses.hinge(g, z, t, 1));
    losses.put("squared hinge", (g, z, t) -> Losses.hinge(g, z, t, 2));
    losses.put("focal", (g, z, t) -> Losses.focal(g, z, t, 1.5));
    losses.put("slow focal", (g, z, t) -> Losses.focal(g, z, t, 0.5));
    losses.put("dice", Losses::dice);
    losses.put("rbf", (g, z, t) -> Losses.rbfCrossEntropy(g, z, t, 0.5));
    for (Shape shape : List.of(Shape.of(3, 4), Shape.of(2, 4, 3, 2))) {
      losses.forEach((name, loss) -> differences(name + " of " + shape, loss, shape));
    }
  }

  private static void differences(String name, Loss loss, Shape shape) {
    Shape positions = shape.rank() == 2 ? Shape.of(shape.dim(0)) : Shape.of(shape.dim(0), shape.dim(2), shape.dim(3));
    Graph graph = graph(loss, shape, positions);
    double[] logits = ParityRule.values("signed", "logits", shape);
    double[] labels = ParityRule.values("labels 4", "labels", positions);
    double[] gradient = run(graph, logits, labels, "gradient");
    double step = 1e-5;
    for (int i = 0; i < logits.length; i++) {
      double[] up = logits.clone();
      double[] down = logits.clone();
      up[i] += step;
      down[i] -= step;
      double slope = (run(graph, up, labels, "loss")[0] - run(graph, down, labels, "loss")[0]) / (2 * step);
      assertThat(gradient[i]).as("%s at %d", name, i).isCloseTo(slope, within(1e-7));
    }
  }

  @Test
  void noLossStoresTheBatchSize() {
    List<Loss> losses = List.of(
        (g, z, t) -> Losses.crossEntropy(g, z, t, 0.1, 1, Losses.vector(g, 1, 2, 3)), (g, z, t) -> Losses.hinge(g, z, t, 2),
        (g, z, t) -> Losses.focal(g, z, t, 2), (g, z, t) -> Losses.rbfCrossEntropy(g, z, t, 1), Losses::mse, Losses::dice);
    for (Loss loss : losses) {
      GraphBuilder g = new GraphBuilder();
      g.output("loss", loss.of(g, g.input("logits", ROWS), g.input("labels", Shape.of(2))));
      assertThat(Rewrite.withBatch(g.build(), 9).outputShape("loss")).isEqualTo(Shape.of());
    }
  }
}
