package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Quantities;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.call.Windows;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.constant.Conversions;
import dev.fovea.formats.onnx.constant.Numbers;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Quantised operators, computed in floats with the rounding of the file: integers {@code q} stand for {@code scale (q - zero)}, and
 * {@code q = round(x / scale) + zero}, halves to even, limited to the type's range. Floats hold sums of products of bytes exactly up to
 * 2^24.
 */
final class Quantised {
  private static final String MICROSOFT = "com.microsoft.";

  private Quantised() {}

  static void addTo(Map<String, Rule> rules) {
    for (String domain : List.of("", MICROSOFT)) {
      rules.put(domain + "QuantizeLinear",
          c -> quantised(c, c.value(0), 1, 2, c.has(2) ? c.type(2) : Conversions.quantised(c.node())));
      rules.put(domain + "DequantizeLinear", c -> c.result(dequantised(c, 0, 1, 2), c.type(1)));
    }
    rules.put("DynamicQuantizeLinear", Quantised::dynamic);
    rules.put("ConvInteger", c -> c.result(convolved(c, 1, 2, 3, -1), OnnxType.INT32));
    rules.put("QLinearConv", Quantised::conv);
    rules.put("MatMulInteger", c -> c.result(Matrices.product(c.g(), shifted(c, 0, 2), shifted(c, 1, 3)), OnnxType.INT32));
    rules.put("QLinearMatMul", Quantised::matMul);
    rules.put(MICROSOFT + "QLinearAdd", c -> {
      Value a = dequantised(c, 0, 1, 2);
      Value b = dequantised(c, 3, 4, 5);
      Value sum = c.g().add(a, b);
      IntegerSums.add(c, a, b, sum);
      return quantised(c, sum, 6, 7, c.type(0));
    });
    rules.put(MICROSOFT + "QLinearMul",
        c -> quantised(c, c.g().mul(dequantised(c, 0, 1, 2), dequantised(c, 3, 4, 5)), 6, 7, c.type(0)));
    pointwise(rules, "QLinearSigmoid", (c, x) -> c.g().op(new Op.Sigmoid(), x));
    pointwise(rules, "QLinearLeakyRelu", (c, x) -> c.g().op(new Op.LeakyRelu(c.node().number("alpha", 0.01f)), x));
    pointwise(rules, "QLinearSoftmax", Quantised::softmax);
    pointwise(rules, "QLinearGlobalAveragePool", (c, x) -> lastChannels(c, x, image -> c.g().mean(image, List.of(2, 3))));
    pointwise(rules, "QLinearAveragePool", (c, x) -> lastChannels(c, x, image -> Pools.average(c, image)));
    rules.put(MICROSOFT + "QLinearConcat", Quantised::concat);
    rules.put(MICROSOFT + "QGemm", Quantised::gemm);
    rules.put(MICROSOFT + "QLinearWhere", c -> quantised(c,
        c.g().where(c.value(0), dequantised(c, 1, 2, 3), dequantised(c, 4, 5, 6)), 7, 8, c.type(1)));
    rules.put(MICROSOFT + "MatMulIntegerToFloat",
        c -> c.result(real(c, shifted(c, 0, 4), ofRows(c, 2), shifted(c, 1, 5), 3, 6), OnnxType.FLOAT));
    rules.put(MICROSOFT + "DynamicQuantizeMatMul", c -> {
      Dynamic a = Dynamic.of(c);
      return c.result(real(c, c.g().sub(a.quantised, a.zero), a.scale, shifted(c, 1, 3), 2, 4), OnnxType.FLOAT);
    });
  }

  private interface OnReals {
    Value apply(Call c, Value x);
  }

  /** An operator of reals between a conversion from integers and one back. */
  private static void pointwise(Map<String, Rule> rules, String type, OnReals how) {
    rules.put(MICROSOFT + type, c -> quantised(c, how.apply(c, dequantised(c, 0, 1, 2)), 3, 4, c.type(0)));
  }

