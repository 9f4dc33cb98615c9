package dev.fovea.graph;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Transformations from graph to graph: every rewrite copies the graph with a few cases of its own, then calls {@link #prune}. */
public final class Rewrite {
  private static final String MOVED = "moved/";

  private Rewrite() {}

  /** The replacement of a node whose inputs are already rewritten; if empty, the node is copied. */
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

  /** Copies the graph's nodes into another graph and returns the new value of each. Outputs are not declared. */
  public static List<Value> replayInto(GraphBuilder g, Graph graph, Rule rule) {
    List<Value> values = new ArrayList<>(graph.nodes().size());
    for (Node node : graph.nodes()) {
      List<Value> inputs = node.inputs().stream().map(v -> values.get(v.id())).toList();
      values.add(g.at(node.path(), () -> rule.apply(g, node, inputs)).orElseGet(() -> g.copy(node, inputs)));
    }
    return values;
  }

  /** Removes nodes that no output needs, including inputs and parameters. */
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

  /**
   * The same graph for inputs of other shapes: another batch, another image size. Inputs that are not named keep theirs.
   *
   * @throws FoveaException if a shape has another size on an axis that is fixed
   */
  public static Graph withInputs(Graph graph, Map<String, Shape> shapes) {
    return replay(
        graph,
        (g, node, _) -> node.op() instanceof Op.Input input && shapes.containsKey(input.name())
            ? Optional.of(g.op(resized(input, shapes.get(input.name()))))
            : Optional.empty());
  }

  private static Op.Input resized(Op.Input input, Shape shape) {
    for (int axis : input.fixed()) {
      if (shape.rank() <= axis || shape.dim(axis) != input.shape().dim(axis)) {
        throw new FoveaException("input '" + input.name() + "': axis " + axis + " is fixed at " + input.shape().dim(axis)
            + " in this network, got " + (shape.rank() <= axis ? shape : shape.dim(axis)));
      }
    }
    return new Op.Input(input.name(), shape, input.fixed());
  }

  /**
   * The same graph with {@code batch} images in every input, but for scalars, which serve all images.
   *
   * @throws FoveaException if an input's batch is fixed at another size
   */
  public static Graph withBatch(Graph graph, int batch) {
    return replay(
        graph,
        (g, node, _) -> node.op() instanceof Op.Input input
            ? Optional.of(g.op(resized(input, batched(input.shape(), batch))))
            : Optional.empty());
  }

  private static Shape batched(Shape shape, int batch) {
    return shape.rank() == 0 ? shape : shape.with(0, batch);
  }

  /** The graph for inference: dropout is the identity, stochastic pooling its expectation; heads are removed. */
  public static Graph inference(Graph graph) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = replayInto(g, graph, Rewrite::deterministic);
    graph.outputs().forEach(
        (name, value) -> {
          if (!graph.heads().containsKey(name)) {
            g.output(name, values.get(value.id()));
          }
        });
    return prune(g.build());
  }

  private static Optional<Value> deterministic(GraphBuilder g, Node node, List<Value> in) {
    return switch (node.op()) {
      case Op.Dropout _ -> Optional.of(in.getFirst());
      case Op.MaxPick(Window w) when g.node(in.getFirst()).op() instanceof Op.ExponentialRace ->
          Optional.of(expectation(g, w, in.get(1)));
      default -> Optional.empty();
    };
  }

  /**
   * The mean of a window, weighted by the probability of each pick: {@code sum x^2 / sum x}, 0 if all are 0 (Zeiler, Fergus 2013).
   */
  private static Value expectation(GraphBuilder g, Window w, Value x) {
    Value squares = g.op(new Op.AveragePool(w, false), g.op(new Op.Mul(), x, x));
    Value sums = g.op(new Op.Clip(Float.MIN_NORMAL, Float.MAX_VALUE), g.op(new Op.AveragePool(w, false), x));
    return g.op(new Op.Mul(), squares, g.op(new Op.Pow(-1), sums));
  }

  /** The graph in which parameters of these names are not trainable. */
  public static Graph frozen(Graph graph, Set<String> names) {
    return replay(graph,
        (g, node, _) -> node.op() instanceof Op.Param(String name, var shape, Init init, _) && names.contains(name)
            ? Optional.of(g.op(new Op.Param(name, shape, init, false)))
            : Optional.empty());
  }

  /**
   * The graph for training: a batch normalisation that reads running statistics, and whose scale is no frozen parameter, reads the
   * batch's instead. One more output for each
   * statistic, {@link #updatedOutputOf}, is the running statistic updated with the momentum, from the unbiased variance. The batch
   * size must be bound.
   */
  public static Graph training(Graph graph) {
    return replay(graph, Rewrite::withBatchStatistics);
  }

  /** The output that holds the updated running statistic. */
  public static String updatedOutputOf(String parameter) {
    return MOVED + parameter;
  }

  /** The running statistic whose updated values that output holds. */
  public static Optional<String> updatedParameterOf(String output) {
    return output.startsWith(MOVED) ? Optional.of(output.substring(MOVED.length())) : Optional.empty();
  }

  private static Optional<Value> withBatchStatistics(GraphBuilder g, Node node, List<Value> in) {
    if (!(node.op() instanceof Op.BatchNormalization(_, float momentum))
        || !(g.node(in.get(3)).op() instanceof Op.Param runningMean)
        || !(g.node(in.get(4)).op() instanceof Op.Param runningVariance)
        || g.node(in.get(1)).op() instanceof Op.Param scale && !scale.trainable()) {
      return Optional.empty();
    }
    Value x = in.getFirst();
    Value mean = g.op(new Op.BatchMean(), x);
    Value variance = g.op(new Op.BatchVariance(), x, mean);
    double count = (double) g.shape(x).size() / g.shape(x).dim(1);
    g.output(updatedOutputOf(runningMean.name()), moved(g, in.get(3), mean, momentum, 1));
    g.output(updatedOutputOf(runningVariance.name()), moved(g, in.get(4), variance, momentum, count / Math.max(1, count - 1)));
    return Optional.of(g.op(node.op(), x, in.get(1), in.get(2), mean, variance));
  }

  private static Value moved(GraphBuilder g, Value running, Value now, double momentum, double unbiased) {
    Value kept = g.op(new Op.Mul(), running, g.op(new Op.Fill(Shape.of(), (float) (1 - momentum))));
    return g.op(new Op.Add(), kept, g.op(new Op.Mul(), now, g.op(new Op.Fill(Shape.of(), (float) (momentum * unbiased)))));
  }
}
