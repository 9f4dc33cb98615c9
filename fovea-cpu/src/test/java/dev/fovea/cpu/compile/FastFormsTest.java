package dev.fovea.cpu.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.cpu.ScalarBackend;
import dev.fovea.cpu.VectorBackend;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.BackendEngine;
import dev.fovea.testkit.Compare;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.ParityRule;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The building blocks of imported networks: which kernels they get, and that every backend has the same bits. */
class FastFormsTest {
  private static final Init ANY = new Init.Normal(0.1f);

  @Test
  void aProductWithOneMatrixAndARowIsAGemmWithBias() {
    Graph graph = graph(Shape.of(2, 5, 8), (g, x) -> linear(g, "fc", x, 8, 16));
    assertThat(FastForms.apply(graph).nodes()).extracting(node -> node.op().type())
        .contains("Gemm").doesNotContain("MatMul", "Add");
    assertThat(FastForms.apply(graph).outputShape("y")).isEqualTo(Shape.of(2, 5, 16));
    agree(graph);
  }

  @Test
  void aProductThatIsReadTwiceKeepsItsSum() {
    Graph graph = graph(Shape.of(2, 5, 8), (g, x) -> {
      Value product = g.op(new Op.MatMul(), x, g.param("w", Shape.of(8, 16), ANY));
      return g.mul(g.add(product, g.param("b", Shape.of(16), ANY)), product);
    });
    assertThat(FastForms.apply(graph).nodes()).extracting(node -> node.op().type()).contains("Gemm", "Add");
    agree(graph);
  }

  /** Else one image would have another order of sums than several. */
  @Test
  void aRowOfTheInputIsNotABias() {
    Graph graph = graph(Shape.of(1, 8), (g, x) -> g.add(x, g.op(new Op.MatMul(), x, g.param("w", Shape.of(8, 8), ANY))));
    assertThat(FastForms.apply(graph).nodes()).extracting(node -> node.op().type()).contains("Gemm", "Add");
  }

  @Test
  void aTranspositionOfPartsOfTheChannelsIsAShuffle() {
    for (int channels : new int[] {6, 32, 116}) {
      Graph graph = graph(Shape.of(2, channels, 3, 5), (g, x) -> {
        Value y = g.op(new Op.Conv(Window.of(1), 1), x, g.param("w", Shape.of(channels, channels, 1, 1), ANY));
        Value parts =
            g.op(new Op.Reshape(List.of(new Dim.Axis(0), new Dim.Size(2), new Dim.Rest(), new Dim.Size(3), new Dim.Size(5))), y);
        return g.op(Op.Reshape.image(Shape.of(channels, 3, 5)), g.op(new Op.Transpose(List.of(0, 2, 1, 3, 4)), parts));
      });
      assertThat(FastForms.apply(graph).nodes()).extracting(node -> node.op().type())
          .contains("Gather").doesNotContain("Transpose", "Reshape");
      assertThat(plan(graph)).contains("nchw16c.gather").doesNotContain("transpose");
      agree(graph);
    }
  }

  @Test
  void theSmallerOperandBecomesTheSecond() {
    Graph graph = graph(Shape.of(2, 5, 4, 4), (g, x) -> g.mul(g.param("gain", Shape.of(5, 1, 1), ANY), g.add(g.number(1), x)));
    assertThat(plan(graph)).contains("nchw16c.add ", "nchw16c.mul ");
    agree(graph);
  }

  @Test
  void otherGraphsAreNotCopied() {
    Graph graph = graph(Shape.of(2, 5), (g, x) -> g.op(new Op.Relu(), g.add(x, g.number(1))));
    assertThat(FastForms.apply(graph)).isSameAs(graph);
  }

  /** ConvNeXt's block (Liu et al. 2022): its transpositions are copies of blocks of channels, its GELU is fused. */
  @Test
  void channelsLastBlocksNeedNoReorder() {
    Graph graph = graph(Shape.of(2, 32, 4, 5), (g, x) -> {
      Value maps = g.op(new Op.Conv(Window.of(3).padding(1), 32), x, g.param("depthwise", Shape.of(32, 1, 3, 3), ANY));
      Value rows = normalized(g, "norm", g.op(new Op.Transpose(List.of(0, 2, 3, 1)), maps), 32);
      Value y = linear(g, "fc2", gelu(g, linear(g, "fc1", rows, 32, 64)), 64, 32);
      return g.add(x, g.op(new Op.Transpose(List.of(0, 3, 1, 2)), g.mul(y, g.param("scale", Shape.of(32), ANY))));
    });
    assertThat(plan(graph)).contains("nchw16c.channels-last", "nchw16c.channels-first", "mul+erf+add+mul")
        .doesNotContain("nchw.transpose", "scalar.mul", "scalar.add");
    agree(graph);
  }

