package dev.fovea.testkit;

import dev.fovea.format.Json;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.GraphJson;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.layer.Layer;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The contract of every layer: it has the promised output shape, builds the same graph twice, and works in inference too; its graph
 * replays at another batch size and round-trips through JSON; and the gradients of its input and parameters equal finite
 * differences, also in the training graph. A layer's test needs one line for each shape.
 */
public final class LayerContract {
  private static final String INPUT = "x";
  private static final String OUTPUT = "y";
  private static final String LOSS = "loss";
  private static final double STEP = 1e-5;

  private final Graph graph;

  private LayerContract(Graph graph) {
    this.graph = graph;
  }

  /**
   * Checks all of it.
   *
   * @param input the shape of a batch, N first
   */
  public static void check(Layer layer, Shape input, Shape output) {
    Graph graph = graph(layer, input);
    same("the output's shape", output, graph.outputShape(OUTPUT));
    same("written twice", graph.toString(), graph(layer, input).toString());
    same("as JSON and back", graph, GraphJson.read(Json.parseObject(GraphJson.write(graph).text(), "test"), "test"));
    same("in prediction", output, Rewrite.inference(graph).outputShape(OUTPUT));
    int more = input.dim(0) + 3;
    same("at another batch", output.with(0, more), Rewrite.withBatch(graph, more).outputShape(OUTPUT));
    new LayerContract(graph).gradients();
    Graph training = Rewrite.training(graph);
    if (!training.equals(graph)) {
      new LayerContract(training).gradients();
    }
  }

  private static Graph graph(Layer layer, Shape input) {
    GraphBuilder g = new GraphBuilder();
    g.output(OUTPUT, layer.apply(g, g.input(INPUT, input)));
    return g.build();
  }

  private static void same(String what, Object expected, Object got) {
    if (!expected.equals(got)) {
      throw new AssertionError(what + ": expected " + expected + ", got " + got);
    }
  }

  /**
   * The loss is a weighted sum of the outputs, since the plain sum of some layers is constant; each operand is moved along one
   * random direction.
   */
  private void gradients() {
    GraphBuilder g = new GraphBuilder();
    List<Value> at = new ArrayList<>();
    for (Node node : graph.nodes()) {
      at.add(g.op(node.op(), node.inputs().stream().map(v -> at.get(v.id())).toList()));
    }
    Value y = g.mul(at.get(graph.output(OUTPUT).id()), g.input(OpCase.UPSTREAM, graph.outputShape(OUTPUT)));
    g.output(LOSS, g.op(new Op.SumTo(Shape.of()), y));
    Map<Value, Value> received = Gradients.of(g, y, at);
    for (int i = 0; i < at.size(); i++) {
      Op op = graph.nodes().get(i).op();
      Value gradient = received.get(at.get(i));
      if (gradient != null && (op instanceof Op.Input || op instanceof Op.Param(_, _, _, boolean trainable) && trainable)) {
        g.output(name(op), gradient);
      }
    }
    Graph whole = g.build();
    Map<String, double[]> bound = values();
    bound.put(OpCase.UPSTREAM, ParityRule.values("signed", OpCase.UPSTREAM, graph.outputShape(OUTPUT)));
    Map<String, double[]> got = Engine.REFERENCE.run(whole, bound);
    whole.outputs().keySet().stream().filter(n -> !n.equals(LOSS))
        .forEach(n -> direction(whole, bound, n, Compare.output(got, n)));
  }

  private static void direction(Graph graph, Map<String, double[]> bound, String operand, double[] gradient) {
    double[] direction = ParityRule.values("signed", "direction of " + operand, Shape.of(gradient.length));
    double expected = 0;
    double scale = 1e-6;
    for (int i = 0; i < gradient.length; i++) {
      expected += gradient[i] * direction[i];
      scale = Math.max(scale, Math.abs(gradient[i]));
    }
    double slope = (loss(graph, bound, operand, direction, STEP) - loss(graph, bound, operand, direction, -STEP)) / (2 * STEP);
    Compare.value("gradient of " + operand, slope, expected, 1e-5 * scale * Math.sqrt(gradient.length));
  }

  private static double loss(Graph graph, Map<String, double[]> bound, String operand, double[] direction, double by) {
    Map<String, double[]> moved = new LinkedHashMap<>(bound);
    double[] values = Compare.output(bound, operand).clone();
    for (int i = 0; i < values.length; i++) {
      values[i] += by * direction[i];
    }
    moved.put(operand, values);
    return Compare.output(Engine.REFERENCE.run(graph, moved), LOSS)[0];
  }

  /** Random values for trainable parameters, initial values for frozen ones. */
  private Map<String, double[]> values() {
    Map<String, double[]> values = new LinkedHashMap<>();
    Parameters initial = Parameters.initial(graph, 1);
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case Op.Param(String name, _, _, boolean trainable) when !trainable -> values.put(name, parameterValues(initial, name));
        case Op.Source op when !name(op).isEmpty() -> values.put(name(op), ParityRule.values("signed", name(op), node.shape()));
        default -> {
        }
      }
    }
    return values;
  }

  private static double[] parameterValues(Parameters parameters, String name) {
    Parameters.Entry entry = parameters.entry(name);
    double[] parameterValues = new double[entry.shape().size()];
    Arrays.setAll(parameterValues, i -> parameters.values()[entry.offset() + i]);
    return parameterValues;
  }

  private static String name(Op op) {
    return switch (op) {
      case Op.Input(String name, _, _) -> name;
      case Op.Param(String name, _, _, _) -> name;
      default -> "";
    };
  }
}
