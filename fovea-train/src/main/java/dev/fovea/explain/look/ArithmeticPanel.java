package dev.fovea.explain.look;

import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.report.ReportPage;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A convolution of an image in which each number can be chosen, and shows the products that it is the sum of: the numbers that
 * {@code look.js} reads. Those of the maps are the engine's.
 */
final class ArithmeticPanel {
  /** Numbers of inputs, weights and results, above which a page would be too large. */
  private static final int MAX_NUMBERS = 1 << 20;

  private ArithmeticPanel() {}

  /** Of the last convolution that a value depends on; empty if it is too large for a page, or there is none. */
  static Optional<String> of(Explainer network, Value value, Tensor input) {
    Graph graph = network.graph(1);
    boolean[] needed = Layers.needed(graph, value);
    Optional<Value> layer = IntStream.rangeClosed(0, value.id()).map(i -> value.id() - i).filter(i -> needed[i])
        .filter(i -> graph.nodes().get(i).op() instanceof Op.Conv && Layers.hasWeights(graph, graph.nodes().get(i)))
        .mapToObj(Value::new).findFirst();
    return layer.filter(conv -> numbers(graph, graph.at(conv)) <= MAX_NUMBERS).map(conv -> html(network, graph, conv, input));
  }

  private static long numbers(Graph graph, Node conv) {
    return (long) conv.shape().size() + graph.at(conv.inputs().get(0)).shape().size()
        + graph.at(conv.inputs().get(1)).shape().size();
  }

  private static String html(Explainer network, Graph graph, Value conv, Tensor input) {
    Node node = graph.at(conv);
    Op.Conv op = (Op.Conv) node.op();
    List<Value> chain = Layers.activated(graph, conv);
    Value read = node.inputs().getFirst();
    Map<String, Tensor> run = network.run("panel", input,
        _ -> Map.of("x", read, "y", conv, "z", chain.getLast()));
    Window w = op.window();
    Shape weight = graph.at(node.inputs().get(1)).shape();
    String sizes =
        "[" + w.kernelH() + "," + w.kernelW() + "," + w.strideH() + "," + w.strideW() + "," + w.top() + "," + w.left() + ","
            + w.dilationH() + "," + w.dilationW() + "," + op.groups() + "]";
    return "<div id=\"arithmetic\" data-layer=\"" + ReportPage.escape(node.where()) + "\" data-source=\""
        + ReportPage.escape(graph.at(read).where()) + "\" data-window=\"" + sizes + "\" data-x-shape=\""
        + graph.at(read).shape().withoutBatch().dims() + "\" data-y-shape=\"" + node.shape().withoutBatch().dims()
        + "\" data-w-shape=\""
        + weight.dims() + "\" data-activation=\"" + (chain.size() > 1 ? ReportPage.escape(names(graph, chain)) : "") + "\""
        + numbers("x", Objects.requireNonNull(run.get("x")).values())
        + numbers("y", Objects.requireNonNull(run.get("y")).values())
        + numbers("z", Objects.requireNonNull(run.get("z")).values()) + numbers("w", parameter(network, graph, node, 1))
        + numbers("b", node.inputs().size() > 2 ? parameter(network, graph, node, 2) : new float[weight.dim(0)]) + "></div>\n";
  }

  private static String names(Graph graph, List<Value> chain) {
    return chain.stream().skip(1).map(value -> graph.at(value).op().type()).reduce((a, b) -> a + ", " + b).orElse("");
  }

  private static float[] parameter(Explainer network, Graph graph, Node node, int operand) {
    if (!(graph.at(node.inputs().get(operand)).op() instanceof Op.Param param)) {
      return new float[graph.at(node.inputs().get(operand)).shape().size()];
    }
    int offset = network.model().parameters().entry(param.name()).offset();
    return Arrays.copyOfRange(network.model().parameters().values(), offset, offset + param.shape().size());
  }

  private static String numbers(String name, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return " data-" + name + "=\"" + Base64.getEncoder().encodeToString(bytes.array()) + "\"";
  }
}
