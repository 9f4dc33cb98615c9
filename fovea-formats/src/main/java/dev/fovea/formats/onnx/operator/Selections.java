package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Reshapes;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.constant.Conversions;
import dev.fovea.formats.onnx.constant.Operation;
import dev.fovea.formats.onnx.constant.Range;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Operators that take parts of their operand: slices, indices, the largest elements. */
final class Selections {
  private Selections() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Slice", Selections::slice);
    rules.put("Split", Selections::split);
    rules.put("Gather", Rule.of(Selections::gather));
    rules.put("TopK", Selections::topK);
    rules.put("ArgMax", c -> c.result(extreme(c, false), OnnxType.INT64));
    rules.put("ArgMin", c -> c.result(extreme(c, true), OnnxType.INT64));
    rules.put("CumSum", Rule.of(Selections::cumulate));
    rules.put("Trilu", Rule.of(Selections::triangle));
    rules.put("OneHot", Rule.of(Selections::oneHot));
    rules.put("EyeLike", Selections::eye);
  }

  private static List<Known> slice(Call c) {
    Value x = c.value(0);
    int[] dims = Reshapes.sizes(c.g().shape(x));
    int[] otherDims = Reshapes.sizes(c.otherShape(0));
    List<Range> ranges = ranges(c, dims, false);
    List<Range> others = ranges(c, otherDims, true);
    if (ranges.stream().anyMatch(range -> range.count() == 0)) {
      int[] sizes = dims.clone();
      ranges.forEach(range -> sizes[range.axis()] = range.count());
      return List.of(c.empty(sizes));
    }
    Optional<Value> crop = Crops.crop(c, x, ranges, others);
    if (crop.isPresent()) {
      return c.result(crop.get());
    }
    for (int i = 0; i < ranges.size(); i++) {
      x = slice(c.g(), x, ranges.get(i), dims, others.get(i), otherDims);
    }
    return c.result(x);
  }

  private static List<Range> ranges(Call c, int[] dims, boolean other) {
    long[] steps = c.has(4) ? c.constant(4, "steps").integers() : null;
    return Range.of(numbers(c, 1, "starts", other), numbers(c, 2, "ends", other), numbers(c, 3, "axes", other), steps, dims);
  }

  private static long @Nullable [] numbers(Call c, int index, String name, boolean other) {
    if (!c.has(index)) {
      return c.integers(name);
    }
    long[] own = c.constant(index, name).integers();
    return other ? c.otherConstant(index).integers() : own;
  }

  private static Value slice(Compose g, Value x, Range range, int[] dims, Range other, int[] otherDims) {
    int axis = range.axis();
    int size = dims[axis];
    if (range.count() == size && range.step() == 1 && other.count() == otherDims[axis]) {
      return x;
    }
    if (range.step() == 1 || range.count() == 1) {
      int end = range.start() + range.count();
      int otherEnd = other.start() + other.count();
      return g.slice(x, axis, place(range.start(), size, other.start(), otherDims[axis]),
          end == size && otherEnd == otherDims[axis] ? Integer.MAX_VALUE : place(end, size, otherEnd, otherDims[axis]));
    }
    if (range.step() > 1 && g.rank(x) == 4 && axis >= 2) {
      // every n-th pixel is a pool of one pixel that moves by n
      Value from = g.slice(x, axis, range.start(), end(range, size, other, otherDims[axis]));
      return g.op(new Op.MaxPool(Window.of(1).stride(axis == 2 ? range.step() : 1, axis == 3 ? range.step() : 1)), from);
    }
    return g.gather(x, axis, g.indices(range.count(), i -> range.start() + i * range.step()));
  }

  /** The end of what a strided slice reads: the axis's end, if one step more would be beyond it. */
  private static int end(Range range, int size, Range other, int otherSize) {
    boolean toEnd = range.start() + (long) range.count() * range.step() >= size
        && other.start() + (long) other.count() * other.step() >= otherSize;
    return toEnd ? Integer.MAX_VALUE : range.start() + (range.count() - 1) * range.step() + 1;
  }

  /** The same index in both interpretations: from the start of the axis, or, negative, from its end. */
  private static int place(int index, int size, int other, int otherSize) {
    if (index == other) {
      return index;
    }
    if (size - index == otherSize - other && index < size) {
      return index - size;
    }
    throw new FoveaException("its range depends on the input's shape: from or to " + index + " of " + size);
  }

  private static List<Known> split(Call c) {
    Value x = c.value(0);
    int axis = c.axis("axis", 0, c.g().rank(x));
    int size = c.g().shape(x).dim(axis);
    int count = c.node().outputs().size();
    if (c.opset() >= 18 && c.integer("num_outputs", count) != count) {
      throw new Refusal("has " + count + " outputs, num_outputs is " + c.integer("num_outputs", count));
    }
    int[] parts = Range.parts(numbers(c, 1, "split", false), count, size);
    int[] others = Range.parts(numbers(c, 1, "split", true), count, c.otherShape(0).dim(axis));
    int from = 0;
    int otherFrom = 0;
    List<Known> results = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      if (parts[i] == 0) {
        int[] sizes = Reshapes.sizes(c.g().shape(x));
        sizes[axis] = 0;
        results.add(c.empty(sizes));
        continue;
      }
      int to = from + parts[i];
      int otherTo = otherFrom + others[i];
      int first = place(from, size, otherFrom, c.otherShape(0).dim(axis));
      int end = i == parts.length - 1 ? Integer.MAX_VALUE : place(to, size, otherTo, c.otherShape(0).dim(axis));
      results.add(c.known(c.g().slice(x, axis, first, end), c.type(0)));
      from = to;
      otherFrom = otherTo;
    }
    return results;
  }

  private static Value gather(Call c) {
    int axis = c.axis("axis", 0, c.shape(0).rank());
    Value picked = gather(c, axis);
    return c.constant(1).isPresent() ? SpeltOut.nearest(c, axis, picked) : picked;
  }

  private static Value gather(Call c, int axis) {
    Compose g = c.g();
    if (c.constant(1).isEmpty()) {
      return SpeltOut.pick(c).orElseGet(() -> Indexing.slices(c, axis));
    }
    Array indices = c.constant(1, "indices");
    Value x = c.value(0);
    int size = g.shape(x).dim(axis);
    if (indices.size() == 0) {
      throw new Refusal("no indices are not supported");
    }
    List<Integer> all = Arrays.stream(indices.integers()).mapToObj(index -> Operation.axis(index, size)).toList();
    if (all.size() == 1) {
      long given = indices.integer(0);
      int from = given < 0 ? (int) given : all.getFirst();
      Value one = g.slice(x, axis, from, from == -1 || from == size - 1 && size == 1 ? Integer.MAX_VALUE : from + 1);
      return placed(g, one, axis, indices.dims());
    }
    Array others = c.otherConstant(1);
    if (isWhole(indices, size) && isWhole(others, c.otherShape(0).dim(axis))) {
      return Reshapes.of(g, x, Reshapes.sizes(c.otherShape(0)), replaced(c.shape(0), axis, indices.dims()),
          replaced(c.otherShape(0), axis, others.dims()));
    }
    boolean range = IntStream.range(1, all.size()).allMatch(i -> all.get(i) == all.get(i - 1) + 1);
    Value picked = range && c.otherShape(0).dim(axis) == size
        ? g.slice(x, axis, all.getFirst(), all.getLast() + 1)
        : g.gather(x, axis, all);
    return placed(g, picked, axis, indices.dims());
  }

  /** Whether the indices are all of an axis, in order. */
  private static boolean isWhole(Array indices, int size) {
    return indices.size() == size && IntStream.range(0, size).allMatch(i -> indices.integer(i) == i);
  }

  private static int[] replaced(Shape shape, int axis, int[] dims) {
    int[] sizes = Reshapes.sizes(shape);
    return IntStream.concat(IntStream.concat(Arrays.stream(sizes).limit(axis), Arrays.stream(dims)),
        Arrays.stream(sizes).skip(axis + 1)).toArray();
  }

  /** Instead of one axis those of the indices. */
  private static Value placed(Compose g, Value x, int axis, int[] dims) {
    List<Dim> sizes = new ArrayList<>();
    for (int i = 0; i < g.rank(x); i++) {
      if (i == axis) {
        Arrays.stream(dims).forEach(size -> sizes.add(new Dim.Size(size)));
      } else {
        sizes.add(new Dim.Axis(i));
      }
    }
    return dims.length == 1 ? x : g.reshape(x, sizes);
  }

  private static List<Known> topK(Call c) {
    Compose g = c.g();
    Value x = c.value(0);
    int axis = c.axis("axis", -1, g.rank(x));
    int k = c.has(1) ? c.constant(1, "k").reshaped(1).ints()[0] : c.integer("k", 1);
    Value key = c.flag("largest", true) ? x : g.neg(x);
    Value indices = g.op(new Op.TopK(axis, k), key);
    return List.of(c.known(g.op(new Op.GatherElements(axis), x, indices), c.type(0)), c.known(indices, OnnxType.INT64));
  }

  private static Value extreme(Call c, boolean least) {
    Compose g = c.g();
    Value x = least ? g.neg(c.value(0)) : c.value(0);
    int axis = c.axis("axis", 0, g.rank(x));
    int size = g.shape(x).dim(axis);
    Value index;
    if (c.flag("select_last_index", false)) {
      List<Integer> reversed = g.indices(size, i -> size - 1 - i);
      index = g.add(g.neg(g.op(new Op.TopK(axis, 1), g.gather(x, axis, reversed))), size - 1);
    } else {
      index = g.op(new Op.TopK(axis, 1), x);
    }
    return c.flag("keepdims", true) ? index : g.squeeze(index, List.of(axis));
  }

  /** Sums of all elements before: a product with a triangular matrix. */
  private static Value cumulate(Call c) {
    Compose g = c.g();
    Value x = c.value(0);
    int rank = g.rank(x);
    int axis = Operation.axis(c.constant(1, "an axis").integer(0), rank);
    int size = g.shape(x).dim(axis);
    if (size > 1 << 11) {
      throw new Refusal("sums along an axis of " + size + " are not supported, only up to " + (1 << 11));
    }
    boolean reverse = c.flag("reverse", false);
    boolean exclusive = c.flag("exclusive", false);
    double[] matrix = new double[size * size];
    for (int from = 0; from < size; from++) {
      for (int to = 0; to < size; to++) {
        boolean before = reverse ? from >= to : from <= to;
        matrix[from * size + to] = before && !(exclusive && from == to) ? 1 : 0;
      }
    }
    Value sums = c.computed(Array.reals(OnnxType.FLOAT, new int[] {size, size}, matrix));
    return g.times(x, axis, sums);
  }

  private static Value triangle(Call c) {
    Compose g = c.g();
    Value x = c.value(0);
    Shape shape = g.shape(x);
    if (shape.rank() < 2) {
      throw new Refusal("expects matrices, got " + shape);
    }
    int columns = shape.dim(shape.rank() - 1);
    int rows = shape.dim(shape.rank() - 2);
    long diagonal = c.has(1) ? c.constant(1, "a diagonal").integer(0) : 0;
    boolean upper = c.flag("upper", true);
    double[] mask = Call.numbers((long) rows * columns);
    Arrays.setAll(mask, i -> {
      long ahead = i % columns - (long) (i / columns);
      return (upper ? ahead >= diagonal : ahead <= diagonal) ? 1 : 0;
    });
    return g.where(c.computed(Array.reals(OnnxType.FLOAT, new int[] {rows, columns}, mask)), x, g.number(0));
  }

  /** Only the operand's shape matters. */
  private static List<Known> eye(Call c) {
    Shape shape = c.shape(0);
    if (shape.rank() != 2) {
      throw new Refusal("expects a matrix, got " + shape);
    }
    OnnxType type = OnnxType.of(c.node().integer("dtype", c.type(0).number()));
    long diagonal = c.node().integer("k", 0);
    double[] ones = Call.numbers(shape.size());
    Arrays.setAll(ones, i -> i % shape.dim(1) == i / shape.dim(1) + diagonal ? 1 : 0);
    Array matrix = Array.reals(OnnxType.FLOAT, Reshapes.sizes(shape), ones);
    return List.of(new Known.Constant(Conversions.cast(matrix, type)));
  }

  private static Value oneHot(Call c) {
    Compose g = c.g();
    Value indices = c.value(0);
    int rank = g.rank(indices);
    int depth = c.constant(1, "a depth").reshaped(1).ints()[0];
    int axis = c.axis("axis", -1, rank + 1);
    Array values = c.constant(2, "values");
    if (values.size() != 2) {
      throw new Refusal("expects two values, got " + values);
    }
    Value wrapped = g.add(indices, g.mul(g.less(indices, g.number(0)), depth));
    Value hot = g.op(new Op.OneHot(depth), wrapped);
    List<Integer> perm = new ArrayList<>(IntStream.rangeClosed(0, rank).filter(i -> i != 1).boxed().toList());
    perm.add(axis, 1);
    return g.add(g.mul(g.transpose(hot, perm), values.real(1) - values.real(0)), values.real(0));
  }
}
