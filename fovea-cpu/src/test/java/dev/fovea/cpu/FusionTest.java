package dev.fovea.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.cpu.kernel.Layout;
import dev.fovea.graph.FoldNormalization;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.layer.Activation;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.BackendEngine;
import dev.fovea.testkit.Compare;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.OpCases;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Fused steps, folded normalisations, and constant scalars that are part of a kernel. */
class FusionTest {
  private final BackendEngine scalar = new BackendEngine(new ScalarBackend(), 1);
  private final BackendEngine nchw16n = new BackendEngine(new VectorBackend(Layout.NCHW16N), 2);
  private final BackendEngine nchw16c = new BackendEngine(new VectorBackend(Layout.NCHW16C), 2);

  /** The scalar backend fuses no steps, so its bits are those of separate steps. */
  @TestFactory
  @Tag("slow")
  Stream<DynamicTest> fusionChangesNoBit() {
    long seed = OpCases.seed();
    return IntStream.range(0, 60).mapToObj(i -> DynamicTest.dynamicTest("seed " + seed + ", graph " + i, () -> {
      Graph graph = random(new Random(seed + i));
      for (Graph each : List.of(graph, Gradients.withGradients(graph, "loss"))) {
        Map<String, double[]> values = values(each, seed + i);
        Map<String, float[]> expected = scalar.floats(each, values);
        for (BackendEngine engine : List.of(nchw16n, nchw16c)) {
          Map<String, float[]> got = engine.floats(each, values);
          expected.forEach((name, elements) -> assertThat(got.getOrDefault(name, new float[0])).as("%s of %s", name, each)
              .containsExactly(elements));
        }
      }
    }));
  }

  /**
   * A chain of convolutions, normalisations and pooling layers with activations, sums and products between them; half of the graphs
   * end with fully connected layers.
   */
  private static Graph random(Random random) {
    GraphBuilder g = new GraphBuilder();
    int filters = List.of(5, 8, 16, 20, 32).get(random.nextInt(5));
    Value x = g.input("x", Shape.of(1 + random.nextInt(3), filters, 4 + random.nextInt(6), 4 + random.nextInt(6)));
    List<Value> before = new ArrayList<>(List.of(x));
    int layers = 4 + random.nextInt(8);
    for (int i = 0; i < layers; i++) {
      Value from = x;
      int kind = random.nextInt(12);
      Value other = before.get(random.nextInt(before.size()));
      x = g.scope("layer" + i, () -> switch (kind) {
        case 0, 1, 2 -> Conv2d.of(filters, 3).padding(1).groups(filters % 4 == 0 && kind == 0 ? 4 : 1).apply(g, from);
        case 3 -> Conv2d.of(filters, 1).apply(g, from);
        case 4 -> Conv2d.of(filters, 3).padding(1).groups(filters).apply(g, from);
        case 5, 6 -> BatchNorm2d.standard().apply(g, from);
        case 7 -> g.op(new Op.MaxPool(Window.of(3).padding(1)), from);
        case 8 -> g.add(from, other);
        case 9 -> g.add(other, from);
        case 10 -> g.mul(from, other);
        default -> g.op(new Op.Tanh(), from);
      });
      before.add(x);
      x = activated(g, x, random.nextInt(8));
    }
    if (random.nextBoolean()) {
      Value flat = g.op(new Op.Flatten(), x);
      Value hidden = g.scope("hidden", () -> Linear.of(random.nextBoolean() ? 13 : 21).apply(g, flat));
      Value active = activated(g, hidden, random.nextInt(6));
      x = g.scope("last", () -> Linear.of(10).apply(g, active));
    }
    g.output("y", x);
    g.output("loss", g.op(new Op.Mean(), g.mul(x, x)));
    return g.build();
  }

  private static Value activated(GraphBuilder g, Value x, int kind) {
    return switch (kind) {
      case 0 -> g.op(new Op.Relu(), x);
      case 1 -> g.op(new Op.LeakyRelu(0.1f), x);
      case 2 -> g.op(new Op.Clip(-0.5f, 0.5f), x);
      case 3 -> g.op(new Op.Sigmoid(), x);
      case 4 -> Activation.HARD_SWISH.apply(g, x);
      case 5 -> Activation.SCALED_TANH.apply(g, x);
      default -> x;
    };
  }

  /** Values from -1 to 1, variances from 0.5 to 1.5. */
  private static Map<String, double[]> values(Graph graph, long seed) {
    Map<String, double[]> values = new HashMap<>();
    graph.inputs().forEach(input -> values.put(input.name(), elements(seed, input.name(), input.shape())));
    Parameters.zeros(graph).entries().forEach(p -> values.put(p.name(), elements(seed, p.name(), p.shape())));
    return values;
  }