  /** The attribute says by which version of ONNX's operators: before opset 13 the axes from the named one on were one. */
  private static Value softmax(Call c, Value x) {
    int axis = c.axis("axis", -1, c.g().rank(x));
    if (c.integer("opset", 13) < 13 && axis != c.g().rank(x) - 1) {
      throw new Refusal("a softmax along several axes (opset " + c.integer("opset", 13) + ") is not supported");
    }
    return c.g().op(new Op.Softmax(axis), x);
  }

  private static Value lastChannels(Call c, Value x, UnaryOperator<Value> pool) {
    return c.flag("channels_last", false)
        ? c.g().transpose(pool.apply(c.g().transpose(x, List.of(0, 3, 1, 2))), List.of(0, 2, 3, 1))
        : pool.apply(x);
  }

  /** A scale or zero that broadcasts along the axis of x that the node names. */
  private static Value along(Call c, int index, Value x) {
    int size = c.shape(index).size();
    if (size == 1) {
      return number(c, index);
    }
    int rank = c.g().rank(x);
    int axis = c.axis("axis", 1, rank);
    if (c.shape(index).rank() != 1 || size != c.g().shape(x).dim(axis)) {
      throw new Refusal("expects one scale, or one for each of " + c.g().shape(x).dim(axis) + " slices of axis " + axis + ", got "
          + c.shape(index));
    }
    return c.g().unsqueeze(c.value(index), IntStream.range(1, rank - axis).boxed().toList());
  }

  /** The one element of an operand. */
  private static Value number(Call c, int index) {
    return c.constant(index).map(array -> c.g().number(array.real(0))).orElseGet(() -> scalar(c.g(), c.value(index)));
  }

  private static Value scalar(Compose g, Value x) {
    return g.rank(x) == 0 ? x : g.reshape(x, List.of());
  }

  private static boolean isZero(Call c, int index) {
    return !c.has(index) || c.constant(index).filter(array -> array.isUniform() && array.real(0) == 0).isPresent();
  }

  private static List<Known> quantised(Call c, Value x, int scale, int zero, OnnxType type) {
    if (!type.isInteger() || type.bits() > 16) {
      throw new Refusal("quantised elements of type " + type + " are not supported");
    }
    Optional<Step> step = step(c, scale, zero);
    Optional<Value> sum = step.flatMap(known -> IntegerSums.movedSum(c, x, known.scale, known.zero));
    if (sum.isPresent()) {
      Value rounded = c.g().op(new Op.Round(), sum.get());
      return c.result(c.g().op(new Op.Clip(Numbers.min(type), Numbers.max(type)), rounded), type);
    }
    Value quotient = step.flatMap(known -> IntegerSums.quotient(c, x, known.scale))
        .orElseGet(() -> c.g().div(x, along(c, scale, x)));
    return c.result(limited(c, quotient, zero, type), type);
  }

  /** One scale and one zero for all elements. */
  private record Step(float scale, float zero) {}

  /** The operands of a scale and a zero, if they are constant and have one element each; without a zero it is 0. */
  private static Optional<Step> step(Call c, int scale, int zero) {
    Optional<Float> offset = c.has(zero) ? constant(c, zero) : Optional.of(0f);
    return constant(c, scale).flatMap(factor -> offset.map(moved -> new Step(factor, moved)));
  }

  private static Optional<Float> constant(Call c, int index) {
    return c.constant(index).filter(array -> array.size() == 1).map(array -> (float) array.scalar());
  }

  private static Value limited(Call c, Value quotient, int zero, OnnxType type) {
    Value rounded = c.g().op(new Op.Round(), quotient);
    Value moved = isZero(c, zero) ? rounded : c.g().add(rounded, along(c, zero, rounded));
    return c.g().op(new Op.Clip(Numbers.min(type), Numbers.max(type)), moved);
  }

  private static Value dequantised(Call c, int index, int scale, int zero) {
    Value x = c.value(index);
    Value moved = isZero(c, zero) ? x : c.g().sub(x, along(c, zero, x));
    Value reals = c.g().mul(moved, along(c, scale, moved));
    step(c, scale, zero).ifPresent(
        known -> c.context().quantities().scaled().put(reals, new Quantities.Scaled(x, known.zero, known.scale, moved)));
    return reals;
  }

