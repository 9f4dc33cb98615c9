package dev.fovea.formats.onnx.constant;

import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.tensor.FoveaException;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** Operators that compute each element from the elements at the same position. Integers are exact. */
final class Elementwise {
  private record Unary(DoubleUnaryOperator reals, LongUnaryOperator integers) {}

  private record Binary(DoubleBinaryOperator reals, LongBinaryOperator integers) {}

  private record Comparison(BiFunction<Double, Double, Boolean> reals, BiFunction<Long, Long, Boolean> integers) {}

  private static final Map<String, Unary> UNARY =
      Map.ofEntries(
          Map.entry("Neg", new Unary(x -> -x, x -> -x)),
          Map.entry("Abs", new Unary(Math::abs, Math::abs)),
          Map.entry("Sign", new Unary(Math::signum, Long::signum)),
          Map.entry("Floor", new Unary(Math::floor, x -> x)),
          Map.entry("Ceil", new Unary(Math::ceil, x -> x)),
          Map.entry("Round", new Unary(Math::rint, x -> x)),
          Map.entry("Sqrt", new Unary(Math::sqrt, x -> (long) Math.sqrt((double) x))),
          Map.entry("Reciprocal", new Unary(x -> 1 / x, x -> 1 / x)),
          Map.entry("Exp", new Unary(Math::exp, x -> (long) Math.exp((double) x))),
          Map.entry("Log", new Unary(Math::log, x -> (long) Math.log((double) x))),
          Map.entry("Sin", new Unary(Math::sin, x -> (long) Math.sin((double) x))),
          Map.entry("Cos", new Unary(Math::cos, x -> (long) Math.cos((double) x))),
          Map.entry("Tanh", new Unary(Math::tanh, x -> (long) Math.tanh((double) x))),
          Map.entry("Sigmoid", new Unary(x -> 1 / (1 + Math.exp(-x)), x -> 0)),
          Map.entry("Relu", new Unary(x -> Math.max(0, x), x -> Math.max(0, x))),
          Map.entry("BitwiseNot", new Unary(x -> x, x -> ~x)));

  private static final Binary SUM = new Binary(Double::sum, Long::sum);

  private static final Map<String, Binary> BINARY =
      Map.of(
          "Add", SUM,
          "Sub", new Binary((a, b) -> a - b, (a, b) -> a - b),
          "Mul", new Binary((a, b) -> a * b, (a, b) -> a * b),
          "Div", new Binary((a, b) -> a / b, Elementwise::quotient),
          "Min", new Binary(Math::min, Math::min),
          "Max", new Binary(Math::max, Math::max),
          "BitwiseAnd", new Binary((a, _) -> a, (a, b) -> a & b),
          "BitwiseOr", new Binary((a, _) -> a, (a, b) -> a | b));

  private static final Map<String, Comparison> COMPARISONS =
      Map.of(
          "Equal", new Comparison((a, b) -> a.doubleValue() == b, Long::equals),
          "Less", new Comparison((a, b) -> a < b, (a, b) -> a < b),
          "LessOrEqual", new Comparison((a, b) -> a <= b, (a, b) -> a <= b),
          "Greater", new Comparison((a, b) -> a > b, (a, b) -> a > b),
          "GreaterOrEqual", new Comparison((a, b) -> a >= b, (a, b) -> a >= b),
          "And", new Comparison((a, b) -> a != 0 && b != 0, (a, b) -> a != 0 && b != 0),
          "Or", new Comparison((a, b) -> a != 0 || b != 0, (a, b) -> a != 0 || b != 0),
          "Xor", new Comparison((a, b) -> (a != 0) != (b != 0), (a, b) -> (a != 0) != (b != 0)));

  private Elementwise() {}

  static void addTo(Map<String, Folding.Rule> rules) {
    UNARY.forEach((type, how) -> rules.put(type, op -> Folding.one(unary(op, op.operand(0), how))));
    BINARY.forEach((type, how) -> rules.put(type, op -> Folding.one(chained(op, how))));
    COMPARISONS.forEach((type, how) -> rules.put(type, op -> Folding.one(compare(op, how))));
    rules.put("Sum", op -> Folding.one(chained(op, SUM)));
    rules.put("Mean", op -> {
      Binary divide = new Binary((a, b) -> a / b, Elementwise::quotient);
      Array count = Array.reals(op.operand(0).type(), new int[0], op.operands().size());
      return Folding.one(binary(op, chained(op, SUM), count, divide));
    });
    rules.put("Not", op -> Folding.one(unary(op, op.operand(0), new Unary(x -> x == 0 ? 1 : 0, x -> x == 0 ? 1 : 0))));
    rules.put("Mod", op -> Folding.one(modulo(op)));
    rules.put("Pow", op -> Folding.one(power(op)));
    rules.put("Clip", op -> Folding.one(clip(op)));
    rules.put("Where", op -> Folding.one(where(op)));
    rules.put("IsNaN", op -> Folding.one(test(op, Double::isNaN)));
  }

  private interface Test {
    boolean holds(double value);
  }

  private static Array test(Operation op, Test test) {
    Array x = op.operand(0);
    long[] results = new long[op.limits().take(x.dims())];
    for (int i = 0; i < results.length; i++) {
      results[i] = test.holds(x.real(i)) ? 1 : 0;
    }
    return Array.integers(OnnxType.BOOL, x.dims(), results);
  }

