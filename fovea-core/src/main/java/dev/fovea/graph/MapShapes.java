package dev.fovea.graph;

import static dev.fovea.graph.Shapes.axis;
import static dev.fovea.graph.Shapes.maps;
import static dev.fovea.graph.Shapes.require;

import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** The output shapes of operators that pool and resize feature maps, and of those that work along any axes of a tensor. */
final class MapShapes {
  private static final int MAX_SIZE = 1 << 15;

  private MapShapes() {}

  static Shape localConv(Op op, Window w, List<Shape> in) {
    require(op, in.size() == 2, "2 operands", in.size());
    Shape x = maps(op, in.get(0));
    Shape weight = in.get(1);
    int h = w.outH(x.dim(2));
    int wide = w.outW(x.dim(3));
    require(
        op,
        weight.rank() == 6 && weight.equals(Shape.of(h, wide, weight.dim(2), x.dim(1), w.kernelH(), w.kernelW())),
        "a weight of " + h + "x" + wide + "xKx" + x.dim(1) + "x" + w.kernelH() + "x" + w.kernelW(),
        weight);
    return Shape.of(x.dim(0), weight.dim(2), h, wide);
  }

  static Shape adaptive(Op op, int h, int w, Shape x) {
    require(op, h >= 1 && w >= 1 && h <= MAX_SIZE && w <= MAX_SIZE, "an output of 1x1 to " + MAX_SIZE + "x" + MAX_SIZE,
        h + "x" + w);
    return maps(op, x).with(2, h).with(3, w);
  }

  static Shape padToMultiple(Op op, int multiple, Shape x) {
    maps(op, x);
    require(op, multiple >= 1 && multiple <= MAX_SIZE, "a multiple from 1 to " + MAX_SIZE, multiple);
    return x.with(2, Math.ceilDiv(x.dim(2), multiple) * multiple).with(3, Math.ceilDiv(x.dim(3), multiple) * multiple);
  }

  static Shape crop(Op op, int top, int left, Shape x, Shape reference) {
    maps(op, x);
    maps(op, reference);
    int h = reference.dim(2);
    int w = reference.dim(3);
    require(op, top >= 0 && left >= 0 && (long) top + h <= x.dim(2) && (long) left + w <= x.dim(3),
        "a map that holds a window of " + h + "x" + w + " at " + top + "," + left, x);
    return x.with(2, h).with(3, w);
  }

  static Shape resize(Op op, int scale, Shape x, List<Shape> in) {
    maps(op, x);
    if (in.size() == 2) {
      Shape reference = maps(op, in.get(1));
      return x.with(2, reference.dim(2)).with(3, reference.dim(3));
    }
    require(op, scale >= 1 && (long) scale * Math.max(x.dim(2), x.dim(3)) <= MAX_SIZE,
        "a scale of 1 or more and sides up to " + MAX_SIZE,
        scale);
    return x.with(2, x.dim(2) * scale).with(3, x.dim(3) * scale);
  }

  static Shape concat(Op.Concat op, List<Shape> in) {
    require(op, !in.isEmpty(), "one operand or more", in);
    Shape first = axis(op, op.axis(), in.getFirst());
    long size = 0;
    for (Shape x : in) {
      require(op, x.rank() == first.rank() && x.with(op.axis(), 1).equals(first.with(op.axis(), 1)),
          "maps of one size, as " + first,
          x);
      size += x.dim(op.axis());
    }
    require(op, size <= Integer.MAX_VALUE, "a smaller axis", size);
    return first.with(op.axis(), (int) size);
  }

  static Shape slice(Op.Slice op, Shape x) {
    axis(op, op.axis(), x);
    int size = x.dim(op.axis());
    int first = op.first(size);
    int end = op.end(size);
    require(op, first >= 0 && first < end && end <= size, "a range inside 0 to " + size, op.from() + " to " + op.to());
    return x.with(op.axis(), end - first);
  }

