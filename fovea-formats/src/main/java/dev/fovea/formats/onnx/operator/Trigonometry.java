package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.Map;
import java.util.function.BiFunction;

/** Trigonometric and hyperbolic functions, from sines, exponentials and logarithms. */
final class Trigonometry {
  /** Terms of the series of the arc tangent up to tan(pi / 8): the next is below a float's rounding. */
  private static final int TERMS = 9;

  /** A number whose square is a float. */
  private static final double MAX_SQUARED = 1e12;

  private Trigonometry() {}

  static void addTo(Map<String, Rule> rules) {
    put(rules, "Sin", (g, x) -> g.op(new Op.Sin(), x));
    put(rules, "Cos", (g, x) -> g.op(new Op.Cos(), x));
    put(rules, "Tan", (g, x) -> g.div(g.op(new Op.Sin(), x), g.op(new Op.Cos(), x)));
    put(rules, "Sinh", (g, x) -> g.mul(g.sub(exp(g, x), exp(g, g.neg(x))), 0.5));
    put(rules, "Cosh", (g, x) -> g.mul(g.add(exp(g, x), exp(g, g.neg(x))), 0.5));
    put(rules, "Atan", Trigonometry::arcTangent);
    put(rules, "Asin", (g, x) -> arcTangent(g, g.div(x, root(g, x, -1, 1))));
    put(rules, "Acos", (g, x) -> g.add(g.neg(arcTangent(g, g.div(x, root(g, x, -1, 1)))), Math.PI / 2));
    put(rules, "Asinh", (g, x) -> {
      Value size = inverse(g, g.abs(x), 1);
      return g.where(g.less(x, g.number(0)), g.neg(size), size);
    });
    put(rules, "Acosh", (g, x) -> inverse(g, x, -1));
    put(rules, "Atanh", (g, x) -> g.mul(log(g, g.div(g.add(x, 1), g.add(g.neg(x), 1))), 0.5));
  }

  private static void put(Map<String, Rule> rules, String type, BiFunction<Compose, Value, Value> how) {
    rules.put(type, Rule.of(c -> how.apply(c.g(), c.value(0))));
  }

  private static Value exp(Compose g, Value x) {
    return g.op(new Op.Exp(), x);
  }

  private static Value log(Compose g, Value x) {
    return g.op(new Op.Log(), x);
  }

  /** {@code log(x + sqrt(x^2 + b))} for x of 0 or more. Of what is beyond the largest square b is nothing, so that is a factor of it. */
  private static Value inverse(Compose g, Value x, double b) {
    Value near = g.clip(x, -MAX_SQUARED, MAX_SQUARED);
    Value beyond = g.max(g.mul(x, 1 / MAX_SQUARED), g.number(1));
    return g.add(log(g, g.add(near, root(g, near, 1, b))), log(g, beyond));
  }

  /** {@code sqrt(a x^2 + b)}. */
  private static Value root(Compose g, Value x, double a, double b) {
    return g.sqrt(g.add(g.mul(g.square(x), a), b));
  }

  /**
   * Two halvings of the angle, {@code tan(a / 2) = tan a / (1 + sqrt(1 + tan^2 a))}, then the series. The angle of tangents that are
   * cut off is a right one, as a float has it.
   */
  private static Value arcTangent(Compose g, Value x) {
    Value t = g.clip(x, -MAX_SQUARED, MAX_SQUARED);
    for (int i = 0; i < 2; i++) {
      t = g.div(t, g.add(root(g, t, 1, 1), 1));
    }
    Value square = g.square(t);
    Value sum = g.add(g.mul(square, 0), sign(TERMS - 1) / (2 * TERMS - 1));
    for (int term = TERMS - 2; term >= 0; term--) {
      sum = g.add(g.mul(sum, square), sign(term) / (2 * term + 1));
    }
    return g.mul(g.mul(sum, t), 4);
  }

  private static double sign(int term) {
    return term % 2 == 0 ? 1 : -1;
  }
}
