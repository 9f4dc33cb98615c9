package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Broadcasts;
import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.call.Weights;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.constant.Conversions;
import dev.fovea.formats.onnx.constant.Numbers;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;

/** Elementwise arithmetic: sums, products, powers, roundings. */
final class Arithmetic {
  private Arithmetic() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Add", Rule.of(c -> held(c, binary(c, (a, b) -> {
      Value sum = c.g().add(a, b);
      IntegerSums.add(c, a, b, sum);
      return sum;
    }))));
    rules.put("Mul", Rule.of(c -> held(c, binary(c, c.g()::mul))));
    rules.put("Sub", Rule.of(c -> held(c, subtract(c))));
    rules.put("Div", Rule.of(Arithmetic::divide));
    rules.put("Pow", Rule.of(Arithmetic::power));
    rules.put("Mod", Rule.of(Arithmetic::modulo));
    rules.put("Neg", Rule.of(c -> c.g().neg(c.value(0))));
    rules.put("Abs", Rule.of(c -> c.g().abs(c.value(0))));
    rules.put("Sign", Rule.of(Arithmetic::sign));
    rules.put("Sqrt", Rule.of(c -> c.g().sqrt(c.value(0))));
    rules.put("Reciprocal", Rule.of(c -> c.g().reciprocal(c.value(0))));
    rules.put("Exp", Rule.of(c -> c.g().op(new Op.Exp(), c.value(0))));
    rules.put("Log", Rule.of(c -> c.g().op(new Op.Log(), c.value(0))));
    rules.put("Erf", Rule.of(c -> c.g().op(new Op.Erf(), c.value(0))));
    rules.put("Floor", Rule.of(c -> c.g().floor(c.value(0))));
    rules.put("Ceil", Rule.of(c -> c.g().neg(c.g().floor(c.g().neg(c.value(0))))));
    rules.put("Round", Rule.of(c -> c.g().op(new Op.Round(), c.value(0))));
    rules.put("Sum", Rule.of(c -> chained(c, c.g()::add)));
    rules.put("Mean", Rule.of(c -> c.g().mul(chained(c, c.g()::add), 1.0 / c.count())));
    rules.put("Max", Rule.of(c -> chained(c, c.g()::max)));
    rules.put("Min", Rule.of(c -> chained(c, c.g()::min)));
    rules.put("Cast", c -> c.result(cast(c, OnnxType.of(c.node().integer("to", 0))), OnnxType.of(c.node().integer("to", 0))));
    // only the type of the second operand matters
    rules.put("CastLike",
        c -> c.constant(0).<List<Known>>map(array -> List.of(new Known.Constant(Conversions.cast(array, c.type(1)))))
            .orElseGet(() -> c.result(cast(c, c.type(1)), c.type(1))));
  }

  /** The second operand with the axes that old broadcasting aligns it by. */
  static Value second(Call c) {
    if (c.opset() >= 7 && isNumber(c, 1)) {
      return c.g().number(uniform(c, 1).orElseThrow());
    }
    Value b = c.value(1);
    int rank = c.g().rank(b);
    return c.g().unsqueeze(b, IntStream.range(rank, rank + Broadcasts.missing(c)).boxed().toList());
  }

  private static Value binary(Call c, BinaryOperator<Value> how) {
    return how.apply(first(c), second(c));
  }

  private static Value first(Call c) {
    return isNumber(c, 0) ? c.g().number(uniform(c, 0).orElseThrow()) : c.value(0);
  }

  /** Whether the operand is the same number everywhere, so that its shape does not matter. */
  private static boolean isNumber(Call c, int index) {
    return uniform(c, index).isPresent() && broadcastsOnto(c, index) && c.constant(index).filter(Weights::isVector).isEmpty();
  }

  private static Value chained(Call c, BinaryOperator<Value> how) {
    Value result = c.value(0);
    for (int i = 1; i < c.count(); i++) {
      result = how.apply(result, c.value(i));
    }
    return result;
  }

  /** The number that all elements of a constant operand are. */
  static OptionalDouble uniform(Call c, int index) {
    return c.constant(index).filter(array -> array.size() > 0 && array.isUniform() && array.rank() <= c.shape(1 - index).rank())
        .map(array -> OptionalDouble.of(array.real(0))).orElse(OptionalDouble.empty());
  }

  /** Whether a result of the operands' broadcast shape has the shape of the other operand. */
  private static boolean broadcastsOnto(Call c, int index) {
    Array array = c.constant(index).orElse(null);
    if (array == null) {
      return false;
    }
    List<Integer> other = c.shape(1 - index).dims();
    List<Integer> own = array.shape();
    for (int i = 0; i < own.size(); i++) {
      int size = own.get(own.size() - 1 - i);
      if (size != 1 && (i >= other.size() || other.get(other.size() - 1 - i) != size)) {
        return false;
      }
    }
    return own.size() <= other.size();
  }

  private static Value subtract(Call c) {
    OptionalDouble number = broadcastsOnto(c, 1) ? uniform(c, 1) : OptionalDouble.empty();
    return number.isPresent() ? c.g().add(c.value(0), -number.getAsDouble()) : binary(c, c.g()::sub);
  }

  private static Value divide(Call c) {
    boolean whole = c.type(0).isInteger();
    OptionalDouble number = broadcastsOnto(c, 1) ? uniform(c, 1) : OptionalDouble.empty();
    if (number.isPresent() && !whole && number.getAsDouble() != 0) {
      return c.g().mul(c.value(0), 1 / number.getAsDouble());
    }
    OptionalDouble dividend = broadcastsOnto(c, 0) ? uniform(c, 0) : OptionalDouble.empty();
    if (dividend.isPresent() && !whole) {
      return c.g().mul(c.g().reciprocal(second(c)), dividend.getAsDouble());
    }
    Value quotient = binary(c, c.g()::div);
    return whole ? c.g().truncate(quotient) : quotient;
  }

  /** The result of an operator of integers is an integer: whole where the exponent is, else cut off. */
  private static Value power(Call c) {
    OptionalDouble exponent = uniform(c, 1);
    OptionalDouble base = uniform(c, 0);
    Compose g = c.g();
    boolean whole = c.type(0).isInteger();
    if (exponent.isPresent() && broadcastsOnto(c, 1)) {
      Value x = c.value(0);
      double n = exponent.getAsDouble();
      Value y = n == 1 ? x : n == 2 ? g.square(x) : n == 3 ? g.mul(g.square(x), x) : g.op(new Op.Pow((float) n), x);
      return !whole || n >= 1 && n <= 3 && n == Math.rint(n) ? y : n == Math.rint(n) ? g.op(new Op.Round(), y) : g.truncate(y);
    }
    if (base.isPresent() && base.getAsDouble() > 0 && !whole) {
      return g.op(new Op.Exp(), g.mul(second(c), Math.log(base.getAsDouble())));
    }
    return binary(c, (a, b) -> power(g, a, b, whole));
  }

  /** {@code a^b}, by logarithms: for negative a where b is whole, else it is no number; 1 where b is 0. */
  private static Value power(Compose g, Value a, Value b, boolean whole) {
    Value size = g.op(new Op.Exp(), g.mul(g.op(new Op.Log(), g.abs(a)), b));
    Value isWhole = g.equal(g.floor(b), b);
    if (whole) {
      size = g.where(isWhole, g.op(new Op.Round(), size), g.truncate(size));
    }
    Value odd = g.sub(b, g.mul(g.floor(g.mul(b, 0.5)), 2));
    Value signed = g.where(isWhole, g.mul(size, g.not(g.mul(odd, 2))), g.sqrt(a));
    Value power = g.where(g.less(a, g.number(0)), signed, size);
    return g.where(Logic.truth(g, b), power, g.number(1));
  }

  /** Integers, and floats without fmod, have the sign of the divisor. */
  private static Value modulo(Call c) {
    boolean ofDividend = c.flag("fmod", false);
    boolean finite = c.type(0).isInteger()
        || c.constant(1).filter(b -> IntStream.range(0, b.listed()).allMatch(i -> Double.isFinite(b.real(i)))).isPresent();
    Compose g = c.g();
    return binary(c, (a, b) -> {
      Value quotient = g.div(a, b);
      Value rest = g.sub(a, g.mul(ofDividend ? g.truncate(quotient) : g.floor(quotient), b));
      if (finite) {
        return rest;
      }
      // what is finite is its own rest of an infinite divisor, which is added where the signs differ
      Value zero = g.number(0);
      Value differ = g.add(g.mul(g.less(a, zero), g.less(zero, b)), g.mul(g.less(zero, a), g.less(b, zero)));
      Value ofInfinite = g.add(ofDividend ? a : g.where(differ, b, a), g.sub(a, a));
      return g.where(g.less(g.number(Float.MAX_VALUE), g.abs(b)), ofInfinite, rest);
    });
  }

  private static Value sign(Call c) {
    Value zero = c.g().number(0);
    return c.g().sub(c.g().less(zero, c.value(0)), c.g().less(c.value(0), zero));
  }

  /**
   * Floats hold all types that a network computes in, so only a fraction that is cut off, integers beyond a narrower type and truth
   * values need nodes. What a float beyond an integer type becomes is undefined, but for types below a byte.
   */
  private static Value cast(Call c, OnnxType to) {
    Value x = c.value(0);
    OnnxType from = c.type(0);
    if (!to.isFloat() && !to.isInteger() || to.isFloat() && to.bits() < Short.SIZE && to != from) {
      throw new Refusal("elements of type " + to + " are not supported");
    }
    if (to == OnnxType.BOOL) {
      return from == OnnxType.BOOL ? x : Logic.truth(c.g(), x);
    }
    Value whole = to.isInteger() && from.isFloat() ? c.g().truncate(x) : x;
    boolean fits =
        from.isInteger() ? Numbers.min(from) >= Numbers.min(to) && Numbers.max(from) <= Numbers.max(to) : to.bits() >= 8;
    return to.isFloat() || fits ? whole : wrapped(c.g(), whole, to);
  }

  /** The result of an operator of integers, as their type holds it. */
  private static Value held(Call c, Value y) {
    return c.type(0).isInteger() ? wrapped(c.g(), y, c.type(0)) : y;
  }

  /** The integer as the type holds it: upper bits are cut off. Those of 32 bits are beyond what floats hold exactly anyway. */
  private static Value wrapped(Compose g, Value x, OnnxType type) {
    if (type.bits() > Short.SIZE || type == OnnxType.BOOL) {
      return x;
    }
    long count = Numbers.max(type) - Numbers.min(type) + 1;
    Value times = g.floor(g.mul(g.add(x, (double) -Numbers.min(type)), 1.0 / count));
    return g.sub(x, g.mul(times, (double) count));
  }
}
