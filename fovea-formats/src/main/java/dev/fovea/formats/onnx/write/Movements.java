package dev.fovea.formats.onnx.write;

import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Operators that move, pad, crop and resize. */
final class Movements {
  /** A constant with more elements is one number that is expanded. */
  private static final int SMALL = 64;

  private final NodeList to;
  private final List<String> in;
  private final List<Shape> shapes;

  Movements(NodeList to, List<String> in, List<Shape> shapes) {
    this.to = to;
    this.in = in;
    this.shapes = shapes;
  }

  private String x() {
    return in.getFirst();
  }

  String fill(Shape shape, float value) {
    if (shape.size() <= SMALL) {
      return to.filled(shape, value);
    }
    return to.add("Expand", to.number(value), to.integers(shape.dims().stream().mapToLong(Integer::longValue).toArray()));
  }

  /** ONNX has a number for an axis that keeps its place and one for what is left over; other axes are asked for. */
  String reshape(List<Op.Dim> dims) {
    long[] sizes = new long[dims.size()];
    for (int i = 0; i < sizes.length; i++) {
      switch (dims.get(i)) {
        case Op.Dim.Size(int size) -> sizes[i] = size;
        case Op.Dim.Axis(int axis) -> {
          if (axis != i) {
            return to.add("Reshape", x(), askedFor(dims));
          }
        }
        case Op.Dim.Rest _ -> sizes[i] = -1;
      }
    }
    return to.add("Reshape", x(), to.integers(sizes));
  }

  private String askedFor(List<Op.Dim> dims) {
    List<String> sizes = new ArrayList<>();
    for (Op.Dim dim : dims) {
      sizes.add(switch (dim) {
        case Op.Dim.Size(int size) -> to.integers(size);
        case Op.Dim.Axis(int axis) -> to.sizes(x(), axis, axis + 1);
        case Op.Dim.Rest _ -> to.integers(-1);
      });
    }
    return to.call("Concat", sizes).integer("axis", 0).value();
  }

  String slice(int axis, int from, int end) {
    long last = end == Integer.MAX_VALUE ? Long.MAX_VALUE : end;
    return to.add("Slice", x(), to.integers(from), to.integers(last), to.integers(axis));
  }

  String pad(int axis, int before, int after) {
    int rank = shapes.getFirst().rank();
    long[] pads = new long[2 * rank];
    pads[axis] = before;
    pads[rank + axis] = after;
    return to.add("Pad", x(), to.integers(pads));
  }

  String padToMultiple(int multiple) {
    String size = to.sizes(x(), 2, 4);
    String by = to.integer(multiple);
    String missing = to.add("Mod", to.add("Sub", by, to.add("Mod", size, by)), by);
    return to.add("Pad", x(), to.concat(to.integers(0, 0, 0, 0, 0, 0), missing));
  }

  String crop(int top, int left) {
    String from = to.integers(top, left);
    return to.add("Slice", x(), from, to.add("Add", to.sizes(in.get(1), 2, 4), from), to.integers(2, 3));
  }

  String resize(Op.Interpolation interpolation, int scale) {
    boolean like = in.size() == 2;
    if (interpolation == Op.Interpolation.NEAREST && like) {
      return nearest(nearest(x(), 2), 3);
    }
    NodeList.Call call = like
        ? to.call("Resize", x(), "", "", to.concat(to.sizes(x(), 0, 2), to.sizes(in.get(1), 2, 4)))
        : to.call("Resize", x(), "", to.numbers(Shape.of(4), List.of(1f, 1f, (float) scale, (float) scale)));
    return (switch (interpolation) {
      case NEAREST ->
          call.text("mode", "nearest").text("coordinate_transformation_mode", "asymmetric").text("nearest_mode", "floor");
      case BILINEAR -> call.text("mode", "linear").text("coordinate_transformation_mode", "half_pixel");
      case BILINEAR_CORNERS -> call.text("mode", "linear").text("coordinate_transformation_mode", "align_corners");
    }).value();
  }

  /** The pixels at {@code floor(i size / new size)} in integers: a scale would be rounded, and so would some of the pixels. */
  private String nearest(String image, int axis) {
    String size = to.size(in.get(1), axis);
    String positions = to.add("Range", to.integer(0), size, to.integer(1));
    String pixels = to.add("Div", to.add("Mul", positions, to.size(x(), axis)), size);
    return to.call("Gather", image, pixels).integer("axis", axis).value();
  }
}