  /** Attention (Vaswani et al. 2017) with two heads of three numbers, and without a row that fills a vector. */
  @Test
  void attentionHasVectorKernels() {
    Graph graph = graph(Shape.of(2, 7, 6), (g, x) -> {
      Value scores = g.op(new Op.MatMul(), heads(g, "q", x, 0, 2, 1, 3), heads(g, "k", x, 0, 2, 3, 1));
      Value weights = g.op(new Op.Softmax(3), g.mul(scores, g.number(0.6)));
      Value y = g.op(new Op.Transpose(List.of(0, 2, 1, 3)), g.op(new Op.MatMul(), weights, heads(g, "v", x, 0, 2, 1, 3)));
      return normalized(g, "norm",
          g.add(x, linear(g, "out", g.op(new Op.Reshape(List.of(new Dim.Axis(0), new Dim.Axis(1), new Dim.Rest())), y), 6, 6)),
          6);
    });
    assertThat(plan(graph)).contains("nchw.matmul", "nchw.softmax", "nchw.transpose");
    agree(graph);
  }

  private static Value heads(GraphBuilder g, String name, Value x, Integer... perm) {
    Value y = linear(g, name, x, 6, 6);
    List<Dim> dims = List.of(new Dim.Axis(0), new Dim.Axis(1), new Dim.Size(2), new Dim.Rest());
    return g.op(new Op.Transpose(List.of(perm)), g.op(new Op.Reshape(dims), y));
  }

  private static Value linear(GraphBuilder g, String name, Value x, int in, int out) {
    Value product = g.op(new Op.MatMul(), x, g.param(name + ".weight", Shape.of(in, out), ANY));
    return g.add(g.param(name + ".bias", Shape.of(out), ANY), product);
  }

  private static Value normalized(GraphBuilder g, String name, Value x, int size) {
    Value rows = g.op(new Op.RowNormalization(g.shape(x).rank() - 1, 1, 1e-3f), x);
    return g.add(g.mul(rows, g.param(name + ".scale", Shape.of(size), ANY)), g.param(name + ".bias", Shape.of(size), ANY));
  }

  private static Value gelu(GraphBuilder g, Value x) {
    return g.mul(x, g.mul(g.add(g.op(new Op.Erf(), g.mul(x, g.number(Math.sqrt(0.5)))), g.number(1)), g.number(0.5)));
  }

  private static Graph graph(Shape input, BiFunction<GraphBuilder, Value, Value> body) {
    GraphBuilder g = new GraphBuilder();
    Value y = body.apply(g, g.input("x", input));
    g.output("y", y);
    return g.build();
  }

  private static String plan(Graph graph) {
    return new VectorBackend().compile(graph, Parameters.initial(graph, 1), 1).plan();
  }

  /** The result and all gradients: bits of the scalar and the vector kernels, values of the reference. */
  private static void agree(Graph graph) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, graph, (_, _, _) -> Optional.empty());
    Value y = values.get(graph.output("y").id());
    g.output("y", y);
    g.output("loss", g.op(new Op.Mean(), g.mul(y, g.input("upstream", g.shape(y)))));
    Graph training = Gradients.withGradients(g.build(), "loss");
    for (Graph each : List.of(graph, training)) {
      Map<String, double[]> bound = new LinkedHashMap<>();
      each.inputs().forEach(input -> bound.put(input.name(), ParityRule.values("signed", input.name(), input.shape())));
      each.params().forEach(param -> bound.put(param.name(), ParityRule.values("signed", param.name(), param.shape())));
      Map<String, double[]> expected = Engine.REFERENCE.run(each, bound);
      Map<String, float[]> scalar = new BackendEngine(new ScalarBackend(), 1).floats(each, bound);
      Map<String, float[]> vector = new BackendEngine(new VectorBackend(), 3).floats(each, bound);
      expected.forEach((name, exact) -> {
        float[] got = vector.getOrDefault(name, new float[0]);
        float[] bits = scalar.getOrDefault(name, new float[0]);
        double[] wide = new double[got.length];
        Arrays.setAll(wide, i -> got[i]);
        assertThat(
            IntStream.range(0, got.length).filter(i -> Float.floatToRawIntBits(got[i]) != Float.floatToRawIntBits(bits[i])))
            .as(name).isEmpty();
        Compare.values(name, exact, wide, 1e-5 * Math.max(1, Compare.largest(exact)));
      });
    }
  }
}