  /**
   * A factor of a product of matrices minus its zero; a constant is shifted now. The left factor, the first operand, has a zero for
   * all, or one for each row; the right one for each column.
   */
  private static Value shifted(Call c, int index, int zero) {
    boolean many = c.has(zero) && c.shape(zero).size() > 1;
    Optional<Array> array = c.constant(index);
    if (array.isPresent() && (!c.has(zero) || c.constant(zero).isPresent()) && (!many || c.shape(zero).rank() == 1)) {
      int axis = array.get().rank() - (index == 0 ? 2 : 1);
      return c.weight(minus(array.get(), c.has(zero) ? c.constant(zero, "a zero") : null, axis), index);
    }
    Value x = c.value(index);
    return isZero(c, zero) ? x : c.g().sub(x, index == 0 ? ofRows(c, zero) : ofColumns(c, zero));
  }

  /** A number for the whole of a matrix, or one for each row: a vector, or {@code [..., rows, 1]}. */
  private static Value ofRows(Call c, int index) {
    Value x = ofColumns(c, index);
    return c.g().rank(x) == 1 ? c.g().unsqueeze(x, List.of(1)) : x;
  }

  /** A number for the whole of a matrix, or one for each column: a vector, or {@code [..., 1, columns]}. */
  private static Value ofColumns(Call c, int index) {
    return c.shape(index).size() == 1 ? number(c, index) : c.value(index);
  }

  /** The integers minus their zero, one for all or for each slice of the axis. */
  static Array minus(Array array, @Nullable Array zero, int axis) {
    float[] values = new float[array.listed()];
    array.copyTo(values, 0);
    if (zero != null) {
      boolean one = zero.size() == 1;
      if (!one && (axis < 0 || axis >= array.rank() || zero.size() != array.dim(axis))) {
        throw new Refusal("expects one zero point, or one for each slice of axis " + axis + " of " + array + ", got " + zero);
      }
      int after = 1;
      for (int i = axis + 1; !one && i < array.rank(); i++) {
        after *= array.dim(i);
      }
      for (int i = 0; i < values.length; i++) {
        values[i] -= (float) zero.real(one ? 0 : i / after % array.dim(axis));
      }
    }
    return Array.floats(OnnxType.FLOAT, array.dims(), values);
  }

  /** The scale of all elements of the first operand, and the zero, follow from its range with 0; zeros alone have the scale 1. */
  private record Dynamic(Value quantised, Value scale, Value zero) {
    static Dynamic of(Call c) {
      Compose g = c.g();
      Value x = c.value(0);
      List<Integer> all = IntStream.range(0, g.rank(x)).boxed().toList();
      Value high = g.op(new Op.Relu(), scalar(g, g.largest(x, all)));
      Value low = g.neg(g.op(new Op.Relu(), scalar(g, g.largest(g.neg(x), all))));
      Value range = g.sub(high, low);
      Value scale = g.where(g.less(g.number(0), range), g.div(range, g.number(255)), g.number(1));
      Value zero = g.clip(g.op(new Op.Round(), g.div(g.neg(low), scale)), 0, 255);
      return new Dynamic(g.clip(g.add(g.op(new Op.Round(), g.div(x, scale)), zero), 0, 255), scale, zero);
    }
  }

  private static List<Known> dynamic(Call c) {
    Dynamic x = Dynamic.of(c);
    return List.of(c.known(x.quantised, OnnxType.UINT8), c.known(x.scale, OnnxType.FLOAT), c.known(x.zero, OnnxType.UINT8));
  }

  /** The product of integers minus their zeros as reals, with the second's scale and an optional bias among the operands. */
  private static Value real(Call c, Value a, Value scale, Value b, int otherScale, int bias) {
    Value product = c.g().mul(c.g().mul(Matrices.product(c.g(), a, b), scale), ofColumns(c, otherScale));
    return c.has(bias) ? c.g().add(product, c.value(bias)) : product;
  }

