package dev.fovea.formats.onnx.constant;

import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Operators that move elements: each result is a list of positions in its operand. */
final class Movement {
  private Movement() {}

  static void addTo(Map<String, Folding.Rule> rules) {
    rules.put("Transpose", op -> Folding.one(transpose(op)));
    rules.put("Concat", op -> Folding.one(concat(op)));
    rules.put("Slice", op -> Folding.one(slice(op)));
    rules.put("Split", Movement::split);
    rules.put("Gather", op -> Folding.one(gather(op)));
    rules.put("Expand", op -> Folding.one(expand(op)));
    rules.put("Tile", op -> Folding.one(tile(op)));
    rules.put("Pad", op -> Folding.one(pad(op)));
    rules.put("Trilu", op -> Folding.one(triangle(op)));
  }

  private static Array transpose(Operation op) {
    Array x = op.operand(0);
    int rank = x.rank();
    int[] perm = op.node().integers("perm")
        .map(axes -> axes.stream().mapToInt(axis -> Operation.axis(axis, rank)).toArray())
        .orElseGet(() -> IntStream.range(0, rank).map(i -> rank - 1 - i).toArray());
    return transposed(x, perm, op.limits());
  }

  /** The array with its axes in the order {@code perm}, under the same name. */
  static Array transposed(Array x, int[] perm, Limits limits) {
    if (perm.length != x.rank() || Arrays.stream(perm).distinct().count() != perm.length) {
      throw new FoveaException("expects a permutation of " + x.rank() + " axes, got " + Arrays.toString(perm));
    }
    int[] dims = Arrays.stream(perm).map(x::dim).toArray();
    if (isInOrder(perm, x)) {
      return x.reshaped(dims);
    }
    limits.take(dims);
    int[] strides = Indices.strides(x.dims());
    return x.pick(dims, Indices.walk(dims, 0, Arrays.stream(perm).map(axis -> strides[axis]).toArray())).named(x.name());
  }

  /** Whether the axes that have more than one element keep their order. */
  private static boolean isInOrder(int[] perm, Array x) {
    int[] moved = Arrays.stream(perm).filter(axis -> x.dim(axis) != 1).toArray();
    return IntStream.range(1, moved.length).allMatch(i -> moved[i - 1] < moved[i]);
  }

  private static Array concat(Operation op) {
    Array first = op.operand(0);
    int axis = op.axis("axis", 1, first.rank());
    int total = 0;
    for (int i = 0; i < op.operands().size(); i++) {
      Array x = op.operand(i);
      if (x.rank() != first.rank() || !Arrays.equals(Indices.with(x.dims(), axis, 0), Indices.with(first.dims(), axis, 0))) {
        throw new FoveaException("expects arrays that differ along axis " + axis + " only, got " + first + " and " + x);
      }
      total = Math.addExact(total, x.dim(axis));
    }
    if (op.operands().size() == 1) {
      return first;
    }
    int[] dims = Indices.with(first.dims(), axis, total);
    int size = op.limits().take(dims);
    long[] integers = new long[first.isFloat() ? 0 : size];
    double[] reals = new double[first.isFloat() ? size : 0];
    int at = 0;
    for (int row = 0; row < Indices.product(dims, 0, axis); row++) {
      for (int i = 0; i < op.operands().size(); i++) {
        Array x = op.operand(i);
        int length = Indices.product(x.dims(), axis, x.rank());
        for (int j = row * length; j < (row + 1) * length; j++, at++) {
          if (first.isFloat()) {
            reals[at] = x.real(j);
          } else {
            integers[at] = x.integer(j);
          }
        }
      }
    }
    return first.isFloat() ? Array.reals(first.type(), dims, reals) : Array.integers(first.type(), dims, integers);
  }

  private static Array slice(Operation op) {
    Array x = op.operand(0);
    List<Range> ranges = Range.of(op.integers(1, "starts"), op.integers(2, "ends"), op.integers(3, "axes"),
        op.has(4) ? op.operand(4).integers() : null, x.dims());
    int[] dims = x.dims();
    int[] strides = Indices.strides(dims);
    int start = 0;
    for (Range range : ranges) {
      dims[range.axis()] = range.count();
      start += range.start() * strides[range.axis()];
      strides[range.axis()] *= range.step();
    }
    if (Arrays.equals(dims, x.dims()) && ranges.stream().allMatch(range -> range.step() == 1)) {
      return x;
    }
    op.limits().take(dims);
    return x.pick(dims, Indices.walk(dims, start, strides));
  }

  private static List<Array> split(Operation op) {
    Array x = op.operand(0);
    int axis = op.axis("axis", 0, x.rank());
    int[] strides = Indices.strides(x.dims());
    List<Array> parts = new ArrayList<>();
    int from = 0;
    for (int size : Range.parts(op.integers(1, "split"), op.node().outputs().size(), x.dim(axis))) {
      int[] dims = Indices.with(x.dims(), axis, size);
      op.limits().take(dims);
      parts.add(x.pick(dims, Indices.walk(dims, from * strides[axis], strides)));
      from += size;
    }
    return parts;
  }

  private static Array gather(Operation op) {
    Array x = op.operand(0);
    Array indices = op.operand(1);
    int axis = op.axis("axis", 0, x.rank());
    int before = Indices.product(x.dims(), 0, axis);
    int after = Indices.product(x.dims(), axis + 1, x.rank());
    int[] dims = IntStream.concat(IntStream.concat(Arrays.stream(x.dims()).limit(axis), Arrays.stream(indices.dims())),
        Arrays.stream(x.dims()).skip(axis + 1)).toArray();
    int[] positions = new int[op.limits().take(dims)];
    int at = 0;
    for (int row = 0; row < before; row++) {
      for (int i = 0; i < indices.size(); i++) {
        int index = Operation.axis(indices.integer(i), x.dim(axis));
        for (int j = 0; j < after; j++) {
          positions[at++] = (row * x.dim(axis) + index) * after + j;
        }
      }
    }
    return x.pick(dims, positions);
  }

