package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Quantities;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions and additions between DequantizeLinear and QuantizeLinear, in the integers that an engine of integers would use: the
 * sum of their products is exact, and rounded once. In reals the last bit of a sum would decide what is rounded up.
 */
final class IntegerSums {
  /** Of a float's 24 bits those that are split off, so that a product of the others with 9 bits fits 24. */
  private static final int LOW_BITS = 9;

  private IntegerSums() {}

  /** The convolution of a dequantised value with dequantised weights; empty for others. */
  static Optional<Value> conv(Call c, Value x, Window window) {
    Quantities known = c.context().quantities();
    Quantities.Scaled scaled = known.scaled().get(x);
    Quantities.Weights weights = weights(c, 1);
    Quantities.Weights bias = c.has(2) ? weights(c, 2) : null;
    boolean perChannel = weights != null && (weights.scale().size() == 1 || weights.axis() == 0);
    if (scaled == null || weights == null || !perChannel || (c.has(2) && bias == null) || c.shape(1).rank() != 4) {
      return Optional.empty();
    }
    Compose g = c.g();
    Op op = new Op.Conv(window, c.integer("group", 1));
    Value w = c.weight(Quantised.minus(weights.integers(), weights.zero(), 0), 1);
    Value sums = bias == null
        ? g.op(op, scaled.moved(), w)
        : g.op(op, scaled.moved(), w, c.weight(Quantised.minus(bias.integers(), bias.zero(), 0), 2));
    // whole numbers again, should the engine's arithmetic for this window not keep them
    Value whole = g.op(new Op.Round(), sums);
    double[] factors = new double[weights.scale().size()];
    Arrays.setAll(factors, i -> scaled.scale() * (float) weights.scale().real(i));
    Array all = Array.reals(OnnxType.FLOAT, new int[] {factors.length}, factors);
    Value reals = g.mul(whole, factor(c, all));
    known.sums().put(reals, new Quantities.Sums(whole, all));
    return Optional.of(reals);
  }

  private static Quantities.@Nullable Weights weights(Call c, int index) {
    return c.operand(index) instanceof Known.Constant(Array array) ? c.context().quantities().weights(array) : null;
  }

  private static Value factor(Call c, Array factors) {
    return factors.size() == 1 ? c.g().number(factors.real(0)) : c.computed(factors.reshaped(factors.size(), 1, 1));
  }

  /** Remembers the sum of two dequantised values. */
  static void add(Call c, Value a, Value b, Value sum) {
    Quantities known = c.context().quantities();
    Quantities.Scaled first = known.scaled().get(a);
    Quantities.Scaled second = known.scaled().get(b);
    if (first != null && second != null) {
      known.pairs().put(sum, new Quantities.Pair(first, second));
    }
  }

  /** A rectified sum of products is that of the integers too, since factors are positive. */
  static void relu(Call c, Value x, Value y) {
    Quantities.Sums sums = c.context().quantities().sums().get(x);
    if (sums != null) {
      c.context().quantities().sums().put(y, new Quantities.Sums(c.g().op(new Op.Relu(), sums.integers()), sums.factors()));
    }
  }

  /** The value divided by the scale, from integers if they are known. */
  static Optional<Value> quotient(Call c, Value x, float scale) {
    Quantities.Sums sums = c.context().quantities().sums().get(x);
    if (sums == null) {
      return Optional.empty();
    }
    double[] factors = new double[sums.factors().size()];
    Arrays.setAll(factors, i -> (float) sums.factors().real(i) / scale);
    return Optional.of(c.g().mul(sums.integers(), factor(c, Array.reals(OnnxType.FLOAT, new int[] {factors.length}, factors))));
  }

  /** The quantised sum of two dequantised values before it is rounded, its zero included, with ONNX Runtime's order and roundings. */
  static Optional<Value> movedSum(Call c, Value x, float scale, float zero) {
    Quantities.Pair pair = c.context().quantities().pairs().get(x);
    if (pair == null) {
      return Optional.empty();
    }
    float a = pair.a().scale() / scale;
    float b = pair.b().scale() / scale;
    float fixed = zero - Math.fma(a, pair.a().zero(), b * pair.b().zero());
    Value second = multiplyAdd(c.g(), pair.b().integers(), b, c.g().number(fixed));
    return Optional.of(multiplyAdd(c.g(), pair.a().integers(), a, second));
  }

  /**
   * {@code x factor + y}, rounded once, for x of up to 9 bits: both products with a part of the factor are exact, and so is the
   * error of the first sum (Knuth's two-sum).
   */
  private static Value multiplyAdd(Compose g, Value x, float factor, Value y) {
    float high = Float.intBitsToFloat(Float.floatToRawIntBits(factor) & -(1 << LOW_BITS));
    Value product = g.mul(x, high);
    Value sum = g.add(product, y);
    Value rest = g.sub(sum, product);
    Value error = g.add(g.sub(product, g.sub(sum, rest)), g.sub(y, rest));
    return g.add(sum, g.add(error, g.mul(x, factor - high)));
  }
}
