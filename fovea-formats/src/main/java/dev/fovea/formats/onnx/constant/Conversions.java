package dev.fovea.formats.onnx.constant;

import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.tensor.FoveaException;
import java.util.Map;

/** Conversions between element types, quantisation included. */
public final class Conversions {
  private Conversions() {}

  static void addTo(Map<String, Folding.Rule> rules) {
    rules.put("Cast", op -> Folding.one(cast(op, OnnxType.of(op.node().integer("to", 0)))));
    rules.put("CastLike", op -> Folding.one(cast(op, op.operand(1).type())));
    rules.put("DequantizeLinear", op -> Folding.one(dequantize(op)));
    rules.put("QuantizeLinear", op -> Folding.one(quantize(op)));
  }

  private static Array cast(Operation op, OnnxType to) {
    Array x = op.operand(0);
    if (x.type() == to) {
      return x;
    }
    requireSaturation(op, to);
    if (!x.isUniform()) {
      op.limits().take(x.dims());
    }
    return cast(x, to);
  }

  /** Without it numbers beyond the range of a float of a byte are no numbers. */
  private static void requireSaturation(Operation op, OnnxType to) {
    if (to.isFloat() && to.bits() < Short.SIZE && !op.flag("saturate", true)) {
      throw new FoveaException("rounding to " + to + " without saturation is not supported");
    }
  }

  /** The type that a QuantizeLinear without a zero gives. */
  public static OnnxType quantised(OnnxNode node) {
    long declared = node.integer("output_dtype", 0);
    return declared == 0 ? OnnxType.UINT8 : OnnxType.of(declared);
  }

  /** The elements converted to that type; what is already of it stays as it is, in the file if it is there. */
  public static Array cast(Array x, OnnxType to) {
    if (!to.isFloat() && !to.isInteger()) {
      throw new FoveaException("elements of type " + to + " are not supported");
    }
    if (x.type() == to) {
      return x;
    }
    if (x.isUniform() && x.size() > 1) {
      return Array.uniform(x.dims(), cast(x.pick(new int[0], new int[1]), to)).named(x.name());
    }
    if (to.isFloat()) {
      double[] values = new double[x.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = x.real(i);
      }
      return Array.reals(to, x.dims(), values).named(x.isFloat() ? x.name() : "");
    }
    long[] values = new long[x.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = to == OnnxType.BOOL ? (x.real(i) != 0 ? 1 : 0) : x.integer(i);
    }
    return Array.integers(to, x.dims(), values);
  }

  /** For each element the position of its scale: one for all, one for each slice of an axis, or one for each block of it. */
  private static int[] scalePositions(Operation op, Array x, Array scale) {
    op.limits().take(x.dims());
    if (op.has(2) && op.operand(2).size() != scale.size()) {
      throw new FoveaException("expects as many zero points as scales, got " + op.operand(2) + " and " + scale);
    }
    if (scale.size() == 1) {
      return new int[x.size()];
    }
    int axis = op.axis("axis", 1, x.rank());
    int after = Indices.product(x.dims(), axis + 1, x.rank());
    int length = x.dim(axis);
    boolean blocks = scale.rank() == x.rank() && x.rank() > 1;
    int each = blocks ? Math.toIntExact(op.node().integer("block_size", 0)) : 1;
    int groups = blocks && each > 0 ? Math.ceilDiv(length, each) : length;
    if (each < 1 || scale.size() != (blocks ? x.size() / length * groups : length)) {
      throw new FoveaException("expects a scale for each of " + length + " slices along axis " + axis + ", got " + scale);
    }
    int[] positions = new int[x.size()];
    for (int i = 0; i < positions.length; i++) {
      int slice = i / after % length;
      positions[i] = blocks ? (i / (after * length) * groups + slice / each) * after + i % after : slice;
    }
    return positions;
  }

  private static Array dequantize(Operation op) {
    Array x = op.operand(0);
    Array scale = op.operand(1);
    int[] positions = scalePositions(op, x, scale);
    Array zero = op.has(2) ? op.operand(2) : Array.uniform(scale.dims(), Array.integers(OnnxType.INT32, new int[0], 0));
    double[] values = new double[positions.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (x.real(i) - zero.real(positions[i])) * (float) scale.real(positions[i]);
    }
    return Array.reals(scale.type(), x.dims(), values).named(x.name());
  }

  private static Array quantize(Operation op) {
    Array x = op.operand(0);
    Array scale = op.operand(1);
    OnnxType type = op.has(2) ? op.operand(2).type() : quantised(op.node());
    requireSaturation(op, type);
    int[] positions = scalePositions(op, x, scale);
    Array zero = op.has(2) ? op.operand(2) : Array.uniform(scale.dims(), Array.integers(OnnxType.INT32, new int[0], 0));
    double[] values = new double[positions.length];
    long[] integers = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      float quotient = (float) x.real(i) / (float) scale.real(positions[i]);
      values[i] = type.isFloat() ? quotient : Math.rint(quotient) + zero.real(positions[i]);
      integers[i] = type.isFloat() ? 0 : Numbers.saturate(type, values[i]);
    }
    Array result = type.isFloat() ? Array.reals(type, x.dims(), values) : Array.integers(type, x.dims(), integers);
    return result.named(x.name());
  }
}