  private static Array expand(Operation op) {
    Array x = op.operand(0);
    return expanded(x, Indices.broadcast(x.dims(), op.operand(1).ints()), op.limits());
  }

  private static Array expanded(Array x, int[] dims, Limits limits) {
    if (Arrays.equals(x.dims(), dims)) {
      return x;
    }
    if (x.isUniform()) {
      return Array.uniform(dims, x).named("");
    }
    limits.take(dims);
    return x.pick(dims, Indices.broadcasting(x.dims(), dims));
  }

  private static Array tile(Operation op) {
    Array x = op.operand(0);
    int[] repeats = op.operand(1).ints();
    if (repeats.length != x.rank()) {
      throw new FoveaException("expects " + x.rank() + " repeats, got " + repeats.length);
    }
    // [a, b] is repeated as [1, a, 1, b] that broadcasts to [m, a, n, b]
    int[] apart = new int[2 * repeats.length];
    int[] wide = new int[2 * repeats.length];
    int[] dims = new int[repeats.length];
    for (int axis = 0; axis < repeats.length; axis++) {
      apart[2 * axis] = 1;
      apart[2 * axis + 1] = x.dim(axis);
      wide[2 * axis] = repeats[axis];
      wide[2 * axis + 1] = x.dim(axis);
      dims[axis] = Array.size(new int[] {repeats[axis], x.dim(axis)});
    }
    Array.size(dims);
    return expanded(x.reshaped(apart), wide, op.limits()).reshaped(dims);
  }

  private static Array pad(Operation op) {
    Array x = op.operand(0);
    long[] pads = op.integers(1, "pads");
    String mode = op.node().text("mode", "constant");
    long[] axes = op.has(3) ? op.operand(3).integers() : LongStream.range(0, x.rank()).toArray();
    if (pads == null || pads.length != 2 * axes.length) {
      throw new FoveaException("expects " + 2 * axes.length + " pads, got " + (pads == null ? "none" : pads.length));
    }
    int[] dims = x.dims();
    int[] starts = new int[dims.length];
    for (int i = 0; i < axes.length; i++) {
      int axis = Operation.axis(axes[i], dims.length);
      starts[axis] = Math.toIntExact(pads[i]);
      dims[axis] = Math.toIntExact(dims[axis] + pads[i] + pads[i + axes.length]);
    }
    int size = op.limits().take(dims);
    int[] positions = new int[size];
    int[] index = new int[dims.length];
    for (int i = 0; i < size; i++) {
      int position = 0;
      for (int axis = 0; axis < dims.length; axis++) {
        int inside = padded(index[axis] - starts[axis], x.dim(axis), mode);
        position = position < 0 || inside < 0 ? -1 : position * x.dim(axis) + inside;
      }
      positions[i] = position;
      for (int axis = dims.length - 1; axis >= 0 && ++index[axis] == dims[axis]; axis--) {
        index[axis] = 0;
      }
    }
    double value = op.has(2) ? op.operand(2).scalar() : op.node().number("value", 0);
    if (x.isFloat()) {
      double[] reals = Arrays.stream(positions).mapToDouble(position -> position < 0 ? value : x.real(position)).toArray();
      return Array.reals(x.type(), dims, reals);
    }
    long[] integers = Arrays.stream(positions).mapToLong(position -> position < 0 ? (long) value : x.integer(position)).toArray();
    return Array.integers(x.type(), dims, integers);
  }

  /** The element whose value a position beyond the ends of an axis has; -1: the constant. */
  private static int padded(int index, int size, String mode) {
    if (index >= 0 && index < size) {
      return index;
    }
    if (size == 0 && !mode.equals("constant")) {
      throw new FoveaException("pads an empty axis with its own elements");
    }
    return switch (mode) {
      case "constant" -> -1;
      case "edge" -> Math.clamp(index, 0, size - 1);
      case "wrap" -> Math.floorMod(index, size);
      case "reflect" -> {
        int mirrored = index < 0 ? -index : 2 * size - 2 - index;
        if (mirrored < 0 || mirrored >= size) {
          throw new FoveaException("reflects more than the " + size + " elements of an axis");
        }
        yield mirrored;
      }
      default -> throw new FoveaException("mode " + Quote.quote(mode) + " is not supported");
    };
  }

  private static Array triangle(Operation op) {
    Array x = op.operand(0);
    if (x.rank() < 2) {
      throw new FoveaException("expects matrices, got " + x);
    }
    long diagonal = op.has(1) ? op.operand(1).integer(0) : 0;
    boolean upper = op.flag("upper", true);
    int rows = x.dim(x.rank() - 2);
    int columns = x.dim(x.rank() - 1);
    double[] kept = new double[op.limits().take(x.dims())];
    for (int i = 0; i < kept.length; i++) {
      long ahead = i % columns - (long) (i / columns % rows);
      kept[i] = (upper ? ahead >= diagonal : ahead <= diagonal) ? x.real(i) : 0;
    }
    return x.isFloat()
        ? Array.reals(x.type(), x.dims(), kept)
        : Array.integers(x.type(), x.dims(), Arrays.stream(kept).mapToLong(value -> (long) value).toArray());
  }
}
