package dev.fovea.formats.onnx.operator;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.constant.Operation;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Reading and writing at positions that another operand holds. */
final class Indexing {
  /** Positions that a graph may hold as numbers. */
  private static final int MAX_POSITIONS = 1 << 20;

  private Indexing() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("GatherElements", Rule.of(Indexing::gatherElements));
    rules.put("GatherND", Rule.of(Indexing::gatherNd));
    rules.put("ScatterND", Rule.of(Indexing::scatterNd));
    rules.put("ScatterElements", Rule.of(Indexing::scatterElements));
    rules.put("Scatter", Rule.of(Indexing::scatterElements));
  }

  /** Indices that the network computes or is given, negative ones from the end. */
  private static Value wrapped(Call c, int index, int size) {
    Value indices = c.value(index);
    boolean positive = c.constant(index).map(array -> Arrays.stream(array.integers()).allMatch(i -> i >= 0)).orElse(false);
    return positive ? indices : wrapped(c.g(), indices, size);
  }

  private static Value wrapped(Compose g, Value indices, int size) {
    return g.add(indices, g.mul(g.less(indices, g.number(0)), size));
  }

  /** Slices at indices that the network computes: each is read element by element at the same index. */
  static Value slices(Call c, int axis) {
    return slices(c.g(), c.value(0), axis, wrapped(c, 1, c.shape(0).dim(axis)));
  }

  private static Value slices(Compose g, Value x, int axis, Value indices) {
    Shape shape = g.shape(x);
    int size = shape.dim(axis);
    Shape at = g.shape(indices);
    List<Integer> front = new ArrayList<>(IntStream.range(0, shape.rank()).filter(i -> i != axis).boxed().toList());
    front.addFirst(axis);
    int length = shape.size() / size;
    Value table = g.reshape(g.transpose(x, front), new Dim.Size(size), new Dim.Rest());
    Value column = g.reshape(indices, new Dim.Rest(), new Dim.Size(1));
    Value all = length == 1 ? column : g.add(column, g.op(new Op.Fill(Shape.of(1, length), 0)));
    Value picked = g.op(new Op.GatherElements(0), table, all);
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < at.rank(); i++) {
      dims.add(i == 0 ? new Dim.Rest() : new Dim.Size(at.dim(i)));
    }
    front.stream().skip(1).forEach(i -> dims.add(new Dim.Size(shape.dim(i))));
    List<Integer> perm = new ArrayList<>();
    for (int i = 0; i < axis; i++) {
      perm.add(at.rank() + i);
    }
    IntStream.range(0, at.rank()).forEach(perm::add);
    IntStream.range(at.rank() + axis, dims.size()).forEach(perm::add);
    return g.transpose(g.reshape(picked, dims), perm);
  }

  private static Value gatherElements(Call c) {
    int axis = c.axis("axis", 0, c.shape(0).rank());
    Value x = c.value(0);
    Value indices = wrapped(c, 1, c.shape(0).dim(axis));
    for (int other = 0; other < c.g().rank(x); other++) {
      if (other != axis && c.shape(1).rank() == c.g().rank(x)) {
        x = c.g().slice(x, other, 0, c.shape(1).dim(other) == c.shape(0).dim(other) ? Integer.MAX_VALUE : c.shape(1).dim(other));
      }
    }
    return c.g().op(new Op.GatherElements(axis), x, indices);
  }

  /** Positions in the axes {@code from} to {@code from + k - 1} of x, as one axis, of the last axis of the indices. */
  private static List<Integer> positions(Shape x, int from, int k, Array indices, int first, int count) {
    if (count > MAX_POSITIONS) {
      throw new Refusal("more than 2^20 positions are not supported");
    }
    List<Integer> positions = new ArrayList<>(count);
    for (int i = first; i < first + count; i++) {
      int position = 0;
      for (int axis = 0; axis < k; axis++) {
        int size = x.dim(from + axis);
        position = position * size + Operation.axis(indices.integer(i * k + axis), size);
      }
      positions.add(position);
    }
    return positions;
  }

  private static int depth(Array indices, Shape x, int batch) {
    int k = indices.rank() == 0 ? 0 : indices.dim(indices.rank() - 1);
    if (k < 1 || batch + k > x.rank() || indices.rank() <= batch) {
      throw new Refusal("expects indices of 1 to " + (x.rank() - batch) + " axes, got " + indices);
    }
    return k;
  }

  /** The axes {@code from} to {@code from + k - 1} as one. */
  private static Value merged(Compose g, Value x, int from, int k) {
    List<Dim> dims = new ArrayList<>();
    IntStream.range(0, from).forEach(axis -> dims.add(new Dim.Axis(axis)));
    dims.add(k == 1 ? new Dim.Axis(from) : new Dim.Rest());
    IntStream.range(from + k, g.rank(x)).forEach(axis -> dims.add(new Dim.Axis(axis)));
    return g.reshape(x, dims);
  }

  private static Value gatherNd(Call c) {
    Compose g = c.g();
    Value x = c.value(0);
    int batch = c.integer("batch_dims", 0);
    if (c.constant(1).isEmpty() && (batch == 0 || batch == 1)) {
      return computed(c, x, batch);
    }
    Array indices = c.constant(1, "indices");
    int k = depth(indices, g.shape(x), batch);
    int rows = IntStream.range(0, batch).map(indices::dim).reduce(1, (a, b) -> a * b);
    int count = indices.size() / k / Math.max(1, rows);
    List<Integer> positions = positions(g.shape(x), batch, k, indices, 0, count);
    for (int row = 1; row < rows; row++) {
      if (!positions(g.shape(x), batch, k, indices, row * count, count).equals(positions)) {
        throw new Refusal("indices that differ along batch_dims are not supported");
      }
    }
    Value picked = g.gather(merged(g, x, batch, k), batch, positions);
    List<Dim> dims = new ArrayList<>();
    IntStream.range(0, batch).forEach(axis -> dims.add(new Dim.Axis(axis)));
    IntStream.range(batch, indices.rank() - 1).forEach(axis -> dims.add(new Dim.Size(indices.dim(axis))));
    IntStream.range(batch + 1, g.rank(picked)).forEach(axis -> dims.add(new Dim.Axis(axis)));
    return g.reshape(picked, dims);
  }

  /** Slices at positions that the network computes, perhaps for each image: those in several axes become one in all of them. */
  private static Value computed(Call c, Value x, int batch) {
    Compose g = c.g();
    Value indices = c.value(1);
    int last = g.rank(indices) - 1;
    int k = last < batch ? 0 : g.shape(indices).dim(last);
    if (k < 1 || batch + k > g.rank(x)) {
      throw new Refusal("expects indices of 1 to " + (g.rank(x) - batch) + " axes, got " + g.shape(indices));
    }
    Value position = g.number(0);
    for (int axis = 0; axis < k; axis++) {
      int size = g.shape(x).dim(batch + axis);
      Value index = wrapped(g, g.squeeze(g.slice(indices, last, axis, axis + 1), List.of(last)), size);
      position = axis == 0 ? index : g.add(g.mul(position, size), index);
    }
    Value merged = merged(g, x, batch, k);
    return batch == 0 ? slices(g, merged, 0, position) : slicesOfImages(g, merged, position);
  }

  /** Of each image {@code [size, ...]} the slices at its own positions, of any number of axes. */
  private static Value slicesOfImages(Compose g, Value x, Value positions) {
    Shape shape = g.shape(x);
    Shape at = g.shape(positions);
    int length = shape.rank() == 2 ? 1 : shape.sizeFrom(2);
    Value table = g.reshape(x, new Dim.Axis(0), new Dim.Axis(1), new Dim.Size(length));
    Value column = g.reshape(positions, new Dim.Axis(0), new Dim.Rest(), new Dim.Size(1));
    Value all = length == 1 ? column : g.add(column, g.op(new Op.Fill(Shape.of(1, 1, length), 0)));
    Value picked = g.op(new Op.GatherElements(1), table, all);
    List<Dim> dims = new ArrayList<>(List.of(new Dim.Axis(0)));
    at.dims().stream().skip(1).forEach(size -> dims.add(new Dim.Size(size)));
    shape.dims().stream().skip(2).forEach(size -> dims.add(new Dim.Size(size)));
    return g.reshape(picked, dims);
  }

  /** The result's slices are those of x, or of the updates where the last index names them. */
  private static Value written(Compose g, Value x, Value updates, List<Integer> positions) {
    int size = g.shape(x).dim(0);
    List<Integer> sources = new ArrayList<>(g.indices(size, i -> i));
    for (int i = 0; i < positions.size(); i++) {
      sources.set(positions.get(i), size + i);
    }
    return g.gather(g.concat(0, List.of(x, updates)), 0, sources);
  }

  private static void requirePlain(Call c) {
    if (!c.node().text("reduction", "none").equals("none")) {
      throw new Refusal("reduction " + Quote.quote(c.node().text("reduction", "none")) + " is not supported");
    }
  }

  private static List<Dim> sizes(Shape shape) {
    return shape.dims().stream().<Dim>map(Dim.Size::new).toList();
  }

  private static Value scatterNd(Call c) {
    requirePlain(c);
    Compose g = c.g();
    Value x = c.value(0);
    Shape shape = g.shape(x);
    Array indices = c.constant(1, "indices");
    int k = depth(indices, shape, 0);
    if (g.shape(c.value(2)).size() != indices.size() / k * shape.sizeFrom(k)) {
      throw new Refusal("expects updates for " + indices + " indices of " + shape + ", got " + g.shape(c.value(2)));
    }
    Optional<int[]> corner = corner(indices, k).filter(_ -> g.rank(c.value(2)) == shape.rank());
    if (corner.isPresent()) {
      return replaced(g, x, c.value(2), corner.get(), indices.dims(), 0);
    }
    int count = indices.size() / k;
    List<Integer> positions = positions(shape, 0, k, indices, 0, count);
    int length = k == shape.rank() ? 1 : shape.sizeFrom(k);
    Value rows = g.reshape(x, new Dim.Rest(), new Dim.Size(length));
    Value updates = g.reshape(c.value(2), new Dim.Rest(), new Dim.Size(length));
    if (shape.size() / length > MAX_POSITIONS) {
      throw new Refusal("more than 2^20 positions are not supported");
    }
    return g.reshape(written(g, rows, updates, positions), sizes(shape));
  }

  /** Where a block of positions starts that are written in order, as in {@code x[:, 1:] = updates}; empty if they form no block. */
  private static Optional<int[]> corner(Array indices, int k) {
    int[] dims = indices.dims();
    if (dims.length != k + 1 || indices.size() == 0) {
      return Optional.empty();
    }
    int[] corner = new int[k];
    Arrays.setAll(corner, axis -> (int) Math.max(-1, Math.min(Integer.MAX_VALUE, indices.integer(axis))));
    if (Arrays.stream(corner).anyMatch(first -> first < 0)) {
      return Optional.empty();
    }
    int[] at = new int[k];
    for (int i = 0; i < indices.size(); i += k) {
      for (int axis = 0; axis < k; axis++) {
        if (indices.integer(i + axis) != (long) corner[axis] + at[axis]) {
          return Optional.empty();
        }
      }
      for (int axis = k - 1; axis >= 0 && ++at[axis] == dims[axis]; axis--) {
        at[axis] = 0;
      }
    }
    return Optional.of(corner);
  }

  /** x with the updates in place of a block: along each axis what is before it, the block, and what is after it. */
  private static Value replaced(Compose g, Value x, Value updates, int[] corner, int[] dims, int axis) {
    if (axis == corner.length) {
      return updates;
    }
    int size = g.shape(x).dim(axis);
    int from = corner[axis];
    long to = (long) from + dims[axis];
    if (to > size) {
      throw new Refusal("writes to index " + (to - 1) + " of axis " + axis + ", whose size is " + size);
    }
    List<Value> parts = new ArrayList<>();
    if (from > 0) {
      parts.add(g.slice(x, axis, 0, from));
    }
    Value rows = g.slice(x, axis, from, to == size ? Integer.MAX_VALUE : (int) to);
    parts.add(replaced(g, rows, updates, corner, dims, axis + 1));
    if (to < size) {
      parts.add(g.slice(x, axis, (int) to, Integer.MAX_VALUE));
    }
    return g.concat(axis, parts);
  }

  private static Value scatterElements(Call c) {
    Optional<Value> unpooled = SpeltOut.unpool(c);
    if (unpooled.isPresent()) {
      return unpooled.get();
    }
    requirePlain(c);
    Compose g = c.g();
    Value x = c.value(0);
    Shape shape = g.shape(x);
    Array indices = c.constant(1, "indices");
    int axis = c.axis("axis", 0, shape.rank());
    if (indices.rank() != shape.rank() || shape.size() > MAX_POSITIONS || indices.size() > MAX_POSITIONS) {
      throw new Refusal("expects indices of " + shape.rank() + " axes and fewer than 2^20 elements, got " + indices);
    }
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < indices.size(); i++) {
      int rest = i;
      int position = 0;
      int stride = 1;
      for (int other = shape.rank() - 1; other >= 0; other--) {
        int index = rest % indices.dim(other);
        rest /= indices.dim(other);
        position += (other == axis ? Operation.axis(indices.integer(i), shape.dim(axis)) : index) * stride;
        stride *= shape.dim(other);
      }
      positions.add(position);
    }
    Value flat = g.reshape(x, new Dim.Rest());
    return g.reshape(written(g, flat, g.reshape(c.value(2), new Dim.Rest()), positions), sizes(shape));
  }
}
