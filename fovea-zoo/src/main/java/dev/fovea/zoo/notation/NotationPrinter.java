package dev.fovea.zoo.notation;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.layer.Activation;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.notation.NotationStep.Pool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Finds the steps of the {@link Notation} that build a graph. At each node it tries the candidate steps: each builds its nodes in
 * a graph of its own, and the one that matches the largest number of following nodes is chosen. So the steps found rebuild the
 * graph, and steps of several operators need no special rules.
 */
final class NotationPrinter {
  private static final int MAX_STEPS = 10_000;
  private static final int NOWHERE = NotationStep.NOWHERE;

  /** Steps without numbers, and those of several operators: tried at every node. */
  private static final List<NotationStep> PLAIN = Stream.<Stream<NotationStep>>of(
      Arrays.stream(Activation.values()).filter(a -> a.pieces() == 1).map(a -> new NotationStep.Activate(a, NOWHERE)),
      Arrays.stream(Pool.Kind.values()).map(kind -> Pool.standard(kind, NOWHERE)),
      Stream.of(new NotationStep.BatchNorm(NOWHERE), new NotationStep.Lrn(NotationStep.DEFAULT_LRN, NOWHERE),
          new NotationStep.Flatten(NOWHERE)))
      .flatMap(s -> s)
      .toList();

  private final Graph graph;
  private final List<Value> operators;
  private final Set<Value> taken = new HashSet<>();

  /** The nodes matched by a step: their number, the mapping of values, and the output. */
  private record Match(NotationStep step, int nodes, Map<Value, Value> values, Value out) {}

  private NotationPrinter(Graph graph) {
    this.graph = graph;
    this.operators = IntStream.range(0, graph.nodes().size())
        .mapToObj(Value::new)
        .filter(v -> !(graph.at(v).op() instanceof Op.Source))
        .toList();
  }

  static Optional<List<NotationStep>> steps(Graph graph) {
    List<Op.Input> inputs = graph.inputs();
    boolean one = inputs.size() == 1 && inputs.getFirst().shape().rank() == 4;
    return one && graph.outputs().keySet().equals(Set.of(Model.OUTPUT))
        ? new NotationPrinter(graph).steps()
        : Optional.empty();
  }

  private Optional<List<NotationStep>> steps() {
    List<NotationStep> steps = new ArrayList<>();
    Value x = IntStream.range(0, graph.nodes().size())
        .mapToObj(Value::new)
        .filter(v -> graph.at(v).op() instanceof Op.Input)
        .findFirst()
        .orElseThrow();
    int at = 0;
    while (at < operators.size()) {
      Optional<Match> best = best(at, x);
      if (best.isEmpty() || steps.size() == MAX_STEPS) {
        return Optional.empty();
      }
      Match match = best.get();
      taken.addAll(match.values.values());
      steps.add(match.step);
      x = match.out;
      at += match.nodes;
    }
    return steps.isEmpty() || !x.equals(graph.output(Model.OUTPUT)) ? Optional.empty() : Optional.of(steps);
  }

  private Optional<Match> best(int at, Value x) {
    Optional<Match> best = Optional.empty();
    for (NotationStep step : candidates(at, x).toList()) {
      Optional<Match> match = match(step, at, x);
      if (match.isPresent() && match.get().nodes > best.map(Match::nodes).orElse(0)) {
        best = match;
      }
    }
    return best;
  }

  /** The steps that may have built the node at this index; of equal matches the first is chosen. */
  private Stream<NotationStep> candidates(int at, Value x) {
    Node node = graph.at(operators.get(at));
    Shape from = graph.at(x).shape();
    Shape to = node.shape();
    Stream<NotationStep> fitting = switch (node.op()) {
      case Op.Conv(Window w, int groups) when to.rank() == 4 -> Stream.of(
          new Pool(Pool.Kind.TRAINABLE, w, false, NOWHERE),
          new Pool(Pool.Kind.GAUSSIAN, w, false, NOWHERE),
          new NotationStep.Conv(to.dim(1), w, groups, node.inputs().size() == 3, NOWHERE));
      case Op.MaxPool(Window w) -> Stream.of(new Pool(Pool.Kind.MAX, w, false, NOWHERE));
      case Op.AveragePool(Window w, _) -> Stream.of(new Pool(Pool.Kind.MEAN, w, false, NOWHERE));
      case Op.Gemm _ -> Stream.of(fc(node));
      case Op.Flatten _ when at + 1 < operators.size() -> Stream.of(fc(graph.at(operators.get(at + 1))));
      case Op.Lrn lrn -> Stream.of(new NotationStep.Lrn(lrn.size(), NOWHERE));
      case Op.LeakyRelu(float slope) -> Stream.of(new NotationStep.LeakyRelu(slope, NOWHERE));
      case Op.Dropout(_, float rate, Op.Unit unit) when unit == Op.Unit.ELEMENT ->
          Stream.of(new NotationStep.Dropout(rate, NOWHERE));
      default -> Stream.empty();
    };
    return Stream.of(PLAIN.stream(), sized(from, to), fitting).flatMap(s -> s);
  }

