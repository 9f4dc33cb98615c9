package dev.fovea.graph;

import dev.fovea.graph.Op.Interpolation;
import dev.fovea.graph.ReceptiveField.Range;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One of the two axes of the input images in all values of a graph, and what an element of a value reads along it. A reshape may split
 * it into two, as on the way from space to depth.
 */
final class ImageAxis {
  private static final int NONE = -1;

  /** All elements of a value in which the image's axis is no axis, since it was flattened. */
  private static final Range ALL = new Range(0, 0);

  /**
   * Where it is in a value: position {@code axis * size(minor) + minor}.
   *
   * @param axis {@link #NONE} if it is no axis of the value
   * @param minor {@link #NONE} unless it is split
   */
  private record Place(int axis, int minor) {
    static final Place NOWHERE = new Place(NONE, NONE);

    Place {
      minor = axis == NONE ? NONE : minor;
    }

    boolean isNowhere() {
      return axis == NONE;
    }

    boolean is(int other) {
      return other == axis || other == minor;
    }

    Place moved(int by) {
      return new Place(axis + by, minor == NONE ? NONE : minor + by);
    }
  }

  private final Graph graph;

  /** Whether these are the rows; else the columns. */
  private final boolean rows;

  /** In images. */
  private final Place images;

  /** By value. */
  private final Place[] places;

  private ImageAxis(Graph graph, boolean rows) {
    this.graph = graph;
    this.rows = rows;
    this.images = new Place(rows ? 2 : 3, NONE);
    this.places = new Place[graph.nodes().size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = place(graph.nodes().get(i));
    }
  }

  static ImageAxis rows(Graph graph) {
    return new ImageAxis(graph, true);
  }

  static ImageAxis columns(Graph graph) {
    return new ImageAxis(graph, false);
  }

  // ---- Where the axis is

  private Place place(Node node) {
    return switch (node.op()) {
      case Op.Input input -> input.shape().rank() == 4 ? images : Place.NOWHERE;
      case Op op when readsImages(op) -> images; // however these came about
      case Op.Transpose(List<Integer> perm) -> {
        Place x = placeOf(node, 0);
        yield x.isNowhere() ? x : new Place(perm.indexOf(x.axis), x.minor == NONE ? NONE : perm.indexOf(x.minor));
      }
      case Op.Reshape _, Op.Flatten _ -> reshaped(graph.at(node.inputs().getFirst()).shape(), placeOf(node, 0), node.shape());
      case Op.OneHot _ -> placeOf(node, 0).isNowhere() ? Place.NOWHERE : placeOf(node, 0).moved(1);
      case Op.Gemm _, Op.Mean _ -> Place.NOWHERE;
      case Op.MatMul _ when contracts(node, 0, 1) || contracts(node, 1, 2) -> Place.NOWHERE;
      default -> aligned(node);
    };
  }

  private static boolean readsImages(Op op) {
    return switch (op) {
      case Op.Conv _, Op.ConvTranspose _, Op.LocalConv _, Op.MaxPool _, Op.AveragePool _ -> true;
      case Op.AdaptiveAveragePool _, Op.AdaptiveMaxPool _, Op.Resize _ -> true;
      default -> false;
    };
  }

  private Place placeOf(Node node, int operand) {
    return places[node.inputs().get(operand).id()];
  }

  /** Whether a product of matrices sums along the axis of that operand, which is that one from its end. */
  private boolean contracts(Node node, int operand, int fromEnd) {
    return placeOf(node, operand).is(graph.at(node.inputs().get(operand)).shape().rank() - fromEnd);
  }

  /** The same as in the operands, whose last axes are aligned. */
  private Place aligned(Node node) {
    Place found = Place.NOWHERE;
    for (Value operand : node.inputs()) {
      Place own = places[operand.id()];
      if (!own.isNowhere()) {
        Place moved = own.moved(node.shape().rank() - graph.at(operand).shape().rank());
        if (moved.axis < 0 || !found.isNowhere() && !found.equals(moved)) {
          return Place.NOWHERE;
        }
        found = moved;
      }
    }
    return found;
  }

