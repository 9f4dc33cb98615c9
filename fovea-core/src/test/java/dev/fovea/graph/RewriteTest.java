package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Compare;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.ParityRule;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RewriteTest {
  private static final Graph NET = TinyNetworks.convolutional(1);

  /** Two images, two channels, 1x2: the channels' means are 2 and 15, their biased variances 2.5 and 25. */
  private static final double[] X = {0, 1, 20, 20, 3, 4, 10, 10};

  @Test
  void aReplayWithoutRulesIsTheSameGraph() {
    assertThat(Rewrite.replay(NET, (_, _, _) -> Optional.empty())).isEqualTo(NET);
    assertThat(Rewrite.prune(NET)).isEqualTo(NET);
  }

  @Test
  void anotherBatchKeepsEachImagesResult() {
    Graph one = Rewrite.inference(NET);
    Graph five = Rewrite.withBatch(one, 5);
    assertThat(five.outputShape("logits")).isEqualTo(Shape.of(5, 3));
    assertThat(five).isEqualTo(Rewrite.inference(TinyNetworks.convolutional(5)));
    double[] images = ParityRule.values("signed", "input", Shape.of(5, 1, 6, 6));
    double[] together = run(five, images, "logits");
    for (int i = 0; i < 5; i++) {
      double[] alone = run(one, Arrays.copyOfRange(images, 36 * i, 36 * (i + 1)), "logits");
      assertThat(Arrays.copyOfRange(together, 3 * i, 3 * (i + 1))).containsExactly(alone);
    }
    assertThat(Rewrite.withBatch(five, 1)).isEqualTo(one);
  }

  @Test
  void shapesAreInferredAgainForAnotherImageSize() {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, NET, (_, _, _) -> Optional.empty());
    g.output("features", values.get(NET.output("features").id()));
    Graph convolutional = Rewrite.prune(g.build());
    Graph larger = Rewrite.withInputs(convolutional, Map.of("input", Shape.of(2, 1, 11, 8)));
    assertThat(larger.outputShape("features")).isEqualTo(Shape.of(2, 2, 4, 3));
    assertThat(Rewrite.withInputs(convolutional, Map.of("other", Shape.of(9)))).isEqualTo(convolutional);
  }

  @Test
  void aFixedAxisKeepsItsSize() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.op(new Op.Input("x", Shape.of(1, 3, 224, 224), List.of(1, 2)));
    g.output("y", g.op(new Op.Relu(), x));
    Graph graph = g.build();
    Graph wider = Rewrite.withInputs(Rewrite.withBatch(graph, 4), Map.of("x", Shape.of(4, 3, 224, 192)));
    assertThat(wider.inputs()).containsExactly(new Op.Input("x", Shape.of(4, 3, 224, 192), List.of(1, 2)));
    assertThatThrownBy(() -> Rewrite.withInputs(graph, Map.of("x", Shape.of(1, 3, 256, 256))))
        .isInstanceOf(FoveaException.class)
        .hasMessage("input 'x': axis 2 is fixed at 224 in this network, got 256");
    assertThatThrownBy(() -> Rewrite.withInputs(graph, Map.of("x", Shape.of(1, 3))))
        .isInstanceOf(FoveaException.class)
        .hasMessage("input 'x': axis 2 is fixed at 224 in this network, got 1x3");
  }

  @Test
  void aFixedBatchIsRefusedUnlessItIsTheSame() {
    GraphBuilder g = new GraphBuilder();
    g.output("y", g.op(new Op.Input("x", Shape.of(2, 3), List.of(0))));
    Graph graph = g.build();
    assertThat(Rewrite.withBatch(graph, 2)).isEqualTo(graph);
    assertThatThrownBy(() -> Rewrite.withBatch(graph, 3))
        .isInstanceOf(FoveaException.class)
        .hasMessage("input 'x': axis 0 is fixed at 2 in this network, got 3");
  }

  /** Nothing that follows from the shapes is stored. */
  @Test
  void reshapesAndSlicesAdaptToAnotherSize() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1, 4, 6));
    Value y = g.op(new Op.Reshape(List.of(new Op.Dim.Axis(0), new Op.Dim.Rest(), new Op.Dim.Axis(2))), x);
    g.output("y", g.op(new Op.Slice(2, -3, Integer.MAX_VALUE), y));
    assertThat(Rewrite.withInputs(g.build(), Map.of("x", Shape.of(2, 5, 8))).outputShape("y")).isEqualTo(Shape.of(2, 5, 3));
  }

  @Test
  void anImageSizeThatDoesNotFitNamesTheLayer() {
    assertThatThrownBy(() -> Rewrite.withInputs(NET, Map.of("input", Shape.of(1, 1, 8, 8))))
        .isInstanceOf(FoveaException.class)
        .hasMessage("classifier: Gemm expects 8 inputs, got 18");
  }

  @Test
  void pruneDropsWhatNoOutputNeeds() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(2));
    Value unused = g.input("unused", Shape.of(2));
    g.op(new Op.Mul(), unused, g.param("idle", Shape.of(2), Init.he(1)));
    Value y = g.op(new Op.Relu(), x);
    g.output("y", y);
    g.output("again", y);
    Graph pruned = Rewrite.prune(g.build());
    assertThat(pruned).hasToString("%0 = Input[name=x, shape=2, fixed=[]] : 2\n%1 = Relu[] %0 : 2\ny <- %1\nagain <- %1\n");
    assertThat(pruned.params()).isEmpty();
  }

  @Test
  void aRuleReplacesANodeForAllItsReaders() {
    Graph tanh =
        Rewrite.replay(
            NET, (g, node, in) -> node.op() instanceof Op.Relu ? Optional.of(g.op(new Op.Tanh(), in)) : Optional.empty());
    assertThat(tanh.nodes().stream().map(n -> n.op().type())).contains("Tanh").doesNotContain("Relu");
    assertThat(tanh.nodes()).hasSameSizeAs(NET.nodes());
  }

  @Test
  void inferenceHasNoDropout() {
    Graph inference = Rewrite.inference(NET);
    assertThat(inference.nodes()).hasSize(NET.nodes().size() - 1).noneMatch(n -> n.op() instanceof Op.Dropout);
    assertThat(inference.outputs().keySet()).isEqualTo(NET.outputs().keySet());
  }

  @Test
  void trainingWithoutBatchNormalizationIsTheSameGraph() {
    assertThat(Rewrite.training(NET)).isEqualTo(NET);
    Graph headed = TinyNetworks.headed();
    assertThat(Rewrite.training(headed)).isEqualTo(headed);
  }

  @Test
  void trainingNormalizesByTheBatchAndUpdatesTheRunningStatistics() {
    Graph graph = Rewrite.training(TinyNetworks.normalized(2, 0.25f));
    Map<String, double[]> got = Engine.REFERENCE.run(graph, normalized(X));
    assertThat(graph.outputs().keySet()).containsExactlyInAnyOrder("y", "moved/bn.running_mean", "moved/bn.running_var");
    assertThat(Compare.output(got, Rewrite.updatedOutputOf("bn.running_mean")))
        .containsExactly(new double[] {0.75 * 8 + 0.25 * 2, 0.75 * -4 + 0.25 * 15}, within(1e-12));
    // 4 elements per channel: the unbiased variance is 4/3 of the biased one; the factors are float32
    assertThat(Compare.output(got, Rewrite.updatedOutputOf("bn.running_var")))
        .containsExactly(new double[] {0.75 * 2 + 0.25 * 4 / 3 * 2.5, 0.75 * 3 + 0.25 * 4 / 3 * 25}, within(1e-5));
    double std = Math.sqrt(2.5 + 1e-5);
    assertThat(Arrays.copyOf(Compare.output(got, "y"), 2))
        .containsExactly(new double[] {-2 / std * 1.5 + 0.5, -1 / std * 1.5 + 0.5}, within(1e-9));
  }

  @Test
  void inferenceNormalizesByTheRunningStatistics() {
    Graph graph = Rewrite.inference(TinyNetworks.normalized(2, 0.25f));
    assertThat(graph).isEqualTo(TinyNetworks.normalized(2, 0.25f));
    double[] y = Compare.output(Engine.REFERENCE.run(graph, normalized(X)), "y");
    assertThat(y[0]).isCloseTo((0 - 8) / Math.sqrt(2 + 1e-5) * 1.5 + 0.5, within(1e-9));
    assertThat(y[7]).isCloseTo((10 + 4) / Math.sqrt(3 + 1e-5) * 2 - 1, within(1e-9));
  }

  @Test
  void momentumOneReplacesAndZeroKeepsTheStatistics() {
    for (float momentum : new float[] {0, 1}) {
      Map<String, double[]> got = Engine.REFERENCE.run(Rewrite.training(TinyNetworks.normalized(2, momentum)), normalized(X));
      double[] expected = momentum == 0 ? new double[] {8, -4} : new double[] {2, 15};
      assertThat(Compare.output(got, "moved/bn.running_mean")).containsExactly(expected, within(1e-12));
    }
  }

  @Test
  void trainingIsRewrittenOnceAndKeepsNamesAndHeads() {
    Graph once = Rewrite.training(TinyNetworks.normalized(2, 0.25f));
    assertThat(Rewrite.training(once)).isEqualTo(once);
    assertThat(Rewrite.updatedParameterOf("moved/bn.running_mean")).contains("bn.running_mean");
    assertThat(Rewrite.updatedParameterOf("logits")).isEmpty();
    assertThat(once.nodes()).filteredOn(n -> n.op() instanceof Op.BatchMean).singleElement().extracting(Node::path)
        .isEqualTo("bn");
  }

  /** The gradients of the loss; the running statistics have none. */
  @Test
  void trainingGradientsIncludeTheBatchStatistics() {
    GraphBuilder g = new GraphBuilder();
    Graph training = Rewrite.training(TinyNetworks.normalized(2, 0.25f));
    List<Value> values = Rewrite.replayInto(g, training, (_, _, _) -> Optional.empty());
    Value y = values.get(training.output("y").id());
    g.output("loss", g.op(new Op.Mean(), g.mul(y, g.input("weight", Shape.of(2, 2, 1, 2)))));
    Graph graph = Gradients.withGradients(g.build(), "loss");
    assertThat(graph.outputs().keySet()).containsExactly("loss", "gradient/bn.weight", "gradient/bn.bias");
    Map<String, double[]> bound = normalized(X);
    bound.put("weight", new double[] {1, 0, 0, 0, 0, 0, 0, 0});
    Map<String, double[]> got = Engine.REFERENCE.run(graph, bound);
    assertThat(Compare.output(got, "gradient/bn.weight")).containsExactly(new double[] {-2 / Math.sqrt(2.5 + 1e-5) / 8, 0},
        within(1e-9));
    assertThat(Compare.output(got, "gradient/bn.bias")).containsExactly(new double[] {0.125, 0}, within(1e-9));
  }

  private static Map<String, double[]> normalized(double[] x) {
    Map<String, double[]> bound = new LinkedHashMap<>();
    bound.put("x", x);
    bound.put("bn.weight", new double[] {1.5, 2});
    bound.put("bn.bias", new double[] {0.5, -1});
    bound.put("bn.running_mean", new double[] {8, -4});
    bound.put("bn.running_var", new double[] {2, 3});
    return bound;
  }

  @Test
  void inferenceRemovesHeadsAndTheirNodes() {
    Graph headed = TinyNetworks.headed();
    assertThat(headed.heads()).containsExactly(entry("aux", 0.3f));
    Graph inference = Rewrite.inference(headed);
    assertThat(inference.outputs()).containsOnlyKeys("logits");
    assertThat(inference.heads()).isEmpty();
    assertThat(inference.params()).extracting(Op.Param::name).containsExactly("fc.weight");
    assertThat(Rewrite.withBatch(headed, 5).heads()).isEqualTo(headed.heads());
    assertThat(Rewrite.prune(headed)).isEqualTo(headed);
    assertThat(Gradients.withGradients(withLoss(headed), "loss").heads()).isEqualTo(headed.heads());
  }

  private static Graph withLoss(Graph graph) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, graph, (_, _, _) -> Optional.empty());
    g.outputsOf(graph, v -> values.get(v.id()));
    g.output("loss", g.op(new Op.Mean(), values.get(graph.output("logits").id())));
    return g.build();
  }

  @Test
  void inferenceUsesTheExpectationOfStochasticPooling() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1, 1, 3, 3));
    Window w = Window.of(2).stride(2).padding(0, 0, 1, 1);
    g.output("y", g.op(new Op.MaxPick(w), g.op(new Op.ExponentialRace("lots"), x), x));
    Graph inference = Rewrite.inference(g.build());
    assertThat(inference.nodes()).noneMatch(n -> n.op() instanceof Op.ExponentialRace || n.op() instanceof Op.MaxPick);
    double[] y = Compare.output(Engine.REFERENCE.run(inference, Map.of("x", new double[] {1, 2, 3, 4, 5, 1, 0, 0, 7})), "y");
    assertThat(y).containsExactly(new double[] {46 / 12.0, 10 / 4.0, 0, 7}, within(1e-9));
  }

  @Test
  void aPickByAnotherKeyIsNotStochasticPooling() {
    GraphBuilder g = new GraphBuilder();
    Value key = g.input("key", Shape.of(1, 1, 2, 2));
    g.output("y", g.op(new Op.MaxPick(Window.of(2)), key, g.input("x", Shape.of(1, 1, 2, 2))));
    Graph graph = g.build();
    assertThat(Rewrite.inference(graph)).isEqualTo(graph);
  }

  @Test
  void layersKeepTheirPaths() {
    assertThat(Rewrite.withBatch(NET, 3).nodes().stream().map(Node::path))
        .containsExactlyElementsOf(NET.nodes().stream().map(Node::path).toList());
  }

  @Test
  void scalarsServeEveryBatch() {
    GraphBuilder g = new GraphBuilder();
    g.output("y", g.mul(g.input("x", Shape.of(1, 2)), g.input("scale", Shape.of())));
    Graph graph = Rewrite.withBatch(g.build(), 3);
    assertThat(graph.inputs()).extracting(Op.Input::shape).containsExactly(Shape.of(3, 2), Shape.of());
    assertThat(graph.outputShape("y")).isEqualTo(Shape.of(3, 2));
  }

  private static double[] run(Graph graph, double[] input, String output) {
    Map<String, double[]> bound = new LinkedHashMap<>();
    graph.params().forEach(p -> bound.put(p.name(), ParityRule.values("signed", p.name(), p.shape())));
    bound.put("input", input);
    return Compare.output(Engine.REFERENCE.run(graph, bound), output);
  }
}