  /** The convolution of integers minus their zeros. */
  private static Value convolved(Call c, int weight, int zero, int weightZero, int bias) {
    Compose g = c.g();
    Value x = shifted(c, 0, zero);
    Array kernel = c.constant(weight, "weights");
    if (kernel.rank() < 3) {
      throw new Refusal("expects a weight of 3 or 4 axes, got " + kernel);
    }
    int[] sizes = Arrays.copyOfRange(kernel.dims(), 2, kernel.rank());
    Op op = new Op.Conv(Windows.of(c, g.shape(x), sizes).image(), c.integer("group", 1));
    Array shifted = minus(kernel, c.has(weightZero) ? c.constant(weightZero, "a zero") : null, 0);
    boolean flat = shifted.rank() == 3;
    Value w = c.weight(flat ? shifted.reshaped(shifted.dim(0), shifted.dim(1), 1, shifted.dim(2)) : shifted, weight);
    return Windows.onImages(g, x, image -> bias >= 0 && c.has(bias) ? g.op(op, image, w, c.frozen(bias)) : g.op(op, image, w));
  }

  /** Sums of products become integers of the result by one factor, rounded as ONNX Runtime does, where the scales are constant. */
  private static List<Known> matMul(Call c) {
    Compose g = c.g();
    Value sums = Matrices.product(g, shifted(c, 0, 2), shifted(c, 3, 5));
    if (c.shape(1).size() == 1 && c.shape(4).rank() <= 1 && IntStream.of(1, 4, 6).allMatch(i -> c.constant(i).isPresent())) {
      double[] factors = factors(c);
      Value factor = factors.length == 1 ? g.number(factors[0])
          : c.computed(Array.reals(OnnxType.FLOAT, new int[] {factors.length}, factors));
      return c.result(limited(c, g.mul(sums, factor), 7, c.type(7)), c.type(7));
    }
    return quantised(c, g.mul(g.mul(sums, ofRows(c, 1)), ofColumns(c, 4)), 6, 7, c.type(7));
  }

  /** For each scale of the weights its product with that of x, divided by that of the result. */
  private static double[] factors(Call c) {
    Array xScale = c.constant(1, "a scale");
    Array scales = c.constant(4, "scales");
    Array yScale = c.constant(6, "a scale");
    double[] factors = new double[scales.listed()];
    Arrays.setAll(factors, i -> (float) xScale.scalar() * (float) scales.real(i) / (float) yScale.scalar());
    return factors;
  }

  private static List<Known> conv(Call c) {
    Compose g = c.g();
    Value sums = convolved(c, 3, 2, 5, 8);
    double[] factors = factors(c);
    int[] dims = new int[g.rank(sums) - 1];
    Arrays.fill(dims, 1);
    dims[0] = factors.length;
    Value scaled = g.mul(sums, c.computed(Array.reals(OnnxType.FLOAT, dims, factors)));
    OnnxType type = c.has(7) ? c.type(7) : c.type(0);
    return c.result(limited(c, scaled, 7, type), type);
  }

  /** Operands: scale and zero of the result, then for each part itself, its scale and its zero. */
  private static List<Known> concat(Call c) {
    List<Value> parts = new ArrayList<>();
    for (int i = 2; i + 2 < c.count(); i += 3) {
      parts.add(dequantised(c, i, i + 1, i + 2));
    }
    Value all = c.g().concat(c.axis("axis", 1, c.g().rank(parts.getFirst())), parts);
    return quantised(c, all, 0, 1, c.type(2));
  }

  private static List<Known> gemm(Call c) {
    Compose g = c.g();
    Op op = new Op.Gemm(c.flag("transA", false), c.flag("transB", false));
    Value a = shifted(c, 0, 2);
    Array weight = c.constant(3, "weights");
    Value b = c.weight(minus(weight, c.has(5) ? c.constant(5, "a zero") : null, c.flag("transB", false) ? 0 : 1), 3);
    Value sums = c.has(6) ? g.op(op, a, b, c.frozen(6)) : g.op(op, a, b);
    Value real = g.mul(g.mul(g.mul(sums, along(c, 1, sums)), ofColumns(c, 4)), c.node().number("alpha", 1));
    return c.has(7) ? quantised(c, real, 7, 8, c.has(8) ? c.type(8) : c.type(0)) : c.result(real, OnnxType.FLOAT);
  }
}
