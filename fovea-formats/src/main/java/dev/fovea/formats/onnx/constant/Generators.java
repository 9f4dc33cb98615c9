package dev.fovea.formats.onnx.constant;

import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.tensor.FoveaException;
import java.util.Map;
import java.util.stream.IntStream;

/** Operators whose results have a size that their operands' elements decide. */
final class Generators {
  /** A uniform array takes no memory here, but may become a parameter of the network. */
  private static final int MAX_UNIFORM = 1 << 28;

  private Generators() {}

  static void addTo(Map<String, Folding.Rule> rules) {
    rules.put("ConstantOfShape", op -> Folding.one(constantOfShape(op)));
    rules.put("Range", op -> Folding.one(range(op)));
    rules.put("NonZero", op -> Folding.one(nonZero(op)));
    rules.put("EyeLike", op -> Folding.one(eyeLike(op)));
    rules.put("OneHot", op -> Folding.one(oneHot(op)));
  }

  private static Array constantOfShape(Operation op) {
    Array value = op.node().tensor("value").map(Array::of).orElseGet(() -> Array.reals(OnnxType.FLOAT, new int[] {1}, 0));
    if (value.size() != 1) {
      throw new FoveaException("expects a value of one element, got " + value);
    }
    int[] dims = op.operand(0).ints();
    if (Array.size(dims) > MAX_UNIFORM) {
      throw new FoveaException("an array of " + Array.text(dims) + " has more than 2^28 elements");
    }
    return Array.uniform(dims, value).named(op.node().outputs().getFirst());
  }

  private static Array range(Operation op) {
    Array start = op.operand(0);
    Array step = op.operand(2);
    if (step.scalar() == 0) {
      throw new FoveaException("expects a step other than 0");
    }
    double wanted = Math.ceil((op.operand(1).scalar() - start.scalar()) / step.scalar());
    int[] dims = {(int) Math.min(Integer.MAX_VALUE, Math.max(0, wanted))};
    int size = op.limits().take(dims);
    if (start.isFloat()) {
      return Array.reals(start.type(), dims,
          IntStream.range(0, size).mapToDouble(i -> start.real(0) + i * step.real(0)).toArray());
    }
    long[] values = IntStream.range(0, size).mapToLong(i -> start.integer(0) + i * step.integer(0)).toArray();
    return Array.integers(start.type(), dims, values);
  }

  private static Array nonZero(Operation op) {
    Array x = op.operand(0);
    int[] found = IntStream.range(0, op.limits().take(x.dims())).filter(i -> x.real(i) != 0).toArray();
    int[] strides = Indices.strides(x.dims());
    int[] dims = {x.rank(), found.length};
    long[] positions = new long[op.limits().take(dims)];
    for (int axis = 0; axis < x.rank(); axis++) {
      for (int i = 0; i < found.length; i++) {
        positions[axis * found.length + i] = found[i] / strides[axis] % x.dim(axis);
      }
    }
    return Array.integers(OnnxType.INT64, dims, positions);
  }

  private static Array eyeLike(Operation op) {
    Array x = op.operand(0);
    if (x.rank() != 2) {
      throw new FoveaException("expects a matrix, got " + x);
    }
    OnnxType type = OnnxType.of(op.node().integer("dtype", x.type().number()));
    long k = op.node().integer("k", 0);
    long[] values = new long[op.limits().take(x.dims())];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % x.dim(1) == i / x.dim(1) + k ? 1 : 0;
    }
    return Conversions.cast(Array.integers(OnnxType.INT64, x.dims(), values), type);
  }

  private static Array oneHot(Operation op) {
    Array indices = op.operand(0);
    Array values = op.operand(2);
    int depth = op.operand(1).reshaped(1).ints()[0];
    if (values.size() != 2) {
      throw new FoveaException("expects two values, got " + values);
    }
    int axis = op.axis("axis", -1, indices.rank() + 1);
    int[] dims = new int[indices.rank() + 1];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = i == axis ? depth : indices.dim(i < axis ? i : i - 1);
    }
    int after = Indices.product(indices.dims(), axis, indices.rank());
    int[] positions = new int[op.limits().take(dims)];
    for (int i = 0; i < positions.length; i++) {
      long index = indices.integer(i / (after * depth) * after + i % after);
      positions[i] = (index < 0 ? index + depth : index) == i / after % depth ? 1 : 0;
    }
    return values.pick(dims, positions);
  }
}