  static Shape pad(Op.Pad op, Shape x) {
    axis(op, op.axis(), x);
    require(
        op,
        op.before() >= 0 && op.after() >= 0 && op.before() <= MAX_SIZE && op.after() <= MAX_SIZE,
        "paddings from 0 to " + MAX_SIZE,
        op.before() + " and " + op.after());
    long size = (long) x.dim(op.axis()) + op.before() + op.after();
    require(op, size <= Integer.MAX_VALUE, "a smaller axis", size);
    return x.with(op.axis(), (int) size);
  }

  static Shape gathered(Op.Gather op, Shape x) {
    axis(op, op.axis(), x);
    require(op, !op.indices().isEmpty(), "one index or more", "none");
    int size = x.dim(op.axis());
    for (int index : op.indices()) {
      require(op, index >= 0 && index < size, "indices from 0 to " + (size - 1), index);
    }
    return x.with(op.axis(), op.indices().size());
  }

  static Shape transposed(Op op, List<Integer> perm, Shape x) {
    List<Integer> axes = IntStream.range(0, x.rank()).boxed().toList();
    require(op, perm.stream().sorted().toList().equals(axes), "each axis of " + x + " once", perm);
    return new Shape(perm.stream().map(x::dim).toList());
  }

  /** The sizes that do not depend on each other, then the one that is left over. */
  static Shape reshaped(Op.Reshape op, Shape x) {
    List<Integer> sizes = new ArrayList<>();
    int rest = -1;
    long known = 1;
    for (Op.Dim dim : op.dims()) {
      int size = switch (dim) {
        case Op.Dim.Size(int given) -> given;
        case Op.Dim.Axis(int axis) -> axis(op, axis, x).dim(axis);
        case Op.Dim.Rest _ -> {
          require(op, rest < 0, "at most one axis of the size that is left over", op.dims());
          rest = sizes.size();
          yield 1;
        }
      };
      require(op, size >= 1, "sizes of 1 or more", size);
      sizes.add(size);
      // stays above x's size once it is, so it cannot overflow
      known = Math.min(1L << 31, known * size);
    }
    if (rest >= 0) {
      require(op, x.size() % known == 0, "a number of elements that " + known + " divides", x);
      sizes.set(rest, (int) (x.size() / known));
    } else {
      require(op, x.size() == known, text(sizes) + " or the same number of elements", x);
    }
    return new Shape(sizes);
  }

  private static String text(List<Integer> sizes) {
    return sizes.isEmpty() ? "a scalar" : String.join("x", sizes.stream().map(String::valueOf).toList());
  }

  /** The shape that both operands broadcast onto, aligned at the last axis. */
  static Shape broadcast(Op op, Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    List<Integer> dims = new ArrayList<>();
    for (int fromEnd = rank; fromEnd >= 1; fromEnd--) {
      int m = fromEnd > a.rank() ? 1 : a.dim(a.rank() - fromEnd);
      int n = fromEnd > b.rank() ? 1 : b.dim(b.rank() - fromEnd);
      require(op, m == n || m == 1 || n == 1, "operands that broadcast onto each other", a + " and " + b);
      dims.add(m == 1 ? n : m);
    }
    return new Shape(dims);
  }

  static Shape matMul(Op op, Shape a, Shape b) {
    require(op, a.rank() >= 2 && b.rank() >= 2, "two matrices or more", a + " and " + b);
    int inner = b.dim(b.rank() - 2);
    require(op, a.dim(a.rank() - 1) == inner, "a first operand of " + inner + " columns", a + " and " + b);
    List<Integer> dims = new ArrayList<>(broadcast(op, leading(a), leading(b)).dims());
    Collections.addAll(dims, a.dim(a.rank() - 2), b.dim(b.rank() - 1));
    return new Shape(dims);
  }

  private static Shape leading(Shape x) {
    return new Shape(x.dims().subList(0, x.rank() - 2));
  }
}
