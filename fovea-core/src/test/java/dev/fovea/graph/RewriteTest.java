package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
  private static final Graph NET = TinyNets.convolutional(1);

  @Test
  void aReplayWithoutRulesIsTheSameGraph() {
    assertThat(Rewrite.replay(NET, (_, _, _) -> Optional.empty())).isEqualTo(NET);
    assertThat(Rewrite.prune(NET)).isEqualTo(NET);
  }

  @Test
  void anotherBatchKeepsEachPicturesResult() {
    Graph one = Rewrite.inference(NET);
    Graph five = Rewrite.withBatch(one, 5);
    assertThat(five.outputShape("logits")).isEqualTo(Shape.of(5, 3));
    assertThat(five).isEqualTo(Rewrite.inference(TinyNets.convolutional(5)));
    double[] pictures = ParityRule.values("signed", "input", Shape.of(5, 1, 6, 6));
    double[] together = run(five, pictures, "logits");
    for (int i = 0; i < 5; i++) {
      double[] alone = run(one, Arrays.copyOfRange(pictures, 36 * i, 36 * (i + 1)), "logits");
      assertThat(Arrays.copyOfRange(together, 3 * i, 3 * (i + 1))).containsExactly(alone);
    }
    assertThat(Rewrite.withBatch(five, 1)).isEqualTo(one);
  }

  @Test
  void anotherImageSizeIsInferredAgain() {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, NET, (_, _, _) -> Optional.empty());
    g.output("features", values.get(NET.output("features").id()));
    Graph convolutional = Rewrite.prune(g.build());
    Graph larger = Rewrite.withInputs(convolutional, Map.of("input", Shape.of(2, 1, 11, 8)));
    assertThat(larger.outputShape("features")).isEqualTo(Shape.of(2, 2, 4, 3));
    assertThat(Rewrite.withInputs(convolutional, Map.of("other", Shape.of(9)))).isEqualTo(convolutional);
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
    assertThat(pruned).hasToString("%0 = Input[name=x, shape=2] : 2\n%1 = Relu[] %0 : 2\ny <- %1\nagain <- %1\n");
    assertThat(pruned.params()).isEmpty();
  }

  @Test
  void aRuleReplacesANodeForAllWhoReadIt() {
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
  void layersKeepTheirPaths() {
    assertThat(Rewrite.withBatch(NET, 3).nodes().stream().map(Node::path))
        .containsExactlyElementsOf(NET.nodes().stream().map(Node::path).toList());
  }

  private static double[] run(Graph graph, double[] input, String output) {
    Map<String, double[]> bound = new LinkedHashMap<>();
    graph.params().forEach(p -> bound.put(p.name(), ParityRule.values("signed", p.name(), p.shape())));
    bound.put("input", input);
    return Compare.output(Engine.REFERENCE.run(graph, bound), output);
  }
}
