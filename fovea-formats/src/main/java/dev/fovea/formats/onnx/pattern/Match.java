package dev.fovea.formats.onnx.pattern;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** A graph while it is copied into another: patterns look at its nodes and append what replaces them. */
final class Match {
  private final Graph graph;
  private final Map<String, Float> uniform;
  private final GraphBuilder g = new GraphBuilder();
  private final @Nullable Value[] copies;
  private final int[] readers;

  /** @param uniform the parameters whose elements are all equal, with their value */
  Match(Graph graph, Map<String, Float> uniform) {
    this.graph = graph;
    this.uniform = uniform;
    this.copies = new Value[graph.nodes().size()];
    this.readers = new int[copies.length];
    graph.nodes().forEach(node -> node.inputs().forEach(input -> readers[input.id()]++));
    graph.outputs().values().forEach(output -> readers[output.id()]++);
  }

  /** The copy of the graph in which each node that a pattern ends with is replaced. */
  Graph replace(List<Pattern> patterns) {
    for (int i = 0; i < copies.length; i++) {
      Node node = graph.nodes().get(i);
      // parameters and constants are copied where they are first read, since a pattern may change their shapes
      if (node.op() instanceof Op.Input || !(node.op() instanceof Op.Source)) {
        copies[i] = node.path().isEmpty() ? replaced(node, patterns) : g.scope(node.path(), () -> replaced(node, patterns));
      }
    }
    graph.outputs().forEach((name, value) -> g.output(name, copy(value)));
    return g.build();
  }

  private Value replaced(Node node, List<Pattern> patterns) {
    for (Pattern pattern : patterns) {
      Value value = pattern.apply(this, node);
      if (value != null) {
        return value;
      }
    }
    return g.op(node.op(), node.inputs().stream().map(this::copy).toList());
  }

  /** The value's copy in the new graph. */
  Value copy(Value value) {
    Value known = copies[value.id()];
    if (known == null) {
      known = g.op(node(value).op());
      copies[value.id()] = known;
    }
    return known;
  }

  Value append(Op op, Value... inputs) {
    return g.op(op, inputs);
  }

  Value append(Op op, List<Value> inputs) {
    return g.op(op, inputs);
  }

  /** The shape of a value of the new graph. */
  Shape shapeOfCopy(Value value) {
    return g.shape(value);
  }

  Node node(Value value) {
    return graph.at(value);
  }

  Op op(Value value) {
    return node(value).op();
  }

  Shape shape(Value value) {
    return node(value).shape();
  }

  Value input(Value value, int index) {
    return node(value).inputs().get(index);
  }

  /** Whether only one node reads the value. */
  boolean isReadOnce(Value value) {
    return readers[value.id()] == 1;
  }

  /** The number that all elements of a constant or of a parameter are. */
  OptionalDouble number(Value value) {
    return switch (op(value)) {
      case Op.Fill(_, float number) -> OptionalDouble.of(number);
      case Op.Param(String name, _, _, _) when uniform.containsKey(name) -> OptionalDouble.of(uniform.get(name));
      default -> OptionalDouble.empty();
    };
  }

  boolean isNumber(Value value, double wanted) {
    OptionalDouble number = number(value);
    return number.isPresent() && number.getAsDouble() == wanted;
  }

  /** Of a sum or product of a value and a number that does not change its shape, the value; null otherwise. */
  @Nullable Value besideNumber(Node node) {
    int index = indexOfNumber(node);
    return index < 0 ? null : node.inputs().get(1 - index);
  }

  /** The number of such a node; its value may be a parameter of equal elements, which is another number. */
  double numberOf(Node node) {
    int index = indexOfNumber(node);
    return index < 0 ? Double.NaN : number(node.inputs().get(index)).orElse(Double.NaN);
  }

  private int indexOfNumber(Node node) {
    for (int i = 0; i < node.inputs().size() && node.inputs().size() == 2; i++) {
      if (op(node.inputs().get(i)) instanceof Op.Fill && shape(node.inputs().get(1 - i)).equals(node.shape())) {
        return i;
      }
    }
    return -1;
  }

  /** The values of a sum or product with its operands in both orders. */
  static List<List<Value>> bothOrders(Node node) {
    List<List<Value>> orders = new ArrayList<>();
    if (node.inputs().size() == 2) {
      orders.add(node.inputs());
      orders.add(node.inputs().reversed());
    }
    return orders;
  }
}