  private static Place reshaped(Shape from, Place x, Shape to) {
    if (x.isNowhere()) {
      return x;
    }
    int size = from.dim(x.axis);
    int after = from.sizeFrom(x.axis + 1);
    if (x.minor != NONE) {
      int merged = x.minor == x.axis + 1 ? axis(to, size * from.dim(x.minor), from.sizeFrom(x.minor + 1)) : NONE;
      // a part that is no axis any more is in the channels: an element of the other holds all of it
      return merged != NONE ? new Place(merged, NONE)
          : new Place(axis(to, size, after), axis(to, from.dim(x.minor), from.sizeFrom(x.minor + 1)));
    }
    int same = axis(to, size, after);
    if (same != NONE) {
      return new Place(same, NONE);
    }
    int split = IntStream.range(0, to.rank() - 1)
        .filter(i -> (long) to.dim(i) * to.dim(i + 1) == size && to.sizeFrom(i + 2) == after).findFirst().orElse(NONE);
    if (split != NONE) {
      return new Place(split, split + 1);
    }
    // parts that come out of the channels: each element becomes several
    int parts = x.axis + 1 < from.rank() ? from.dim(x.axis + 1) : 1;
    return new Place(axis(to, size * parts, after / parts), NONE);
  }

  /** The axis of that size, of which each element has that many after it. */
  private static int axis(Shape to, int size, int after) {
    return IntStream.range(0, to.rank()).filter(i -> to.dim(i) == size && to.sizeFrom(i + 1) == after).findFirst().orElse(NONE);
  }

  /** Whether it is that axis of a value, whole. */
  boolean isAxis(Value value, int axis) {
    return places[value.id()].equals(new Place(axis, NONE));
  }

  /** The number of positions along it; 1 if it is no axis of the value. */
  long size(Value value) {
    return size(graph.at(value).shape(), places[value.id()]);
  }

  private static long size(Shape shape, Place place) {
    return place.isNowhere() ? 1 : (long) shape.dim(place.axis) * (place.minor == NONE ? 1 : shape.dim(place.minor));
  }

  // ---- What is read along it

  /** The pixels that an element of a value depends on, over all inputs. */
  Range seen(Value value, long element) {
    @Nullable Range[] needed = new Range[value.id() + 1];
    needed[value.id()] = places[value.id()].isNowhere() ? ALL : new Range(element, element);
    @Nullable Range seen = null;
    for (int i = value.id(); i >= 0; i--) {
      Range elements = needed[i];
      if (elements == null) {
        continue;
      }
      Node node = graph.nodes().get(i);
      if (node.op() instanceof Op.Input && !places[i].isNowhere()) {
        seen = seen == null ? elements : seen.and(elements);
      }
      for (int k = 0; k < node.inputs().size(); k++) {
        int operand = node.inputs().get(k).id();
        Range read = read(node, places[i], k, elements);
        Range before = needed[operand];
        needed[operand] = before == null ? read : read == null ? before : before.and(read);
      }
    }
    return seen == null ? Range.NOTHING : seen;
  }

  /** The elements of an operand that elements of a node are computed of; null for none. */
  private @Nullable Range read(Node node, Place to, int operand, Range elements) {
    boolean size = operand > 0 && (node.op() instanceof Op.Resize || node.op() instanceof Op.Crop);
    return size ? null : readOf(node, to, operand, elements); // of a reference only the size matters
  }

