package dev.fovea.formats.onnx.write;

import dev.fovea.formats.onnx.proto.OnnxValue.Dim;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Which axes of the inputs may have any size. This is found out by trying: the graph is replayed at other sizes, and an axis is open if
 * they fit the network and the nodes are the same for all of them, so that no size is built in.
 */
final class OpenAxes {
  /** What is added to a batch; large ones would only exceed the size of a tensor. */
  private static final int[] BATCHES = {1, 2, 4};

  /** What is added to a height or a width. The first two must fit: multiples of most networks' strides. */
  private static final int[] SIZES = {64, 192, 1, 2, 3, 5, 8, 16, 32};

  private static final int MUST_FIT = 2;

  /** An axis of one or more inputs, which change together. */
  private record Axis(String name, Map<String, Integer> of, int[] more) {}

  private final Graph graph;
  private final NodeList nodes;
  private final Function<Graph, NodeList> writer;
  private final List<Axis> open = new ArrayList<>();

  private OpenAxes(Graph graph, NodeList nodes, Function<Graph, NodeList> writer) {
    this.graph = graph;
    this.nodes = nodes;
    this.writer = writer;
  }

  /** {@code nodes} are those that {@code writer} gives for the graph. */
  static OpenAxes of(Graph graph, NodeList nodes, Function<Graph, NodeList> writer) {
    OpenAxes axes = new OpenAxes(graph, nodes, writer);
    axes.addIfOpen(new Axis("batch", axes.axisOf(shape -> shape.rank() > 0 ? 0 : -1), BATCHES));
    if (nodes.anySize()) {
      axes.addSides("height", 2);
      axes.addSides("width", 3);
    }
    return axes;
  }

  /** Images of equal size change together. */
  private void addSides(String name, int at) {
    List<Integer> sizes =
        graph.inputs().stream().map(Op.Input::shape).filter(x -> x.rank() == 4).map(x -> x.dim(at)).distinct().toList();
    for (int size : sizes) {
      Map<String, Integer> of = axisOf(shape -> shape.rank() == 4 && shape.dim(at) == size ? at : -1);
      addIfOpen(new Axis(sizes.size() == 1 ? name : name + "_" + size, of, SIZES));
    }
  }

  private Map<String, Integer> axisOf(ToIntFunction<Shape> axis) {
    Map<String, Integer> of = new LinkedHashMap<>();
    for (Op.Input input : graph.inputs()) {
      int at = axis.applyAsInt(input.shape());
      if (at >= 0 && !input.fixed().contains(at)) {
        of.put(input.name(), at);
      }
    }
    return of;
  }

  /** The axes that are already open have another size too, so that all of them together are tried. */
  private void addIfOpen(Axis axis) {
    Map<Axis, Integer> more = new HashMap<>();
    open.forEach(other -> more.put(other, other.more[0]));
    for (int i = 0; i < axis.more.length; i++) {
      more.put(axis, axis.more[i]);
      Optional<Graph> resized = resized(more);
      boolean fits = resized.isPresent() ? writer.apply(resized.get()).isSame(nodes) : i >= MUST_FIT;
      if (axis.of.isEmpty() || !fits) {
        return;
      }
    }
    open.add(axis);
  }

  private Optional<Graph> resized(Map<Axis, Integer> more) {
    Map<String, Shape> shapes = new HashMap<>();
    graph.inputs().forEach(input -> shapes.put(input.name(), input.shape()));
    more.forEach(
        (axis, by) -> axis.of.forEach((input, at) -> shapes.computeIfPresent(input, (_, x) -> x.with(at, x.dim(at) + by))));
    try {
      return Optional.of(Rewrite.withInputs(graph, shapes));
    } catch (FoveaException e) {
      return Optional.empty();
    }
  }

  /** The sizes of an input: the name of an open axis, the number of another. */
  List<Dim> input(String name, Shape shape) {
    List<Dim> dims = sizes(shape);
    for (Axis axis : open) {
      if (axis.of.containsKey(name)) {
        dims.set(axis.of.get(name), new Dim.Symbol(axis.name));
      }
    }
    return dims;
  }

  /** The sizes of an output: one that follows an open axis has its name, one that depends on it in another way is unknown. */
  List<Dim> output(String name, Shape shape) {
    List<Dim> dims = sizes(shape);
    for (Axis axis : open) {
      int more = axis.more[0];
      int before = size(axis);
      Optional<Shape> resized = resized(Map.of(axis, more)).map(other -> other.outputShape(name));
      for (int i = 0; i < dims.size(); i++) {
        int now = resized.isPresent() ? resized.get().dim(i) : 0;
        if (now != shape.dim(i)) {
          boolean follows = shape.dim(i) == before && now == before + more && dims.get(i) instanceof Dim.Size;
          dims.set(i, follows ? new Dim.Symbol(axis.name) : new Dim.Unknown());
        }
      }
    }
    return dims;
  }

  /** The size of the axis in this graph. */
  private int size(Axis axis) {
    Op.Input input = graph.inputs().stream().filter(x -> axis.of.containsKey(x.name())).findFirst().orElseThrow();
    return input.shape().dim(axis.of.getOrDefault(input.name(), 0));
  }

  private static List<Dim> sizes(Shape shape) {
    return new ArrayList<>(shape.dims().stream().<Dim>map(Dim.Size::new).toList());
  }
}
