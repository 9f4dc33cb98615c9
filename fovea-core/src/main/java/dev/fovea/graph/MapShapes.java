package dev.fovea.graph;

import static dev.fovea.graph.Shapes.maps;
import static dev.fovea.graph.Shapes.require;

import dev.fovea.tensor.Shape;
import java.util.List;

/** The output shapes of operators that crop, pad, concatenate and resize feature maps. */
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

  static Shape concat(Op op, List<Shape> in) {
    require(op, !in.isEmpty() && in.getFirst().rank() >= 2, "one operand of N x C or more", in);
    Shape first = in.getFirst();
    long channels = 0;
    for (Shape x : in) {
      require(op, x.rank() == first.rank() && x.with(1, 1).equals(first.with(1, 1)), "maps of one size, as " + first, x);
      channels += x.dim(1);
    }
    require(op, channels <= Integer.MAX_VALUE, "fewer channels", channels);
    return first.with(1, (int) channels);
  }

  static Shape slice(Op.Slice op, Shape x) {
    require(op, op.axis() >= 1 && op.axis() < x.rank(), "an axis from 1 to " + (x.rank() - 1), op.axis());
    int size = x.dim(op.axis());
    require(op, op.from() >= 0 && op.from() < op.to() && op.to() <= size, "a range inside 0 to " + size,
        op.from() + " to " + op.to());
    return x.with(op.axis(), op.to() - op.from());
  }

  static Shape pad(Op.Pad op, Shape x) {
    require(op, op.axis() >= 1 && op.axis() < x.rank(), "an axis from 1 to " + (x.rank() - 1), op.axis());
    require(op, op.before() >= 0 && op.after() >= 0 && op.before() <= MAX_SIZE && op.after() <= MAX_SIZE,
        "paddings from 0 to " + MAX_SIZE, op.before() + " and " + op.after());
    long size = (long) x.dim(op.axis()) + op.before() + op.after();
    require(op, size <= Integer.MAX_VALUE, "a smaller axis", size);
    return x.with(op.axis(), (int) size);
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
}
