package dev.fovea.graph;

import static dev.fovea.graph.BatchDependence.Dependence.BY_IMAGE;
import static dev.fovea.graph.BatchDependence.Dependence.CONSTANT;
import static dev.fovea.graph.BatchDependence.Dependence.MIXED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.BatchDependence.Dependence;
import dev.fovea.tensor.Shape;
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
    assertThat(of((g, x) -> g.op(new Op.Resize(Op.Interpolation.NEAREST, 1), x, g.op(new Op.Fill(Shape.of(1, 1, 9, 9), 0)))))
        .isEqualTo(BY_IMAGE);
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
    assertThat(of((g, x) -> g.op(new Op.Relu(), g.op(new Op.Sum(0), x)))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Gemm(true, false), flat(g, x), flat(g, x)))).isEqualTo(MIXED);
    assertThat(of((g, x) -> g.op(new Op.Gemm(false, true), flat(g, x), flat(g, x)))).isEqualTo(MIXED);
    // aligned at the last axes, so the batch axis is aligned with columns
    assertThat(of((g, x) -> g.add(x, g.op(new Op.Sum(1), flat(g, x))))).isEqualTo(MIXED);
  }
}
