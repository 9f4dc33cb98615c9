package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Products of matrices. */
final class Matrices {
  private Matrices() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Gemm", Rule.of(Matrices::gemm));
    rules.put("MatMul", Rule.of(Matrices::matMul));
    rules.put("Einsum", Rule.of(Einsum::apply));
    rules.put("Attention", Rule.of(Attention::apply));
  }

  private static Value matMul(Call c) {
    Optional<Value> pool = SpeltOut.averages(c);
    if (pool.isPresent()) {
      return pool.get();
    }
    Value a = c.value(0);
    return (c.g().rank(a) == 2 ? c.linear(1) : Optional.<Value>empty())
        .map(weight -> c.g().op(new Op.Gemm(false, true), a, weight))
        .orElseGet(() -> product(c.g(), a, weight(c, 1)));
  }

  private static Value weight(Call c, int index) {
    return c.shape(index).rank() >= 2 ? c.weight(index) : c.value(index);
  }

  /** The product; a vector is a row on the left and a column on the right, and its axis is gone from the result. */
  static Value product(Compose g, Value a, Value b) {
    if (g.rank(a) == 1) {
      Value row = product(g, g.unsqueeze(a, List.of(0)), b);
      return g.squeeze(row, List.of(Math.max(0, g.rank(row) - 2)));
    }
    if (g.rank(b) == 1) {
      Value column = product(g, a, g.unsqueeze(b, List.of(1)));
      return g.squeeze(column, List.of(g.rank(column) - 1));
    }
    boolean plain = g.rank(a) == 2 && g.rank(b) == 2;
    return plain ? g.op(new Op.Gemm(false, false), a, b) : g.op(new Op.MatMul(), a, b);
  }

  /** {@code alpha a b + beta c}. */
  static Value gemm(Call c) {
    Compose g = c.g();
    boolean transA = c.flag("transA", false);
    boolean transB = c.flag("transB", false);
    double alpha = c.node().number("alpha", 1);
    double beta = c.node().number("beta", 1);
    Value a = c.value(0);
    if (g.rank(a) > 2 && c.opset() < 7) {
      a = g.reshape(a, new Dim.Axis(0), new Dim.Rest());
    }
    Optional<Value> linear = transA || transB ? Optional.empty() : c.linear(1);
    Value b = linear.orElseGet(() -> weight(c, 1));
    Op.Gemm gemm = new Op.Gemm(transA, transB || linear.isPresent());
    if (!c.has(2) || beta == 0) {
      return g.mul(g.op(gemm, a, b), alpha);
    }
    Shape shape = c.shape(2);
    int columns = g.rank(b) == 2 ? g.shape(b).dim(gemm.transB() ? 0 : 1) : 0;
    boolean vector = shape.size() == columns && (shape.rank() == 1 || shape.rank() == 2 && shape.dim(0) == 1);
    if (vector && alpha == 1 && beta == 1) {
      return g.op(gemm, a, b, row(c));
    }
    return g.add(g.mul(g.op(gemm, a, b), alpha), g.mul(c.value(2), beta));
  }

  /** The third operand as a vector. */
  private static Value row(Call c) {
    return c.constant(2).map(array -> c.weight(flat(array), 2)).orElseGet(() -> {
      Value row = c.value(2);
      return c.g().rank(row) == 1 ? row : c.g().squeeze(row, List.of(0));
    });
  }

  private static Array flat(Array array) {
    return array.reshaped(array.size());
  }
}