  private static double[] elements(long seed, String name, Shape shape) {
    Rng random = Rng.of(seed).at(name);
    boolean positive = name.endsWith("running_var");
    return IntStream.range(0, shape.size()).mapToDouble(i -> random.uniform(i, positive ? 0.5f : -1, positive ? 1.5f : 1))
        .toArray();
  }

  private static Graph normalised(boolean bias, int groups) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(2, 12, 7, 5));
    Value conv = g.scope("conv", () -> Conv2d.of(20, 3).bias(bias).groups(groups).apply(g, x));
    g.output("y", g.op(new Op.Relu(), g.scope("norm", () -> BatchNorm2d.standard().apply(g, conv))));
    return g.build();
  }

  @Test
  void foldedNormalisationsMatchTheReference() {
    for (Graph graph : List.of(normalised(true, 1), normalised(false, 4))) {
      Map<String, double[]> values = values(graph, 3);
      int taps = 12 * 9;
      // each product is below 1.5, and each rounding error is at most half an ulp of the partial sum
      double tolerance = (taps + 4) * 0x1p-24 * taps * 1.5;
      for (BackendEngine engine : List.of(scalar, nchw16n, nchw16c)) {
        Compare.values("y", Compare.output(Engine.REFERENCE.run(graph, values), "y"),
            Compare.output(engine.run(graph, values), "y"), tolerance);
      }
      assertThat(FoldNormalization.apply(graph).toString()).doesNotContain("BatchNormalization");
    }
  }

  @Test
  void convolutionsWithOtherReadersOrInTrainingAreNotFolded() {
    GraphBuilder g = new GraphBuilder();
    Value conv = g.scope("conv", () -> Conv2d.of(16, 3).apply(g, g.input("x", Shape.of(1, 3, 6, 6))));
    Value y = g.scope("norm", () -> BatchNorm2d.standard().apply(g, conv));
    g.output("y", g.add(y, conv));
    Graph graph = g.build();
    assertThat(FoldNormalization.apply(graph).nodes()).isEqualTo(graph.nodes());
    GraphBuilder trained = new GraphBuilder();
    Value x = trained.input("x", Shape.of(1, 3, 6, 6));
    Value c = trained.scope("conv", () -> Conv2d.of(16, 3).apply(trained, x));
    Value n = trained.scope("norm", () -> BatchNorm2d.standard().apply(trained, c));
    trained.output("loss", trained.op(new Op.Mean(), n));
    Graph training = Gradients.withGradients(trained.build(), "loss");
    assertThat(FoldNormalization.apply(training)).isSameAs(training);
  }

  @Test
  void activationsAndResidualSumsAreFused() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1, 32, 8, 8));
    Value first = g.op(new Op.Relu(), g.scope("a", () -> Conv2d.of(32, 3).padding(1).apply(g, x)));
    Value second = g.scope("b", () -> Conv2d.of(32, 3).padding(1).apply(g, first));
    Value sum = g.op(new Op.Relu(), g.add(x, second));
    g.output("y", g.scope("c", () -> MaxPool2d.of(2).apply(g, sum)));
    Graph graph = g.build();
    String text = new VectorBackend(Layout.NCHW16C).compile(graph, Parameters.initial(graph, 1), 1).plan();
    assertThat(text).contains("nchw16c.conv+relu", "nchw16c.conv+add+relu").doesNotContain("nchw16c.add", "nchw16c.relu");
  }

  @Test
  void constantScalarsNeedNoStep() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1, 32, 8, 8));
    Value conv = g.scope("a", () -> Conv2d.of(32, 3).padding(1).apply(g, x));
    g.output("y", Activation.HARD_SWISH.apply(g, conv));
    Graph graph = g.build();
    for (Layout layout : List.of(Layout.NCHW16C, Layout.NCHW16N)) {
      String text = new VectorBackend(layout).compile(graph, Parameters.initial(graph, 1), 1).plan();
      assertThat(text).contains(".mul+add+clip+mul").doesNotContain("fill", ".add ", ".clip ");
    }
  }

  @Test
  void longChainsAreSplitAndChangeNoBit() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1, 3, 5, 5));
    for (int i = 0; i < 200; i++) {
      x = g.add(x, g.number(i % 2 == 0 ? 0.3 : -0.7));
    }
    g.output("y", x);
    Graph graph = g.build();
    Map<String, double[]> values = values(graph, 5);
    for (BackendEngine engine : List.of(nchw16n, nchw16c)) {
      assertThat(engine.floats(graph, values).get("y")).containsExactly(scalar.floats(graph, values).get("y"));
    }
  }
}
