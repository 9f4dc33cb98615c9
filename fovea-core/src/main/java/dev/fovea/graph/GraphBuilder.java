package dev.fovea.graph;

import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Builds a {@link Graph} node by node and infers each shape at once, so that an error names the layer that causes it. */
public final class GraphBuilder {
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Value> outputs = new LinkedHashMap<>();
  private final Map<String, Float> heads = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();
  private String path = "";

  /** Runs {@code body} in the scope of the layer of that name: parameters and errors get its path. */
  public <T> T scope(String name, Supplier<T> body) {
    String outer = path;
    path = qualified(name);
    try {
      return body.get();
    } finally {
      path = outer;
    }
  }

  /** A name inside the current layer: {@code weight} becomes {@code features.0.weight}. */
  public String qualified(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  public Value input(String name, Shape shape) {
    return op(new Op.Input(name, shape));
  }

  /** A trainable parameter of the current layer. */
  public Value param(String name, Shape shape, Init init) {
    return op(new Op.Param(qualified(name), shape, init, true));
  }

  /** A parameter of the current layer that training does not change. */
  public Value frozen(String name, Shape shape, Init init) {
    return op(new Op.Param(qualified(name), shape, init, false));
  }

  public Value op(Op op, Value... inputs) {
    return op(op, List.of(inputs));
  }

  public Value op(Op op, List<Value> inputs) {
    switch (op) {
      case Op.Param(String name, _, _, _) -> unique(name);
      case Op.Input(String name, _, _) -> unique(name);
      default -> {
      }
    }
    List<Shape> shapes = new ArrayList<>(inputs.size());
    for (Value input : inputs) {
      shapes.add(shape(input));
    }
    try {
      nodes.add(new Node(op, inputs, Shapes.infer(op, shapes), path));
    } catch (FoveaException e) {
      throw path.isEmpty() ? e : new FoveaException(path + ": " + e.getMessage(), e);
    }
    return new Value(nodes.size() - 1);
  }

  /** A scalar constant, which broadcasts onto anything. */
  public Value number(double value) {
    return op(new Op.Fill(Shape.of(), (float) value));
  }

  /** The sum; its operands broadcast onto each other. */
  public Value add(Value a, Value b) {
    return op(new Op.Add(), a, b);
  }

  /** The elementwise product; its operands broadcast onto each other. */
  public Value mul(Value a, Value b) {
    return op(new Op.Mul(), a, b);
  }

  private void unique(String name) {
    if (!names.add(name)) {
      throw new FoveaException(
          "two parameters or inputs are called " + Quote.plain(name) + ": give their layers different names");
    }
  }

  /** Copies a node, with its layer path, with these inputs. */
  Value copy(Node node, List<Value> inputs) {
    return at(node.path(), () -> op(node.op(), inputs));
  }

  /** Runs {@code body} in the scope of the layer of that full path. */
  <T> T at(String fullPath, Supplier<T> body) {
    String outer = path;
    path = fullPath;
    try {
      return body.get();
    } finally {
      path = outer;
    }
  }

  public Shape shape(Value value) {
    return nodes.get(value.id()).shape();
  }

  Node node(Value value) {
    return nodes.get(value.id());
  }

  int size() {
    return nodes.size();
  }

  /**
   * Declares an output of the graph.
   *
   * @throws FoveaException if another output has that name
   */
  public void output(String name, Value value) {
    if (outputs.putIfAbsent(name, value) != null) {
      throw new FoveaException("two outputs are called " + Quote.plain(name) + ": give the heads different names");
    }
  }

  /**
   * Declares an output that only training uses.
   *
   * @param weight of its loss relative to the network's own
   */
  public void head(String name, Value value, float weight) {
    output(name, value);
    heads.put(name, weight);
  }

  /**
   * Declares the outputs of another graph, heads included, as outputs of this one; {@code values} maps its values to this graph's.
   */
  void outputsOf(Graph graph, UnaryOperator<Value> values) {
    graph.outputs().forEach((name, value) -> output(name, values.apply(value)));
    heads.putAll(graph.heads());
  }

  public Graph build() {
    return new Graph(nodes, outputs, heads);
  }
}
