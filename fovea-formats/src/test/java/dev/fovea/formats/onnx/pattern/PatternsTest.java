package dev.fovea.formats.onnx.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Each pattern in the form that an exporter writes. */
class PatternsTest {
  private static List<Op> replaced(Shape input, BiFunction<GraphBuilder, Value, Value> net) {
    return replaced(input, Map.of(), net);
  }

  private static List<Op> replaced(Shape input, Map<String, Float> uniform, BiFunction<GraphBuilder, Value, Value> net) {
    GraphBuilder g = new GraphBuilder();
    g.output("y", net.apply(g, g.input("x", input)));
    Graph graph = Patterns.replace(g.build(), uniform);
    return graph.nodes().stream().map(node -> node.op()).filter(op -> !(op instanceof Op.Source)).toList();
  }

  private static Value param(GraphBuilder g, String name, int... dims) {
    return g.param(name, Shape.of(dims), new Init.Constant(0));
  }

  private static Value mean(GraphBuilder g, Value x, int axis) {
    return g.mul(g.op(new Op.Sum(axis), x), g.number(1.0 / g.shape(x).dim(axis)));
  }

  private static Value centred(GraphBuilder g, Value x, int axis) {
    return g.add(x, g.mul(mean(g, x, axis), g.number(-1)));
  }

  @Test
  void aNumberTimesAParameterOfOnesStays() {
    assertThat(replaced(Shape.of(2, 3), Map.of("ones", 1f),
        (g, x) -> g.add(x, g.mul(param(g, "ones", 3), g.number(-1))))).containsExactly(new Op.Mul(), new Op.Add());
  }

  @Test
  void layerNorm() {
    assertThat(replaced(Shape.of(2, 5, 8), (g, x) -> {
      Value c = centred(g, x, 2);
      return g.op(new Op.Div(), c, g.op(new Op.Pow(0.5f), g.add(mean(g, g.mul(c, c), 2), g.number(1e-5))));
    })).containsExactly(new Op.RowNormalization(2, 1, 1e-5f));
  }

  @Test
  void normalisationOverAnotherAxisStays() {
    assertThat(replaced(Shape.of(2, 5, 8), (g, x) -> {
      Value c = centred(g, x, 1);
      return g.op(new Op.Div(), c, g.op(new Op.Pow(0.5f), g.add(mean(g, g.mul(c, c), 1), g.number(1e-5))));
    })).doesNotHaveAnyElementsOfTypes(Op.RowNormalization.class).hasAtLeastOneElementOfType(Op.Div.class);
  }

  @Test
  void groupNorm() {
    assertThat(replaced(Shape.of(2, 6, 4, 4), Map.of("one", 1f, "zero", 0f), (g, x) -> {
      Value rows = g.op(new Op.RowNormalization(1, 3, 1e-5f), g.op(Op.Reshape.image(Shape.of(3, 32)), x));
      Value affine = g.add(g.mul(rows, param(g, "one", 3, 1)), param(g, "zero", 3, 1));
      return g.op(Op.Reshape.image(Shape.of(6, 4, 4)), affine);
    })).containsExactly(new Op.RowNormalization(1, 3, 1e-5f));
  }

  @Test
  void localResponse() {
    assertThat(replaced(Shape.of(2, 6, 4, 4), (g, x) -> {
      Value padded = g.op(new Op.Pad(2, 2, 2), g.op(Op.Reshape.image(Shape.of(1, 6, 16)), g.mul(x, x)));
      Value pool = g.op(Op.Reshape.image(Shape.of(6, 4, 4)), g.op(new Op.AveragePool(Window.of(5, 1), true), padded));
      return g.op(new Op.Div(), x, g.op(new Op.Pow(0.75f), g.add(g.mul(pool, g.number(0.5)), g.number(2))));
    })).containsExactly(new Op.Lrn(5, 0.5f, 0.75f, 2));
  }

  @Test
  void meanOfImages() {
    assertThat(replaced(Shape.of(2, 6, 4, 5), (g, x) -> g.mul(g.op(new Op.Sum(3), g.op(new Op.Sum(2), x)), g.number(1.0 / 20))))
        .containsExactly(new Op.AdaptiveAveragePool(1, 1));
  }

  @Test
  void biasOfAConvolution() {
    assertThat(replaced(Shape.of(1, 3, 4, 4),
        (g, x) -> g.add(g.op(new Op.Conv(Window.of(1), 1), x, param(g, "w", 2, 3, 1, 1)), param(g, "b", 1, 2, 1, 1))))
        .containsExactly(new Op.Conv(Window.of(1), 1));
  }

  @Test
  void biasOfAProduct() {
    assertThat(
        replaced(Shape.of(4, 3), (g, x) -> g.add(param(g, "b", 1, 2), g.op(new Op.Gemm(false, false), x, param(g, "w", 3, 2)))))
        .containsExactly(new Op.Gemm(false, false));
  }

