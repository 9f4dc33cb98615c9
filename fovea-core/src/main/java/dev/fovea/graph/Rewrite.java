package dev.fovea.graph;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Graph to graph: every rewrite is a replay with a few cases of its own, then {@link #prune}. */
public final class Rewrite {
  private Rewrite() {}

  /** What becomes of a node, its inputs already rewritten; empty: it is copied. */
  @FunctionalInterface
  public interface Rule {
    Optional<Value> apply(GraphBuilder g, Node node, List<Value> inputs);
  }

  public static Graph replay(Graph graph, Rule rule) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = replayInto(g, graph, rule);
    graph.outputs().forEach((name, value) -> g.output(name, values.get(value.id())));
    return prune(g.build());
  }

  /** Writes the graph's nodes into another one; the result tells where each went. Outputs are not named. */
  public static List<Value> replayInto(GraphBuilder g, Graph graph, Rule rule) {
    List<Value> values = new ArrayList<>(graph.nodes().size());
    for (Node node : graph.nodes()) {
      List<Value> inputs = node.inputs().stream().map(v -> values.get(v.id())).toList();
      values.add(g.at(node.path(), () -> rule.apply(g, node, inputs)).orElseGet(() -> g.copy(node, inputs)));
    }
    return values;
  }

  /** Leaves out what no output needs; inputs and parameters too. */
  public static Graph prune(Graph graph) {
    boolean[] needed = new boolean[graph.nodes().size()];
    graph.outputs().values().forEach(v -> needed[v.id()] = true);
    for (int i = needed.length - 1; i >= 0; i--) {
      if (needed[i]) {
        graph.nodes().get(i).inputs().forEach(v -> needed[v.id()] = true);
      }
    }
    GraphBuilder g = new GraphBuilder();
    Value[] values = new Value[needed.length];
    for (int i = 0; i < needed.length; i++) {
      if (needed[i]) {
        Node node = graph.nodes().get(i);
        values[i] = g.copy(node, node.inputs().stream().map(v -> values[v.id()]).toList());
      }
    }
    graph.outputs().forEach((name, value) -> g.output(name, values[value.id()]));
    return g.build();
  }

  /** The same graph for inputs of other shapes: another batch, another image size. Inputs that are not named keep theirs. */
  public static Graph withInputs(Graph graph, Map<String, Shape> shapes) {
    return replay(
        graph,
        (g, node, _) -> node.op() instanceof Op.Input(String name, _) && shapes.containsKey(name)
            ? Optional.of(g.input(name, shapes.get(name)))
            : Optional.empty());
  }

  /**
   * The same graph with {@code batch} pictures in every input.
   *
   * @throws FoveaException where an input is a scalar, which has no batch
   */
  public static Graph withBatch(Graph graph, int batch) {
    return replay(
        graph,
        (g, node, _) -> node.op() instanceof Op.Input(String name, Shape shape)
            ? Optional.of(g.input(name, batched(name, shape, batch)))
            : Optional.empty());
  }

  private static Shape batched(String input, Shape shape, int batch) {
    if (shape.rank() == 0) {
      throw new FoveaException("input " + input + " is a scalar: it has no batch");
    }
    return shape.with(0, batch);
  }

  /** The graph as prediction needs it: dropout is the identity. */
  public static Graph inference(Graph graph) {
    return replay(
        graph, (_, node, inputs) -> node.op() instanceof Op.Dropout ? Optional.of(inputs.getFirst()) : Optional.empty());
  }
}
