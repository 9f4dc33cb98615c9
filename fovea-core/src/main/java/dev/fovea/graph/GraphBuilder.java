package dev.fovea.graph;

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

/** Writes a {@link Graph}, node by node, and infers each shape at once, so that a mistake is found in the layer that makes it. */
public final class GraphBuilder {
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Value> outputs = new LinkedHashMap<>();
  private final Map<String, Float> heads = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();
  private String path = "";

  /** Runs {@code body} inside the layer of that name: parameters and errors get its path. */
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

  /** A parameter of the current layer that training leaves as it is. */
  public Value frozen(String name, Shape shape, Init init) {
    return op(new Op.Param(qualified(name), shape, init, false));
  }

  public Value op(Op op, Value... inputs) {
    return op(op, List.of(inputs));
  }

  public Value op(Op op, List<Value> inputs) {
    switch (op) {
      case Op.Param(String name, _, _, _) -> unique(name);
      case Op.Input(String name, _) -> unique(name);
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

  /** One number, which broadcasts onto anything. */
  public Value number(double value) {
    return op(new Op.Fill(Shape.of(), (float) value));
  }

  /** The sum; {@code b} broadcasts onto {@code a}. */
  public Value add(Value a, Value b) {
    return op(new Op.Add(), a, b);
  }

  /** The product by elements; {@code b} broadcasts onto {@code a}. */
  public Value mul(Value a, Value b) {
    return op(new Op.Mul(), a, b);
  }

  private void unique(String name) {
    if (!names.add(name)) {
      throw new FoveaException("two parameters or inputs are called " + name + ": name their layers apart");
    }
  }

  /** Copies a node, its layer included, with these inputs. */
  Value copy(Node node, List<Value> inputs) {
    return at(node.path(), () -> op(node.op(), inputs));
  }

  /** Runs {@code body} as if inside the layer of that whole path. */
  <T> T at(String wholePath, Supplier<T> body) {
    String outer = path;
    path = wholePath;
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
   * Names a value that leaves the graph.
   *
   * @throws FoveaException where another one has that name
   */
  public void output(String name, Value value) {
    if (outputs.putIfAbsent(name, value) != null) {
      throw new FoveaException("two outputs are called " + name + ": name the heads apart");
    }
  }

  /**
   * Names an output that only training looks at.
   *
   * @param weight of its loss beside the network's own
   */
  public void head(String name, Value value, float weight) {
    output(name, value);
    heads.put(name, weight);
  }

  /** Lets the values that leave another graph, heads included, leave this one; {@code values} tells where each went. */
  void outputsOf(Graph graph, UnaryOperator<Value> values) {
    graph.outputs().forEach((name, value) -> output(name, values.apply(value)));
    heads.putAll(graph.heads());
  }

  public Graph build() {
    return new Graph(nodes, outputs, heads);
  }
}