  private @Nullable Range readOf(Node node, Place to, int operand, Range elements) {
    Shape x = graph.at(node.inputs().get(operand)).shape();
    Place from = placeOf(node, operand);
    if (from.isNowhere()) {
      return ALL;
    }
    long size = size(x, from);
    Range all = new Range(0, size - 1);
    boolean images = operand == 0 && from.equals(this.images);
    if (to.isNowhere() || readsImages(node.op()) && !images) {
      return all;
    }
    return switch (node.op()) {
      case Op.Conv(Window w, _) -> window(w, elements);
      case Op.LocalConv(Window w) -> window(w, elements);
      case Op.MaxPool(Window w) -> window(w, elements);
      case Op.AveragePool(Window w, _) -> window(w, elements);
      case Op.ConvTranspose transposed -> transposed(transposed.window(), elements);
      case Op.AdaptiveAveragePool _, Op.AdaptiveMaxPool _ -> areas(elements, size, size(node.shape(), to));
      case Op.Resize(Interpolation how, _) -> resized(how, elements, size, size(node.shape(), to));
      case Op.Crop(int top, int left) -> elements.moved(rows ? top : left);
      case Op.Pad(int axis, int before, _) -> along(from, axis, elements.moved(-before), elements, all);
      case Op.Slice slice -> along(from, slice.axis(), elements.moved(slice.first(x.dim(slice.axis()))), elements, all);
      case Op.Concat(int axis) -> from.axis == axis && from.minor == NONE ? part(elements.moved(-start(node, operand, axis)), all)
          : from.is(axis) ? all : elements;
      case Op.Reshape _, Op.Flatten _ -> parts(elements, size, size(node.shape(), to));
      case Op.PadToMultiple _, Op.Transpose _, Op.OneHot _, Op.Lrn _, Op.BatchNormalization _ -> elements;
      case Op.Sum(int axis) -> from.is(axis) ? all : elements;
      case Op.ReduceMax(int axis) -> from.is(axis) ? all : elements;
      case Op.Softmax(int axis) -> from.is(axis) ? all : elements;
      case Op.LogSoftmax(int axis) -> from.is(axis) ? all : elements;
      case Op.Gather(int axis, _) -> from.is(axis) ? all : elements;
      case Op.GatherElements(int axis) -> from.is(axis) ? all : elements;
      case Op.TopK(int axis, _) -> from.is(axis) ? all : elements;
      case Op.RowNormalization(int axis, _, _) -> from.axis >= axis || from.minor >= axis ? all : elements;
      case Op.Maxout _ -> from.is(1) ? all : elements;
      case Op.MatMul _ -> broadcast(elements, all, size(node.shape(), to));
      case Op op when Pointwise.is(op) -> broadcast(elements, all, size(node.shape(), to));
      default -> all;
    };
  }

  /** For an operator that moves elements along one axis. */
  private static Range along(Place from, int axis, Range moved, Range elements, Range all) {
    return from.is(axis) ? from.minor == NONE ? moved : all : elements;
  }

  private static Range broadcast(Range elements, Range all, long size) {
    return all.size() == 1 && size > 1 ? all : elements;
  }

  /** If each element has become several, or several one. */
  private static Range parts(Range elements, long from, long to) {
    if (to > from) {
      return new Range(Math.floorDiv(elements.first(), to / from), Math.floorDiv(elements.last(), to / from));
    }
    long each = from / to;
    return new Range(elements.first() * each, (elements.last() + 1) * each - 1);
  }

  private Range window(Window w, Range positions) {
    long stride = rows ? w.strideH() : w.strideW();
    long before = rows ? w.top() : w.left();
    return new Range(positions.first() * stride - before, positions.last() * stride - before + extent(w) - 1);
  }

  /** The inverse: positions whose windows reach these elements; null where there are none between two steps. */
  private @Nullable Range transposed(Window w, Range elements) {
    long stride = rows ? w.strideH() : w.strideW();
    long before = rows ? w.top() : w.left();
    long first = Math.ceilDiv(elements.first() + before - extent(w) + 1, stride);
    long last = Math.floorDiv(elements.last() + before, stride);
    return first > last ? null : new Range(first, last);
  }

  private long extent(Window w) {
    return rows ? w.extentH() : w.extentW();
  }

  private static Range areas(Range elements, long size, long areas) {
    return areas == 1 ? new Range(0, size - 1)
        : new Range(Math.floorDiv(elements.first() * size, areas), Math.ceilDiv((elements.last() + 1) * size, areas) - 1);
  }

  /** Beyond the map, too, as if it went on. */
  private static Range resized(Interpolation how, Range elements, long from, long to) {
    return switch (how) {
      case NEAREST -> new Range(Math.floorDiv(elements.first() * from, to), Math.floorDiv(elements.last() * from, to));
      // (i + 1/2) from / to - 1/2, in parts of 2 to, between the pixels below and above
      case BILINEAR -> new Range(Math.floorDiv((2 * elements.first() + 1) * from - to, 2 * to),
          Math.ceilDiv((2 * elements.last() + 1) * from - to, 2 * to));
      case BILINEAR_CORNERS -> to == 1 ? new Range(0, 0)
          : new Range(Math.floorDiv(elements.first() * (from - 1), to - 1), Math.ceilDiv(elements.last() * (from - 1), to - 1));
    };
  }

  private long start(Node node, int operand, int axis) {
    return node.inputs().subList(0, operand).stream().mapToLong(v -> graph.at(v).shape().dim(axis)).sum();
  }

  private static @Nullable Range part(Range elements, Range all) {
    long first = Math.max(elements.first(), all.first());
    long last = Math.min(elements.last(), all.last());
    return first > last ? null : new Range(first, last);
  }
}
