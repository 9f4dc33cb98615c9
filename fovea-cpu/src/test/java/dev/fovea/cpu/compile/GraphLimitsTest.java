package dev.fovea.cpu.compile;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import org.junit.jupiter.api.Test;

class GraphLimitsTest {
  private static final int SIDE = 1 << 14;

  /** The product of a large matrix and another: computed too, or a parameter. */
  private static Graph product(Op op, boolean parameter) {
    GraphBuilder g = new GraphBuilder();
    Shape shape = Shape.of(SIDE, SIDE);
    Value x = g.input("x", shape);
    g.output("y", g.op(op, x, parameter ? g.param("w", shape, new Init.Constant(0)) : g.op(new Op.Exp(), x)));
    return g.build();
  }

  @Test
  void productsOfComputedTensorsAreBounded() {
    for (Op op : new Op[] {new Op.MatMul(), new Op.Gemm(true, false)}) {
      assertThatThrownBy(() -> GraphLimits.check(product(op, false), Long.MAX_VALUE)).isInstanceOf(FoveaException.class)
          .hasMessageContaining(op.type() + " of 16384x16384 and 16384x16384 needs more than 1099511627776 multiply-adds");
      // the file has as many weights
      assertThatCode(() -> GraphLimits.check(product(op, true), Long.MAX_VALUE)).doesNotThrowAnyException();
    }
  }
}
