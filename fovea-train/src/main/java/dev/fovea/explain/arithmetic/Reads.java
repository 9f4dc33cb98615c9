package dev.fovea.explain.arithmetic;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Pointwise;
import dev.fovea.graph.Reference;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Which elements of its operands an element of a node is computed of: one case for each kind of operator.
 *
 * @param shapes of the operands
 */
record Reads(Node node, List<Shape> shapes) {
  /**
   * An element of an operand, and what it is multiplied with.
   *
   * @param weight an element of the second operand; empty if it is not multiplied with one
   * @param factor a number that follows from the operator alone, such as a mean's share; empty if there is none
   */
  record Read(int operand, int element, OptionalInt weight, Optional<Float> factor) {
    private static Read of(int operand, int element) {
      return new Read(operand, element, OptionalInt.empty(), Optional.empty());
    }

    private static Read times(int element, int weight) {
      return new Read(0, element, OptionalInt.of(weight), Optional.empty());
    }
  }

  static Reads of(Graph graph, Node node) {
    return new Reads(node, node.inputs().stream().map(value -> graph.at(value).shape()).toList());
  }

  /** What element {@code y} reads, in the order of its sum; nothing if it reads whole maps or rows. */
  List<Read> of(int y) {
    if (Pointwise.is(node.op())) {
      return IntStream.range(0, shapes.size()).mapToObj(k -> Read.of(k, same(k, y))).toList();
    }
    return switch (node.op()) {
      case Op.Conv _, Op.ConvTranspose _, Op.Gemm _, Op.MatMul _ -> Backends.find().products(node, shapes, y).stream()
          .map(product -> Read.times(product.input(), product.weight())).toList();
      case Op.LocalConv(Window w) -> local(w, y);
      case Op.MaxPool(Window w) -> inWindow(w, 0, y);
      case Op.MaxPick(Window w) -> inWindow(w, 1, y);
      case Op.MaxUnpool(Window w) -> underWindows(w, 1, y);
      case Op.AveragePoolGrad(Window w, _, _, _) -> underWindows(w, 0, y);
      case Op.AdaptiveMaxPool _ -> area(0, y, shape(0), node.shape(), true);
      case Op.AdaptiveAveragePoolGrad _ -> area(0, y, node.shape(), shape(0), false);
      case Op.AdaptiveMaxPoolGrad _ -> area(1, y, node.shape(), shape(1), false);
      case Op.Flatten _, Op.Reshape _, Op.Transpose _, Op.Concat _, Op.Slice _, Op.Pad _, Op.PadToMultiple _, Op.Crop _ -> moved(y);
      case Op.Gather _ -> moved(y);
      case Op.AveragePool _, Op.AdaptiveAveragePool _, Op.Resize _ -> derivative(y);
      case Op.Sum(int axis) -> along(axis, y);
      case Op.ReduceMax(int axis) -> along(axis, y);
      case Op.Softmax(int axis) -> along(axis, y);
      case Op.LogSoftmax(int axis) -> along(axis, y);
      case Op.Lrn lrn -> channels(lrn.size(), y);
      default -> List.of();
    };
  }

  private Shape shape(int operand) {
    return shapes.get(operand);
  }

  /** The element of an operand that broadcasts onto element {@code y}; parameters of a normalisation have one for each channel. */
  private int same(int operand, int y) {
    Shape to = shape(operand);
    if (to.rank() == 1 && (node.op() instanceof Op.BatchNormalization || node.op() instanceof Op.BatchNormalizationGrad)) {
      return y / node.shape().sizeFrom(2) % to.dim(0);
    }
    int rest = y;
    int at = 0;
    int stride = 1;
    for (int axis = to.rank() - 1, from = node.shape().rank() - 1; axis >= 0; axis--, from--) {
      int size = node.shape().dim(from);
      at += to.dim(axis) == 1 ? 0 : rest % size * stride;
      stride *= to.dim(axis);
      rest /= size;
    }
    return at;
  }

  private List<Read> local(Window w, int y) {
    Shape x = shape(0);
    int row = y / node.shape().dim(3) % node.shape().dim(2);
    int column = y % node.shape().dim(3);
    int area = w.kernelH() * w.kernelW();
    int filter = y / node.shape().sizeFrom(2) % node.shape().dim(1);
    int weight = ((row * node.shape().dim(3) + column) * node.shape().dim(1) + filter) * x.dim(1) * area;
    List<Read> reads = new ArrayList<>();
    for (int c = 0; c < x.dim(1); c++) {
      for (int e = 0; e < area; e++) {
        int h = w.rowOf(row) + e / w.kernelW() * w.dilationH();
        int v = w.columnOf(column) + e % w.kernelW() * w.dilationW();
        if (isIn(h, x.dim(2)) && isIn(v, x.dim(3))) {
          reads.add(Read.times((c * x.dim(2) + h) * x.dim(3) + v, weight + c * area + e));
        }
      }
    }
    return reads;
  }

  /** The elements of the window of position {@code y}. */
  private List<Read> inWindow(Window w, int operand, int y) {
    int top = w.rowOf(y / node.shape().dim(3) % node.shape().dim(2));
    int left = w.columnOf(y % node.shape().dim(3));
    return plane(operand, y, h -> isIn(h - top, w.kernelH(), w.dilationH()), v -> isIn(v - left, w.kernelW(), w.dilationW()));
  }

