package dev.fovea.graph;

import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Which pixels of the input a value's element can depend on (Araujo, Norris, Sim 2019, Computing receptive fields of convolutional
 * neural networks): a rectangle, padding included, that moves with the element. Units of a row that was flattened see the whole map.
 */
public record ReceptiveField(Axis rows, Axis columns) {
  private static final ReceptiveField PIXEL = new ReceptiveField(Axis.PIXEL, Axis.PIXEL);
  private static final ReceptiveField NOTHING = new ReceptiveField(Axis.NOTHING, Axis.NOTHING);

  /**
   * The field along one axis of the image: element i sees {@code size} pixels from {@code start + i * jump} on.
   *
   * @param start of the first element; negative in the padding
   * @param count elements along the axis, which a layer that reads all of them reads; 1 if there is no axis
   */
  public record Axis(long start, long size, long jump, long count) {
    /** Larger than any image; products of it with a window's sizes still fit. */
    private static final long MAX_SIZE = 1L << 31;

    private static final Axis PIXEL = new Axis(0, 1, 1, 1);
    private static final Axis NOTHING = new Axis(0, 0, 1, 1);

    private Axis window(int extent, int stride, int before) {
      return new Axis(start - before * jump, Math.min(MAX_SIZE, size + (extent - 1) * jump), Math.min(MAX_SIZE, jump * stride),
          1);
    }

    /** Of a transposed window's output, whose elements see differently placed inputs: those that any sees, relative to it. */
    private Axis transposed(int extent, int stride, int before) {
      long finer = Math.max(1, jump / stride);
      return new Axis(start - (extent - 1L - before) * finer, Math.min(MAX_SIZE, size + (extent - 1) * finer), finer, 1);
    }

    private Axis moved(long elements) {
      return new Axis(start + elements * jump, size, jump, count);
    }

    private Axis all() {
      return new Axis(start, size + (count - 1) * jump, jump, 1);
    }

    private Axis of(int elements) {
      return new Axis(start, size, jump, elements);
    }

    private Axis and(Axis other) {
      long first = size == 0 ? other.start : other.size == 0 ? start : Math.min(start, other.start);
      long end = Math.max(size == 0 ? first : start + size, other.size == 0 ? first : other.start + other.size);
      return new Axis(first, end - first, Math.max(jump, other.jump), Math.max(count, other.count));
    }
  }

  /** The field of each value, by its number; of one that no input affects it is empty. */
  public static List<ReceptiveField> of(Graph graph) {
    List<ReceptiveField> fields = new ArrayList<>();
    for (Node node : graph.nodes()) {
      fields.add(of(graph, node, fields));
    }
    return fields;
  }

  private static ReceptiveField of(Graph graph, Node node, List<ReceptiveField> before) {
    if (node.op() instanceof Op.Input) {
      return PIXEL;
    }
    List<ReceptiveField> in = node.inputs().stream().map(v -> before.get(v.id())).toList();
    ReceptiveField first = in.isEmpty() ? NOTHING : in.getFirst();
    return switch (node.op()) {
      case Op.Conv(Window w, _) -> first.window(w);
      case Op.LocalConv(Window w) -> first.window(w);
      case Op.MaxPool(Window w) -> first.window(w);
      case Op.AveragePool(Window w, _) -> first.window(w);
      case Op.ConvTranspose t -> new ReceptiveField(
          first.rows.transposed(t.window().extentH(), t.window().strideH(), t.window().top()),
          first.columns.transposed(t.window().extentW(), t.window().strideW(), t.window().left()));
      case Op.AdaptiveAveragePool _, Op.AdaptiveMaxPool _ -> first.over(graph, node).all();
      case Op.Pad(int axis, int top, _) -> first.moved(axis, -top);
      case Op.Slice slice -> first.moved(slice.axis(), slice.first(graph.at(node.inputs().getFirst()).shape().dim(slice.axis())));
      case Op.Crop(int top, int left) -> first.moved(2, top).moved(3, left);
      case Op.Flatten _ -> first.over(graph, node);
      case Op.Gemm _ -> first.all();
      default -> in.stream().reduce(NOTHING, ReceptiveField::and);
    };
  }

  private ReceptiveField window(Window w) {
    return new ReceptiveField(rows.window(w.extentH(), w.strideH(), w.top()), columns.window(w.extentW(), w.strideW(), w.left()));
  }

  /** Of elements that are this far from the first, along an axis of N x C x H x W. */
  private ReceptiveField moved(int axis, int elements) {
    return switch (axis) {
      case 2 -> new ReceptiveField(rows.moved(elements), columns);
      case 3 -> new ReceptiveField(rows, columns.moved(elements));
      default -> this;
    };
  }

  /** With the size of the node's map, whose elements are read together from now on. */
  private ReceptiveField over(Graph graph, Node node) {
    Shape map = graph.at(node.inputs().getFirst()).shape();
    return map.rank() == 4 ? new ReceptiveField(rows.of(map.dim(2)), columns.of(map.dim(3))) : this;
  }

  private ReceptiveField all() {
    return new ReceptiveField(rows.all(), columns.all());
  }

  private ReceptiveField and(ReceptiveField other) {
    return new ReceptiveField(rows.and(other.rows), columns.and(other.columns));
  }
}
