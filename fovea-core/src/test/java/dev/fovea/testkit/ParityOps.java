package dev.fovea.testkit;

import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The cases of {@code ops.json} as graphs with their gradients. An argument of the file's operator is an input or, if a layer of
 * Fovea declares it, that layer's parameter; both are named as in the file.
 */
public final class ParityOps {
  private ParityOps() {}

  /** The output of {@link #graph} that holds an input's gradient. */
  private static String gradientOf(String input) {
    return "d" + input;
  }

  /** The expected outputs of {@link #graph}. */
  public static Map<String, Expected> expected(ParityOp c) {
    Map<String, Expected> expected = new LinkedHashMap<>();
    expected.put(OpCase.RESULT, c.output());
    c.gradients().forEach((name, gradient) -> expected.put(gradientOf(name), gradient));
    c.moved().forEach((name, moved) -> expected.put(Rewrite.updatedOutputOf(name), moved));
    return expected;
  }

  /** The case and its gradients; besides the file's inputs it reads {@link OpCase#UPSTREAM}, unless it is a loss. */
  public static Graph graph(ParityOp c) {
    return withGradients(c, forward(c));
  }

  private static Graph forward(ParityOp c) {
    GraphBuilder g = new GraphBuilder();
    g.output(OpCase.RESULT, new ParityLayers(g, c).write());
    return c.flag("training", false) ? Rewrite.training(g.build()) : g.build();
  }

  private static Graph withGradients(ParityOp c, Graph forward) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, forward, (_, _, _) -> Optional.empty());
    forward.outputs().forEach((name, value) -> g.output(name, values.get(value.id())));
    Value y = values.get(forward.output(OpCase.RESULT).id());
    boolean loss = c.output().shape().rank() == 0;
    Value weighted = loss ? y : g.mul(y, g.input(OpCase.UPSTREAM, g.shape(y)));
    Map<Value, Value> gradients = Gradients.of(g, weighted, values);
    for (Value value : values) {
      String name = name(forward.at(value).op());
      Value gradient = gradients.get(value);
      if (gradient != null && c.gradients().containsKey(name)) {
        g.output(gradientOf(name), gradient);
      }
    }
    return g.build();
  }

  private static String name(Op op) {
    return switch (op) {
      case Op.Input(String name, _, _) -> name;
      case Op.Param(String name, _, _, _) -> name;
      default -> "";
    };
  }

  /**
   * A bound on the difference of each output that comes from rounding the file's float64 attributes to float32: the effect of a
   * step of one float in each attribute, twice the rounding error; constants that gradients add count too. Attributes that are
   * multiples of 1/1024 are not rounded.
   */
  public static Map<String, Double> rounding(ParityOp c) {
    Graph forward = forward(c);
    Graph whole = withGradients(c, forward);
    List<Graph> others = new ArrayList<>();
    stepped(forward, 0).forEach(other -> others.add(withGradients(c, other)));
    others.addAll(stepped(whole, forward.nodes().size()));
    Map<String, double[]> values = Engine.REFERENCE.run(whole, c.values());
    Map<String, Double> rounding = new LinkedHashMap<>();
    for (Graph other : others) {
      Map<String, double[]> moved = Engine.REFERENCE.run(other, c.values());
      values.forEach((name, y) -> rounding.merge(name, distance(y, Compare.output(moved, name)), Double::sum));
    }
    return rounding;
  }

  private static double distance(double[] a, double[] b) {
    double maximum = 0;
    for (int i = 0; i < a.length; i++) {
      maximum = Math.max(maximum, Math.abs(a[i] - b[i]));
    }
    return maximum;
  }

  /** The graph with the next float in place of one attribute, for each that is rounded, from the node {@code first} on. */
  private static List<Graph> stepped(Graph graph, int first) {
    List<Graph> graphs = new ArrayList<>();
    for (int i = first; i < graph.nodes().size(); i++) {
      Op op = graph.nodes().get(i).op();
      for (Op other : stepped(op)) {
        if (!other.equals(op)) {
          graphs.add(replaced(graph, i, other));
        }
      }
    }
    return graphs;
  }

  private static Graph replaced(Graph graph, int position, Op op) {
    GraphBuilder g = new GraphBuilder();
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      List<Value> in = graph.nodes().get(i).inputs().stream().map(v -> values.get(v.id())).toList();
      values.add(g.op(i == position ? op : graph.nodes().get(i).op(), in));
    }
    graph.outputs().forEach((name, value) -> g.output(name, values.get(value.id())));
    return g.build();
  }

  /** The operator with a step in each attribute that the file's cases use and that may be rounded. */
  private static List<Op> stepped(Op op) {
    return switch (op) {
      case Op.Fill(var shape, float value) -> List.of(new Op.Fill(shape, step(value)));
      case Op.LeakyRelu(float slope) -> List.of(new Op.LeakyRelu(step(slope)));
      case Op.Lrn(int size, float alpha, float beta, float k) -> List.of(
          new Op.Lrn(size, step(alpha), beta, k), new Op.Lrn(size, alpha, step(beta), k), new Op.Lrn(size, alpha, beta, step(k)));
      case Op.BatchNormalization(float epsilon, float momentum) -> List.of(new Op.BatchNormalization(step(epsilon), momentum));
      case Op.RowNormalization(int axis, int groups, float epsilon) ->
          List.of(new Op.RowNormalization(axis, groups, step(epsilon)));
      case Op.SoftmaxCrossEntropyLoss(float smoothing, int ignored) ->
          List.of(new Op.SoftmaxCrossEntropyLoss(step(smoothing), ignored));
      default -> List.of();
    };
  }

  private static float step(float attribute) {
    return attribute * 1024 == (int) (attribute * 1024) ? attribute : Math.nextUp(attribute);
  }
}
