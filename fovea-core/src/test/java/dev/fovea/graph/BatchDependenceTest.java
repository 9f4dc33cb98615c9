package dev.fovea.graph;

import static dev.fovea.graph.BatchDependence.Dependence.BY_IMAGE;
import static dev.fovea.graph.BatchDependence.Dependence.CONSTANT;
import static dev.fovea.graph.BatchDependence.Dependence.MIXED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.BatchDependence.Dependence;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class BatchDependenceTest {
  private static final Init ANY = new Init.Constant(1);

  private static Dependence of(BiFunction<GraphBuilder, Value, Value> body) {
    GraphBuilder g = new GraphBuilder();
    Value y = body.apply(g, g.input("input", Shape.of(1, 2, 4, 4)));
    return BatchDependence.of(g.build()).get(y.id());
  }

  private static Value flat(GraphBuilder g, Value x) {
    return g.op(new Op.Flatten(), x);
  }

  @Test
  void layersDependOnOneImage() {
    assertThat(of((g, x) -> g.op(new Op.Conv(Window.of(3), 1), x, g.param("w", Shape.of(5, 2, 3, 3), ANY)))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.Gemm(false, true), flat(g, x), g.param("w", Shape.of(3, 32), ANY)))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.add(x, g.op(new Op.Relu(), x)))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.mul(x, g.param("gain", Shape.of(2, 1, 1), ANY)))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.mul(x, g.op(new Op.Sum(2), x)))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.add(g.param("p", Shape.of(1, 32), ANY), flat(g, x)))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.Concat(), x, x))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.Softmax(), flat(g, x)))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.Max(), g.number(0), x))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.Where(), g.op(new Op.Less(), x, g.number(1)), x, g.number(0)))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.Transpose(List.of(0, 2, 3, 1)), x))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.MatMul(), x, x))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.MatMul(), x, g.param("w", Shape.of(4, 5), ANY)))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.MatMul(), g.param("w", Shape.of(5, 4), ANY), x))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.Gather(2, List.of(3, 0)), x))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.GatherElements(3), x, g.op(new Op.TopK(3, 2), x)))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.Resize(Op.Interpolation.NEAREST, 1), x, g.op(new Op.Fill(Shape.of(1, 1, 9, 9), 0)))))
        .isEqualTo(BY_IMAGE);
  }

  @Test
  void reshapesThatKeepTheRowsDependOnOneImage() {
    Op.Dim batch = new Op.Dim.Axis(0);
    Op.Dim rest = new Op.Dim.Rest();
    assertThat(of((g, x) -> g.op(Op.Reshape.image(Shape.of(4, 8)), x))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.Reshape(List.of(batch, rest)), x))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.Reshape(List.of(rest, new Op.Dim.Size(32))), x))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.Reshape(List.of(rest, new Op.Dim.Size(8), new Op.Dim.Axis(3))), x))).isEqualTo(BY_IMAGE);
    assertThat(of((g, x) -> g.op(new Op.Reshape(List.of(rest, new Op.Dim.Size(16))), x))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Reshape(List.of(rest, batch, new Op.Dim.Size(32))), x))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(Op.Reshape.of(Shape.of(1, 32)), x))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Reshape(List.of(new Op.Dim.Axis(1), batch, rest)), x))).isEqualTo(MIXED);
  }

  @Test
  void valuesOfParametersOnlyAreConstant() {
    assertThat(of((g, _) -> g.param("p", Shape.of(1, 3), ANY))).isEqualTo(CONSTANT);
    assertThat(of((g, _) -> g.op(new Op.Exp(), g.add(g.param("p", Shape.of(1, 3), ANY), g.number(2))))).isEqualTo(CONSTANT);
  }

  @Test
  void valuesWithoutABatchAxisOrOverSeveralImagesAreMixed() {
    assertThat(of((g, x) -> g.op(new Op.Sum(0), x))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Mean(), x))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Softmax(0), x))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Concat(0), x, x))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Slice(0, 0, 1), x))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Pad(0, 0, 1), x))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Transpose(List.of(1, 0, 2, 3)), x))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Gather(0, List.of(0)), x))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.ReduceMax(0), x))).isEqualTo(MIXED);
    // a second operand of two axes has no row of its own for each image
    assertThat(of((g, x) -> g.op(new Op.MatMul(), g.param("w", Shape.of(1, 1), ANY), flat(g, x)))).isEqualTo(MIXED);
    // a row that is repeated along another operand's first axis
    assertThat(of((g, x) -> g.add(x, g.param("rows", Shape.of(3, 2, 4, 4), ANY)))).isEqualTo(MIXED);
    // the batch is aligned with the channels
    assertThat(of((g, x) -> g.add(g.param("p", Shape.of(2, 1, 32), ANY), flat(g, x)))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Relu(), g.op(new Op.Sum(0), x)))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Gemm(true, false), flat(g, x), flat(g, x)))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Gemm(false, true), flat(g, x), flat(g, x)))).isEqualTo(MIXED);
    // aligned at the last axes, so the batch axis is aligned with columns
    assertThat(of((g, x) -> g.add(x, g.op(new Op.Sum(1), flat(g, x))))).isEqualTo(MIXED);
  }
}
