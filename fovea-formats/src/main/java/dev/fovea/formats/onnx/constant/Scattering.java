package dev.fovea.formats.onnx.constant;

import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.Map;

/** Operators whose operand holds positions in another operand. */
final class Scattering {
  private Scattering() {}

  static void addTo(Map<String, Folding.Rule> rules) {
    rules.put("ScatterND", op -> Folding.one(scatterNd(op)));
    rules.put("ScatterElements", op -> Folding.one(scatterElements(op)));
    rules.put("Scatter", op -> Folding.one(scatterElements(op)));
    rules.put("GatherElements", op -> Folding.one(gatherElements(op)));
    rules.put("GatherND", op -> Folding.one(gatherNd(op)));
  }

  /** The position of each element of a slice that the last axis of {@code indices} names. */
  private static int[] slices(Operation op, Array x, Array indices) {
    int depth = indices.rank() == 0 ? 0 : indices.dim(indices.rank() - 1);
    if (depth < 1 || depth > x.rank()) {
      throw new FoveaException("expects indices of 1 to " + x.rank() + " axes, got " + depth);
    }
    int length = Indices.product(x.dims(), depth, x.rank());
    int count = indices.size() / depth;
    int[] positions = new int[op.limits().take(new int[] {count, length})];
    for (int i = 0; i < count; i++) {
      int position = 0;
      for (int axis = 0; axis < depth; axis++) {
        position = position * x.dim(axis) + Operation.axis(indices.integer(i * depth + axis), x.dim(axis));
      }
      for (int j = 0; j < length; j++) {
        positions[i * length + j] = position * length + j;
      }
    }
    return positions;
  }

  private static Array gatherNd(Operation op) {
    Array x = op.operand(0);
    Array indices = op.operand(1);
    if (op.node().integer("batch_dims", 0) != 0) {
      throw new FoveaException("expects batch_dims 0");
    }
    int[] positions = slices(op, x, indices);
    int[] rows = Arrays.copyOf(indices.dims(), indices.rank() - 1);
    int[] slice = Arrays.copyOfRange(x.dims(), indices.dim(indices.rank() - 1), x.rank());
    int[] dims = Arrays.copyOf(rows, rows.length + slice.length);
    System.arraycopy(slice, 0, dims, rows.length, slice.length);
    return x.pick(dims, positions);
  }

  private static Array scatterNd(Operation op) {
    return scattered(op, op.operand(0), slices(op, op.operand(0), op.operand(1)), op.operand(2));
  }

  private static Array scatterElements(Operation op) {
    return scattered(op, op.operand(0), elements(op, op.operand(0), op.operand(1)), op.operand(2));
  }

  private static Array gatherElements(Operation op) {
    return op.operand(0).pick(op.operand(1).dims(), elements(op, op.operand(0), op.operand(1)));
  }

  /** For each element of {@code indices} its position in x, where it replaces the index along the axis. */
  private static int[] elements(Operation op, Array x, Array indices) {
    int axis = op.axis("axis", 0, x.rank());
    if (indices.rank() != x.rank()) {
      throw new FoveaException("expects indices of " + x.rank() + " axes, got " + indices);
    }
    int[] strides = Indices.strides(x.dims());
    int[] others = strides.clone();
    others[axis] = 0;
    for (int other = 0; other < x.rank(); other++) {
      if (other != axis && indices.dim(other) > x.dim(other)) {
        throw new FoveaException("expects indices no larger than " + x + ", got " + indices);
      }
    }
    op.limits().take(indices.dims());
    int[] positions = Indices.walk(indices.dims(), 0, others);
    for (int i = 0; i < positions.length; i++) {
      positions[i] += Operation.axis(indices.integer(i), x.dim(axis)) * strides[axis];
    }
    return positions;
  }

  private static Array scattered(Operation op, Array x, int[] positions, Array updates) {
    String reduction = op.node().text("reduction", "none");
    if (updates.size() != positions.length) {
      throw new FoveaException("expects " + positions.length + " updates, got " + updates);
    }
    op.limits().take(x.dims());
    double[] reals = new double[x.isFloat() ? x.size() : 0];
    Arrays.setAll(reals, x::real);
    long[] integers = x.isFloat() ? new long[0] : x.integers();
    for (int i = 0; i < positions.length; i++) {
      if (x.isFloat()) {
        reals[positions[i]] = reduced(reduction, reals[positions[i]], updates.real(i));
      } else if (reduction.equals("none")) {
        integers[positions[i]] = updates.integer(i);
      } else {
        integers[positions[i]] = (long) reduced(reduction, (double) integers[positions[i]], updates.real(i));
      }
    }
    return x.isFloat() ? Array.reals(x.type(), x.dims(), reals) : Array.integers(x.type(), x.dims(), integers);
  }

  private static double reduced(String reduction, double old, double update) {
    return switch (reduction) {
      case "none" -> update;
      case "add" -> old + update;
      case "mul" -> old * update;
      case "min" -> Math.min(old, update);
      case "max" -> Math.max(old, update);
      default -> throw new FoveaException("reduction " + Quote.quote(reduction) + " is not supported");
    };
  }
}