  @Test
  void evenLocalResponse() {
    assertThat(replaced(Shape.of(2, 6, 4, 4), (g, x) -> {
      Value padded = g.op(new Op.Pad(2, 2, 1), g.op(Op.Reshape.image(Shape.of(1, 6, 16)), g.mul(x, x)));
      Value pool = g.op(new Op.AveragePool(Window.of(4, 1), false), padded);
      Value power = g.op(new Op.Pow(0.75f), g.add(pool, g.number(2)));
      return g.op(new Op.Div(), x, g.op(Op.Reshape.image(Shape.of(6, 4, 4)), power));
    })).containsExactly(new Op.Lrn(4, 1, 0.75f, 2));
  }

  @Test
  void adaptiveMaximaOfRowsAndColumns() {
    assertThat(replaced(Shape.of(2, 6, 4, 5),
        (g, x) -> g.op(new Op.AdaptiveMaxPool(3, 2), g.op(new Op.AdaptiveMaxPool(3, 5), x))))
        .containsExactly(new Op.AdaptiveMaxPool(3, 2));
    assertThat(replaced(Shape.of(2, 6, 4, 5),
        (g, x) -> g.op(new Op.AdaptiveMaxPool(3, 2), g.op(new Op.AdaptiveMaxPool(2, 5), x)))).hasSize(2);
  }

  @Test
  void maxout() {
    assertThat(replaced(Shape.of(2, 6, 4, 4),
        (g, x) -> g.op(new Op.Max(), g.op(new Op.Gather(1, List.of(0, 2, 4)), x), g.op(new Op.Gather(1, List.of(1, 3, 5)), x))))
        .containsExactly(new Op.Maxout(2));
    assertThat(replaced(Shape.of(2, 6, 4, 4),
        (g, x) -> g.op(new Op.Max(), g.op(new Op.Gather(1, List.of(0, 2, 4)), x), g.op(new Op.Gather(1, List.of(1, 5, 3)), x))))
        .hasSize(3);
  }

  @Test
  void anAxisOfSizeOneThatMayBeTheBatchIsNotMovedByAReshape() {
    assertThat(replaced(Shape.of(6, 1, 4), (g, x) -> g.op(new Op.Transpose(List.of(1, 0, 2)), x)))
        .containsExactly(new Op.Transpose(List.of(1, 0, 2)));
    assertThat(replaced(Shape.of(6, 1, 4), (g, x) -> g.op(new Op.Transpose(List.of(0, 2, 1)), x)))
        .doesNotHaveAnyElementsOfTypes(Op.Transpose.class);
  }

  @Test
  void flattenInTwoSteps() {
    assertThat(replaced(Shape.of(4, 3, 2, 2), (g, x) -> g.op(new Op.Reshape(List.of(new Dim.Axis(0), new Dim.Rest())),
        g.op(new Op.Reshape(List.of(new Dim.Axis(0), new Dim.Axis(1), new Dim.Rest())), x)))).containsExactly(new Op.Flatten());
  }

  @Test
  void channelShuffle() {
    assertThat(replaced(Shape.of(1, 6, 4, 4), (g, x) -> g.op(Op.Reshape.image(Shape.of(6, 4, 4)),
        g.op(new Op.Transpose(List.of(0, 2, 1, 3, 4)), g.op(Op.Reshape.image(Shape.of(2, 3, 4, 4)), x)))))
        .containsExactly(new Op.Gather(1, List.of(0, 3, 1, 4, 2, 5)));
  }

  @Test
  void transposesAroundAResidualBlockMeet() {
    List<Integer> last = List.of(0, 2, 3, 1);
    List<Integer> first = List.of(0, 3, 1, 2);
    assertThat(replaced(Shape.of(1, 4, 4, 3), (g, x) -> {
      Value images = g.op(new Op.Transpose(first), x);
      Value conv = g.op(new Op.Conv(Window.of(1), 1), images, param(g, "w", 3, 3, 1, 1));
      Value biased = g.add(g.op(new Op.Transpose(last), conv), param(g, "b", 3));
      Value sum = g.add(g.op(new Op.Relu(), biased), x);
      return g.op(new Op.AdaptiveAveragePool(1, 1), g.op(new Op.Transpose(first), sum));
    }).stream().filter(Op.Transpose.class::isInstance)).hasSizeLessThanOrEqualTo(3);
    assertThat(replaced(Shape.of(1, 3, 4, 4), (g, x) -> {
      Value a = g.op(new Op.Transpose(last), g.op(new Op.Relu(), x));
      Value b = g.op(new Op.Transpose(last), g.op(new Op.Sigmoid(), x));
      return g.op(new Op.Transpose(first), g.op(new Op.Concat(3), a, g.op(new Op.Tanh(), b)));
    })).containsExactly(new Op.Relu(), new Op.Sigmoid(), new Op.Tanh(), new Op.Concat(1));
  }

  @Test
  void whatChangesNothingIsGone() {
    assertThat(replaced(Shape.of(1, 3), (g, x) -> g.add(g.mul(g.op(new Op.Relu(), x), g.number(1)), g.number(0))))
        .containsExactly(new Op.Relu());
  }
}
