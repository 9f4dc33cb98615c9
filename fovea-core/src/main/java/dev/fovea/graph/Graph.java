package dev.fovea.graph;

import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Nodes in topological order and the named outputs. Immutable. Built by {@link GraphBuilder}.
 *
 * @param heads the outputs that only training uses, each with its weight in the loss: auxiliary classifiers (Szegedy et al.
 *     2014, section 5)
 */
public record Graph(List<Node> nodes, Map<String, Value> outputs, Map<String, Float> heads) {
  public Graph {
    nodes = List.copyOf(nodes);
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    heads = Collections.unmodifiableMap(new LinkedHashMap<>(heads));
  }

  /** A graph without heads. */
  public Graph(List<Node> nodes, Map<String, Value> outputs) {
    this(nodes, outputs, Map.of());
  }

  public Node at(Value value) {
    return nodes.get(value.id());
  }

  public Value output(String name) {
    Value value = outputs.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no output " + name + " among " + outputs.keySet());
    }
    return value;
  }

  public Shape outputShape(String name) {
    return at(output(name)).shape();
  }

  /** The input tensors in the order in which the graph declares them. */
  public List<Op.Input> inputs() {
    return sources(Op.Input.class);
  }

  /** The parameters in the order in which the graph declares them. */
  public List<Op.Param> params() {
    return sources(Op.Param.class);
  }

  private <T extends Op> List<T> sources(Class<T> kind) {
    List<T> found = new ArrayList<>();
    for (Node node : nodes) {
      if (kind.isInstance(node.op())) {
        found.add(kind.cast(node.op()));
      }
    }
    return found;
  }

  /** One line per node, for users and for golden tests. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      text.append('%').append(i).append(" = ").append(node.op());
      for (Value input : node.inputs()) {
        text.append(" %").append(input.id());
      }
      text.append(" : ").append(node.shape()).append(node.path().isEmpty() ? "" : "  # " + node.path()).append('\n');
    }
    outputs.forEach((name, value) -> text.append(name).append(" <- %").append(value.id()).append('\n'));
    return text.toString();
  }
}