  private static Array unary(Operation op, Array x, Unary how) {
    if (x.isUniform() && x.size() > 1) {
      return Array.uniform(x.dims(), unary(op, x.pick(new int[0], new int[1]), how));
    }
    int size = op.limits().take(x.dims());
    if (x.isFloat()) {
      double[] results = new double[size];
      for (int i = 0; i < size; i++) {
        results[i] = how.reals.applyAsDouble(x.real(i));
      }
      return Array.reals(x.type(), x.dims(), results);
    }
    long[] results = new long[size];
    for (int i = 0; i < size; i++) {
      results[i] = how.integers.applyAsLong(x.integer(i));
    }
    return Array.integers(x.type(), x.dims(), results);
  }

  /** {@code a op b op c ...}: most operators have two operands, Min, Max and Sum any number. */
  private static Array chained(Operation op, Binary how) {
    Array result = op.operand(0);
    for (int i = 1; i < op.operands().size(); i++) {
      result = binary(op, result, op.operand(i), how);
    }
    return result;
  }

  private static Array binary(Operation op, Array a, Array b, Binary how) {
    int[] dims = Indices.broadcast(a.dims(), b.dims());
    int size = op.limits().take(dims);
    int[] left = Indices.broadcasting(a.dims(), dims);
    int[] right = Indices.broadcasting(b.dims(), dims);
    if (a.isFloat()) {
      double[] results = new double[size];
      for (int i = 0; i < size; i++) {
        results[i] = how.reals.applyAsDouble(a.real(left[i]), b.real(right[i]));
      }
      return Array.reals(a.type(), dims, results);
    }
    long[] results = new long[size];
    for (int i = 0; i < size; i++) {
      results[i] = how.integers.applyAsLong(a.integer(left[i]), b.integer(right[i]));
    }
    return Array.integers(a.type(), dims, results);
  }

  private static Array compare(Operation op, Comparison how) {
    Array a = op.operand(0);
    Array b = op.operand(1);
    int[] dims = Indices.broadcast(a.dims(), b.dims());
    long[] results = new long[op.limits().take(dims)];
    int[] left = Indices.broadcasting(a.dims(), dims);
    int[] right = Indices.broadcasting(b.dims(), dims);
    for (int i = 0; i < results.length; i++) {
      boolean holds = a.isFloat()
          ? how.reals.apply(a.real(left[i]), b.real(right[i]))
          : how.integers.apply(a.integer(left[i]), b.integer(right[i]));
      results[i] = holds ? 1 : 0;
    }
    return Array.integers(OnnxType.BOOL, dims, results);
  }

  /** Towards zero, as C divides. */
  private static long quotient(long a, long b) {
    if (b == 0) {
      throw new FoveaException("divides an integer by zero");
    }
    return a / b;
  }

  /** With {@code fmod} the sign is that of the dividend, else that of the divisor. */
  private static Array modulo(Operation op) {
    boolean ofDividend = op.flag("fmod", false);
    LongBinaryOperator integers = (a, b) -> {
      quotient(a, b);
      return ofDividend ? a % b : Math.floorMod(a, b);
    };
    DoubleBinaryOperator reals = (a, b) -> {
      double rest = a % b;
      return ofDividend || rest == 0 || (rest < 0) == (b < 0) ? rest : rest + b;
    };
    return binary(op, op.operand(0), op.operand(1), new Binary(reals, integers));
  }

  private static Array power(Operation op) {
    LongBinaryOperator integers = (a, b) -> (long) Math.pow((double) a, (double) b);
    Array exponent = op.operand(1);
    if (!op.operand(0).isFloat() && exponent.isFloat()) {
      int[] dims = Indices.broadcast(op.operand(0).dims(), exponent.dims());
      int[] left = Indices.broadcasting(op.operand(0).dims(), dims);
      int[] right = Indices.broadcasting(exponent.dims(), dims);
      long[] results = new long[op.limits().take(dims)];
      for (int i = 0; i < results.length; i++) {
        results[i] = (long) Math.pow(op.operand(0).real(left[i]), exponent.real(right[i]));
      }
      return Array.integers(op.operand(0).type(), dims, results);
    }
    return binary(op, op.operand(0), exponent, new Binary(Math::pow, integers));
  }

  private static Array clip(Operation op) {
    Array x = op.operand(0);
    Array result = x;
    if (op.has(1)) {
      result = binary(op, result, op.operand(1), new Binary(Math::max, Math::max));
    } else if (op.node().has("min")) {
      Array min = Array.reals(x.type(), new int[0], op.node().number("min", 0));
      result = binary(op, result, min, new Binary(Math::max, Math::max));
    }
    if (op.has(2)) {
      result = binary(op, result, op.operand(2), new Binary(Math::min, Math::min));
    } else if (op.node().has("max")) {
      Array max = Array.reals(x.type(), new int[0], op.node().number("max", 0));
      result = binary(op, result, max, new Binary(Math::min, Math::min));
    }
    return result;
  }

  private static Array where(Operation op) {
    Array condition = op.operand(0);
    Array a = op.operand(1);
    Array b = op.operand(2);
    int[] dims = Indices.broadcast(Indices.broadcast(condition.dims(), a.dims()), b.dims());
    int size = op.limits().take(dims);
    int[] which = Indices.broadcasting(condition.dims(), dims);
    int[] left = Indices.broadcasting(a.dims(), dims);
    int[] right = Indices.broadcasting(b.dims(), dims);
    if (a.isFloat()) {
      double[] results = new double[size];
      for (int i = 0; i < size; i++) {
        results[i] = condition.integer(which[i]) != 0 ? a.real(left[i]) : b.real(right[i]);
      }
      return Array.reals(a.type(), dims, results);
    }
    long[] results = new long[size];
    for (int i = 0; i < size; i++) {
      results[i] = condition.integer(which[i]) != 0 ? a.integer(left[i]) : b.integer(right[i]);
    }
    return Array.integers(a.type(), dims, results);
  }
}