  /** The positions whose windows contain the place of {@code y}. */
  private List<Read> underWindows(Window w, int operand, int y) {
    int row = y / node.shape().dim(3) % node.shape().dim(2);
    int column = y % node.shape().dim(3);
    return plane(operand, y, h -> isIn(row - w.rowOf(h), w.kernelH(), w.dilationH()),
        v -> isIn(column - w.columnOf(v), w.kernelW(), w.dilationW()));
  }

  /** The same of windows that cover the image {@code x} for each of the positions {@code windows}. */
  private List<Read> area(int operand, int y, Shape x, Shape windows, boolean down) {
    int row = y / node.shape().dim(3) % node.shape().dim(2);
    int column = y % node.shape().dim(3);
    return plane(operand, y,
        h -> down ? covers(row, h, x.dim(2), windows.dim(2)) : covers(h, row, x.dim(2), windows.dim(2)),
        v -> down ? covers(column, v, x.dim(3), windows.dim(3)) : covers(v, column, x.dim(3), windows.dim(3)));
  }

  private static boolean covers(int window, int pixel, int pixels, int windows) {
    return (long) window * pixels / windows <= pixel && pixel < ((window + 1L) * pixels + windows - 1) / windows;
  }

  private static boolean isIn(int index, int size) {
    return index >= 0 && index < size;
  }

  private static boolean isIn(int distance, int kernel, int dilation) {
    return distance % dilation == 0 && isIn(distance / dilation, kernel) && distance >= 0;
  }

  /** The elements of the same map, in these rows and columns. */
  private List<Read> plane(int operand, int y, IntPredicate rows, IntPredicate columns) {
    Shape x = shape(operand);
    int plane = y / node.shape().sizeFrom(2) * x.sizeFrom(2);
    int[] inside = IntStream.range(0, x.dim(3)).filter(columns).toArray();
    return IntStream.range(0, x.dim(2)).filter(rows).boxed()
        .flatMap(row -> Arrays.stream(inside).mapToObj(column -> Read.of(operand, plane + row * x.dim(3) + column)))
        .toList();
  }

  /** The elements along an axis; a node that keeps the axis has as many. */
  private List<Read> along(int axis, int y) {
    int inner = shape(0).sizeFrom(axis + 1);
    int kept = node.shape().size() == shape(0).size() ? shape(0).dim(axis) : 1;
    int first = y / (inner * kept) * inner * shape(0).dim(axis) + y % inner;
    IntUnaryOperator at = k -> first + k * inner;
    return IntStream.range(0, shape(0).dim(axis)).map(at).mapToObj(element -> Read.of(0, element)).toList();
  }

  /** The channels that a local response normalisation reads, those beyond the first and last left out. */
  private List<Read> channels(int size, int y) {
    int plane = node.shape().sizeFrom(2);
    int c = y / plane % node.shape().dim(1);
    int first = Math.max(0, c - size / 2);
    int last = Math.min(node.shape().dim(1) - 1, c + (size - 1) / 2);
    return IntStream.rangeClosed(first, last).mapToObj(of -> Read.of(0, y + (of - c) * plane)).toList();
  }

  /** What an operator that is linear in its first operand has a derivative by. */
  private List<Read> derivative(int y) {
    GraphBuilder g = new GraphBuilder();
    List<Value> operands = IntStream.range(0, shapes.size()).mapToObj(k -> g.input(String.valueOf(k), shape(k))).toList();
    Value seed = g.input("seed", node.shape());
    Value x = operands.getFirst();
    g.output("", Objects.requireNonNull(
        Gradients.of(g, g.op(node.op(), operands), seed, List.of(x), Gradients.Rule.DERIVATIVE).get(x)));
    Graph graph = g.build();
    double[] one = new double[node.shape().size()];
    one[y] = 1;
    double[] derivative = Reference.run(graph,
        name -> name.equals("seed") ? one : new double[shape(Integer.parseInt(name)).size()], Rng.of(0))[graph.output("").id()];
    return IntStream.range(0, derivative.length).filter(i -> derivative[i] != 0)
        .mapToObj(i -> new Read(0, i, OptionalInt.empty(), Optional.of((float) derivative[i]))).toList();
  }

  /** An operator that only moves elements moves their numbers, too: the one that arrives at {@code y} says which it reads. */
  private List<Read> moved(int y) {
    GraphBuilder g = new GraphBuilder();
    List<Value> operands = IntStream.range(0, shapes.size()).mapToObj(k -> g.input(String.valueOf(k), shape(k))).toList();
    g.output("", g.op(node.op(), operands));
    int[] starts = new int[shapes.size() + 1];
    for (int k = 0; k < shapes.size(); k++) {
      starts[k + 1] = starts[k] + shape(k).size();
    }
    double[][] values = Reference.run(g.build(),
        name -> IntStream.range(0, shape(Integer.parseInt(name)).size())
            .mapToDouble(i -> 1 + starts[Integer.parseInt(name)] + i).toArray(),
        Rng.of(0));
    int number = (int) values[values.length - 1][y] - 1; // -1: padding
    for (int k = 0; k < shapes.size() && number >= 0; k++) {
      if (number < starts[k + 1]) {
        return List.of(Read.of(k, number - starts[k]));
      }
    }
    return List.of();
  }
}