  /** Steps whose numbers follow from the shapes before and after. */
  private static Stream<NotationStep> sized(Shape from, Shape to) {
    if (from.rank() < 2 || to.rank() != from.rank()) {
      return Stream.empty();
    }
    Stream<NotationStep> maxout = from.dim(1) % to.dim(1) == 0
        ? Stream.of(new NotationStep.Maxout(from.dim(1) / to.dim(1), NOWHERE))
        : Stream.empty();
    Stream<NotationStep> adaptive = to.rank() == 4
        ? Stream.of(false, true).map(max -> new NotationStep.Adaptive(max, to.dim(2), to.dim(3), NOWHERE))
        : Stream.empty();
    return Stream.concat(maxout, adaptive);
  }

  private static NotationStep fc(Node node) {
    int units = node.shape().rank() == 2 ? node.shape().dim(1) : 1;
    return new NotationStep.Fc(OptionalInt.of(units), node.inputs().size() == 3, NOWHERE);
  }

  /** Matches the nodes of a step on {@code x} with the graph from this index on. */
  private Optional<Match> match(NotationStep step, int at, Value x) {
    GraphBuilder g = new GraphBuilder();
    Value in = g.input(Model.INPUT, graph.at(x).shape());
    Value out;
    try {
      out = NotationLayers.of(step, 1).apply(g, in);
    } catch (FoveaException e) {
      return Optional.empty();
    }
    List<Node> expected = g.build().nodes();
    Map<Value, Value> values = new HashMap<>(Map.of(in, x));
    int nodes = 0;
    for (int i = 0; i < expected.size(); i++) {
      if (!(expected.get(i).op() instanceof Op.Source)) {
        if (at + nodes == operators.size() || !same(expected, expected.get(i), graph.at(operators.get(at + nodes)), values)) {
          return Optional.empty();
        }
        values.put(new Value(i), operators.get(at + nodes));
        nodes++;
      }
    }
    return Optional.of(new Match(step, nodes, values, values.getOrDefault(out, x)));
  }

  private boolean same(List<Node> nodes, Node expected, Node actual, Map<Value, Value> values) {
    boolean same = same(expected.op(), actual.op()) && expected.inputs().size() == actual.inputs().size();
    for (int i = 0; same && i < expected.inputs().size(); i++) {
      Value read = expected.inputs().get(i);
      Value other = actual.inputs().get(i);
      if (nodes.get(read.id()).op() instanceof Op.Source source && !values.containsKey(read)) {
        // a parameter shared with another step would become two
        same = same(source, graph.at(other).op()) && !values.containsValue(other) && !taken.contains(other);
        values.put(read, other);
      } else {
        same = other.equals(values.get(read));
      }
    }
    return same;
  }

  /** Equality except for names, and for common initialisations of weights and biases. */
  private static boolean same(Op expected, Op actual) {
    return switch (expected) {
      case Op.Param(_, Shape shape, Init init, boolean trainable) -> actual instanceof Op.Param p && shape.equals(p.shape())
          && (isCommon(init) ? isCommon(p.init()) : init.equals(p.init()) && trainable == p.trainable());
      case Op.Dropout(_, float rate, Op.Unit unit) ->
          actual instanceof Op.Dropout(_, float other, Op.Unit otherUnit) && rate == other && unit == otherUnit;
      case Op.AveragePool(Window w, _) when w.equals(w.padding(0)) ->
          actual instanceof Op.AveragePool(Window other, _) && w.equals(other);
      default -> expected.equals(actual);
    };
  }

  private static boolean isCommon(Init init) {
    return init instanceof Init.Uniform || init instanceof Init.Normal || init.equals(new Init.Constant(0));
  }
}
