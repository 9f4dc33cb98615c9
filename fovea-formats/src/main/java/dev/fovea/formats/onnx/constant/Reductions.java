package dev.fovea.formats.onnx.constant;

import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Operators that reduce axes, and sums along one. */
final class Reductions {
  private Reductions() {}

  static void addTo(Map<String, Folding.Rule> rules) {
    put(rules, "ReduceSum", values -> DoubleStream.of(values).sum());
    put(rules, "ReduceProd", values -> DoubleStream.of(values).reduce(1, (a, b) -> a * b));
    put(rules, "ReduceMean", values -> DoubleStream.of(values).average().orElse(Double.NaN));
    put(rules, "ReduceMax", values -> DoubleStream.of(values).max().orElse(Double.NEGATIVE_INFINITY));
    put(rules, "ReduceMin", values -> DoubleStream.of(values).min().orElse(Double.POSITIVE_INFINITY));
    put(rules, "ReduceL1", values -> DoubleStream.of(values).map(Math::abs).sum());
    put(rules, "ReduceL2", values -> Math.sqrt(DoubleStream.of(values).map(x -> x * x).sum()));
    put(rules, "ReduceSumSquare", values -> DoubleStream.of(values).map(x -> x * x).sum());
    put(rules, "ReduceLogSum", values -> Math.log(DoubleStream.of(values).sum()));
    put(rules, "ReduceLogSumExp", Reductions::logSumExp);
    rules.put("CumSum", op -> Folding.one(cumulated(op)));
    rules.put("ArgMax", op -> Folding.one(extreme(op, 1)));
    rules.put("ArgMin", op -> Folding.one(extreme(op, -1)));
  }

  private static double logSumExp(double[] values) {
    double max = DoubleStream.of(values).max().orElse(Double.NEGATIVE_INFINITY);
    return Double.isInfinite(max) ? max : max + Math.log(DoubleStream.of(values).map(x -> Math.exp(x - max)).sum());
  }

  private static void put(Map<String, Folding.Rule> rules, String type, ToDoubleFunction<double[]> how) {
    rules.put(type, op -> Folding.one(reduce(op, how)));
  }

  private static Array reduce(Operation op, ToDoubleFunction<double[]> how) {
    Array x = op.operand(0);
    long[] given = op.integers(1, "axes");
    long[] axes = given == null ? new long[0] : given;
    boolean[] reduced = new boolean[x.rank()];
    Arrays.fill(reduced, axes.length == 0 && !op.flag("noop_with_empty_axes", false));
    for (long axis : axes) {
      reduced[Operation.axis(axis, x.rank())] = true;
    }
    op.limits().take(x.size());
    int[] strides = Indices.strides(x.dims());
    int[] kept = IntStream.range(0, x.rank()).filter(axis -> !reduced[axis]).toArray();
    int[] gone = IntStream.range(0, x.rank()).filter(axis -> reduced[axis]).toArray();
    op.limits().take(pick(x.dims(), kept)); // of an empty array, too, they may be many
    op.limits().take(pick(x.dims(), gone));
    int[] starts = Indices.walk(pick(x.dims(), kept), 0, pick(strides, kept));
    int[] steps = Indices.walk(pick(x.dims(), gone), 0, pick(strides, gone));
    double[] results = new double[starts.length];
    double[] row = new double[steps.length];
    for (int i = 0; i < starts.length; i++) {
      for (int j = 0; j < steps.length; j++) {
        row[j] = x.real(starts[i] + steps[j]);
      }
      results[i] = how.applyAsDouble(row);
    }
    int[] dims = op.flag("keepdims", true)
        ? IntStream.range(0, x.rank()).map(axis -> reduced[axis] ? 1 : x.dim(axis)).toArray()
        : pick(x.dims(), kept);
    return x.isFloat()
        ? Array.reals(x.type(), dims, results)
        : Array.integers(x.type(), dims, Arrays.stream(results)
            .mapToLong(value -> Double.isInfinite(value) ? Numbers.saturate(x.type(), value) : (long) value).toArray());
  }

  private static int[] pick(int[] from, int[] axes) {
    return Arrays.stream(axes).map(axis -> from[axis]).toArray();
  }

  private static Array cumulated(Operation op) {
    Array x = op.operand(0);
    int axis = Operation.axis((long) op.operand(1).scalar(), x.rank());
    boolean exclusive = op.flag("exclusive", false);
    int size = op.limits().take(x.dims());
    int length = x.dim(axis);
    int after = Indices.product(x.dims(), axis + 1, x.rank());
    double[] sums = new double[size];
    for (int row = 0; row < size / Math.max(1, length); row++) {
      double sum = 0;
      for (int i = 0; i < length; i++) {
        int index = op.flag("reverse", false) ? length - 1 - i : i;
        int position = (row / after * length + index) * after + row % after;
        sums[position] = exclusive ? sum : sum + x.real(position);
        sum += x.real(position);
      }
    }
    return x.isFloat()
        ? Array.reals(x.type(), x.dims(), sums)
        : Array.integers(x.type(), x.dims(), Arrays.stream(sums).mapToLong(value -> (long) value).toArray());
  }

  private static Array extreme(Operation op, int sign) {
    Array x = op.operand(0);
    int axis = op.axis("axis", 0, x.rank());
    boolean last = op.flag("select_last_index", false);
    int length = x.dim(axis);
    if (length == 0) {
      throw new FoveaException("expects an axis that is not empty, got " + x);
    }
    int after = Indices.product(x.dims(), axis + 1, x.rank());
    op.limits().take(x.size());
    long[] found = new long[x.size() / length];
    for (int row = 0; row < found.length; row++) {
      double best = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < length; i++) {
        double value = sign * x.real((row / after * length + i) * after + row % after);
        if (value > best || (last && value == best)) {
          best = value;
          found[row] = i;
        }
      }
    }
    int[] dims = Indices.with(x.dims(), axis, 1);
    Array result = Array.integers(OnnxType.INT64, dims, found);
    return op.flag("keepdims", true) ? result : result.reshaped(Shaping.squeezed(dims, new long[] {axis}));
  }
}
