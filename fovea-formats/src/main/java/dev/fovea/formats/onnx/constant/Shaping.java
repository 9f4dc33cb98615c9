package dev.fovea.formats.onnx.constant;

import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Operators that change sizes only: the result has the operand's elements, in order and under its name. */
public final class Shaping {
  private Shaping() {}

  static void addTo(Map<String, Folding.Rule> rules) {
    rules.put("Shape", op -> Folding.one(shape(op)));
    rules.put("Size", op -> Folding.one(Array.integers(OnnxType.INT64, new int[0], op.operand(0).size())));
    rules.put("Reshape", op -> {
      long[] target = op.integers(1, "shape");
      if (target == null) {
        throw new FoveaException("expects a shape");
      }
      return Folding.one(op.operand(0).reshaped(reshaped(op.operand(0).dims(), target, op.flag("allowzero", false))));
    });
    rules.put("Flatten", op -> {
      Array x = op.operand(0);
      int axis = op.node().integer("axis", 1) == x.rank() ? x.rank() : op.axis("axis", 1, x.rank());
      return Folding.one(x.reshaped(Indices.product(x.dims(), 0, axis), Indices.product(x.dims(), axis, x.rank())));
    });
    rules.put("Squeeze", op -> Folding.one(op.operand(0).reshaped(squeezed(op.operand(0).dims(), op.integers(1, "axes")))));
    rules.put("Unsqueeze", op -> {
      long[] axes = op.integers(1, "axes");
      if (axes == null) {
        throw new FoveaException("expects axes");
      }
      return Folding.one(op.operand(0).reshaped(unsqueezed(op.operand(0).dims(), axes)));
    });
    rules.put("Identity", op -> Folding.one(op.operand(0)));
  }

  private static Array shape(Operation op) {
    return shape(op.operand(0).dims(), op.node().integer("start", 0), op.node().integer("end", Long.MAX_VALUE));
  }

  /** What ONNX's Shape gives for an array of these sizes. */
  public static Array shape(int[] dims, long start, long end) {
    int from = (int) Math.max(0, Math.min(dims.length, start < 0 ? start + dims.length : start));
    int to = (int) Math.max(from, Math.min(dims.length, end < 0 ? Math.max(end, -dims.length) + dims.length : end));
    return Array.vector(Arrays.stream(dims, from, to).asLongStream().toArray());
  }

  /** The sizes that a Reshape asks for: 0 copies the operand's, unless {@code allowZero}; -1 is what is left over. */
  public static int[] reshaped(int[] dims, long[] target, boolean allowZero) {
    int[] sizes = new int[target.length];
    int rest = -1;
    long known = 1;
    for (int i = 0; i < sizes.length; i++) {
      if (target[i] == -1) {
        if (rest >= 0) {
          throw new FoveaException("expects at most one -1 in a shape, got " + Arrays.toString(target));
        }
        rest = i;
      } else if (target[i] == 0 && !allowZero) {
        if (i >= dims.length) {
          throw new FoveaException("copies the size of axis " + i + ", but the operand has " + dims.length + " axes");
        }
        sizes[i] = dims[i];
        known *= sizes[i];
      } else {
        if (target[i] < 0 || target[i] > Integer.MAX_VALUE) {
          throw new FoveaException("expects sizes of 0 or more, got " + target[i]);
        }
        sizes[i] = (int) target[i];
        known *= sizes[i];
      }
      if (known > Integer.MAX_VALUE) {
        throw new FoveaException("expects fewer than 2^31 elements, got " + Arrays.toString(target));
      }
    }
    int size = Array.size(dims);
    if (rest >= 0) {
      if (known == 0 || size % known != 0) {
        throw new FoveaException("expects " + size + " elements, got the shape " + Arrays.toString(target));
      }
      sizes[rest] = (int) (size / known);
    } else if (known != size) {
      throw new FoveaException("expects " + size + " elements, got the shape " + Arrays.toString(target));
    }
    return sizes;
  }

  /** The sizes without these axes, which must be 1; without all that are 1 if none are given. */
  public static int[] squeezed(int[] dims, long @Nullable [] axes) {
    boolean[] removed = new boolean[dims.length];
    for (int axis = 0; axis < dims.length; axis++) {
      removed[axis] = axes == null && dims[axis] == 1;
    }
    if (axes != null) {
      for (long axis : axes) {
        int at = Operation.axis(axis, dims.length);
        if (dims[at] != 1) {
          throw new FoveaException("removes axis " + at + ", expects its size to be 1, got " + dims[at]);
        }
        removed[at] = true;
      }
    }
    return IntStream.range(0, dims.length).filter(axis -> !removed[axis]).map(axis -> dims[axis]).toArray();
  }

  /** The sizes with axes of size 1 added at these positions of the result. */
  public static int[] unsqueezed(int[] dims, long[] axes) {
    int rank = dims.length + axes.length;
    List<Integer> added = new ArrayList<>();
    for (long axis : axes) {
      added.add(Operation.axis(axis, rank));
    }
    if (added.stream().distinct().count() != added.size()) {
      throw new FoveaException("expects different axes, got " + Arrays.toString(axes));
    }
    int[] sizes = new int[rank];
    int next = 0;
    for (int axis = 0; axis < rank; axis++) {
      sizes[axis] = added.contains(axis) ? 1 : dims[next++];
    }
    return sizes;
  }
}
