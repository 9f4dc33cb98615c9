package dev.fovea.graph;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Graph to graph: every rewrite is a replay with a few cases of its own, then {@link #prune}. */
public final class Rewrite {
  private static final String MOVED = "moved/";

  private Rewrite() {}

  /** What becomes of a node, its inputs already rewritten; empty: it is copied. */
  @FunctionalInterface
  public interface Rule {
    Optional<Value> apply(GraphBuilder g, Node node, List<Value> inputs);
  }

  public static Graph replay(Graph graph, Rule rule) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = replayInto(g, graph, rule);
    g.outputsOf(graph, v -> values.get(v.id()));
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
    g.outputsOf(graph, v -> values[v.id()]);
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
   * The same graph with {@code batch} images in every input.
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

  /** The graph as prediction needs it: dropout is the identity, stochastic pooling its expectation; heads are left out. */
  public static Graph inference(Graph graph) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = replayInto(g, graph, Rewrite::certain);
    graph.outputs().forEach(
        (name, value) -> {
          if (!graph.heads().containsKey(name)) {
            g.output(name, values.get(value.id()));
          }
        });
    return prune(g.build());
  }

  private static Optional<Value> certain(GraphBuilder g, Node node, List<Value> in) {
    return switch (node.op()) {
      case Op.Dropout _ -> Optional.of(in.getFirst());
      case Op.MaxPick(Window w) when g.node(in.getFirst()).op() instanceof Op.Race -> Optional.of(expectation(g, w, in.get(1)));
      default -> Optional.empty();
    };
  }

  /** Each number of a window with the probability of being picked: {@code sum x^2 / sum x}, 0 where all are (Zeiler, Fergus 2013). */
  private static Value expectation(GraphBuilder g, Window w, Value x) {
    Value squares = g.op(new Op.AveragePool(w, false), g.op(new Op.Mul(), x, x));
    Value sums = g.op(new Op.Clip(Float.MIN_NORMAL, Float.MAX_VALUE), g.op(new Op.AveragePool(w, false), x));
    return g.op(new Op.Mul(), squares, g.op(new Op.Pow(-1), sums));
  }

  /**
   * The graph as training needs it: where a batch normalisation reads running statistics it reads the batch's, and one more output
   * for each, {@link #movedOutputOf}, is the running statistic moved by the momentum, the variance's made unbiased. The batch must be
   * bound.
   */
  public static Graph training(Graph graph) {
    return replay(graph, Rewrite::ofBatch);
  }

  /** The output that holds what becomes of a running statistic. */
  public static String movedOutputOf(String parameter) {
    return MOVED + parameter;
  }

  /** The running statistic whose next numbers that output holds. */
  public static Optional<String> movedParameterOf(String output) {
    return output.startsWith(MOVED) ? Optional.of(output.substring(MOVED.length())) : Optional.empty();
  }

  private static Optional<Value> ofBatch(GraphBuilder g, Node node, List<Value> in) {
    if (!(node.op() instanceof Op.BatchNormalization(_, float momentum))
        || !(g.node(in.get(3)).op() instanceof Op.Param runningMean)
        || !(g.node(in.get(4)).op() instanceof Op.Param runningVariance)) {
      return Optional.empty();
    }
    Value x = in.getFirst();
    Value mean = g.op(new Op.BatchMean(), x);
    Value variance = g.op(new Op.BatchVariance(), x, mean);
    double count = (double) g.shape(x).size() / g.shape(x).dim(1);
    g.output(movedOutputOf(runningMean.name()), moved(g, in.get(3), mean, momentum, 1));
    g.output(movedOutputOf(runningVariance.name()), moved(g, in.get(4), variance, momentum, count / Math.max(1, count - 1)));
    return Optional.of(g.op(node.op(), x, in.get(1), in.get(2), mean, variance));
  }

  private static Value moved(GraphBuilder g, Value running, Value now, double momentum, double unbiased) {
    Value kept = g.op(new Op.Mul(), running, g.op(new Op.Fill(Shape.of(), (float) (1 - momentum))));
    return g.op(new Op.Add(), kept, g.op(new Op.Mul(), now, g.op(new Op.Fill(Shape.of(), (float) (momentum * unbiased)))));
  }
}
