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
import java.util.LinkedHashMap;
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
    return 2L * conv.shape().size() + graph.at(conv.inputs().get(0)).shape().size()
        + graph.at(conv.inputs().get(1)).shape().size();
  }

  private static String html(Explainer network, Graph graph, Value conv, Tensor input) {
    Node node = graph.at(conv);
    Op.Conv op = (Op.Conv) node.op();
    List<Value> chain = Layers.activated(graph, conv);
    Value read = node.inputs().getFirst();
    Map<String, Value> wanted = new LinkedHashMap<>(Map.of("x", read, "y", conv, "z", chain.getLast()));
    wanted.put("w", node.inputs().get(1));
    Optional<Value> bias = node.inputs().stream().skip(2).findFirst();
    bias.ifPresent(of -> wanted.put("b", of));
    Map<String, float[]> numbers = numbers(network, graph, wanted, input);
    numbers.putIfAbsent("b", new float[node.shape().dim(1)]);
    Window w = op.window();
    String sizes =
        "[" + w.kernelH() + "," + w.kernelW() + "," + w.strideH() + "," + w.strideW() + "," + w.top() + "," + w.left() + ","
            + w.dilationH() + "," + w.dilationW() + "," + op.groups() + "]";
    StringBuilder out = new StringBuilder("<div id=\"arithmetic\" data-layer=\"" + ReportPage.escape(node.where())
        + "\" data-source=\"" + ReportPage.escape(graph.at(read).where()) + "\" data-window=\"" + sizes + "\" data-x-shape=\""
        + graph.at(read).shape().withoutBatch().dims() + "\" data-y-shape=\"" + node.shape().withoutBatch().dims()
        + "\" data-activation=\"" + (chain.size() > 1 ? ReportPage.escape(names(graph, chain)) : "") + "\"");
    numbers.forEach((name, values) -> out.append(base64(name, values)));
    return out.append("><noscript>This part needs scripts, which are off.</noscript></div>\n").toString();
  }

  /** As the engine has them: parameters as they are stored, and all others, weights that are computed among them, of a run. */
  private static Map<String, float[]> numbers(Explainer network, Graph graph, Map<String, Value> wanted, Tensor input) {
    Map<String, Value> computed = new LinkedHashMap<>(wanted);
    computed.values().removeIf(value -> graph.at(value).op() instanceof Op.Param || graph.at(value).op() instanceof Op.Fill);
    Map<String, Tensor> run = network.run("panel", input, _ -> computed);
    Map<String, float[]> numbers = new LinkedHashMap<>();
    wanted.forEach((name, value) -> numbers.put(name, switch (graph.at(value).op()) {
      case Op.Param(String parameter, Shape shape, _, _) -> {
        int offset = network.model().parameters().entry(parameter).offset();
        yield Arrays.copyOfRange(network.model().parameters().values(), offset, offset + shape.size());
      }
      case Op.Fill(Shape shape, float constant) -> {
        float[] filled = new float[shape.size()];
        Arrays.fill(filled, constant);
        yield filled;
      }
      default -> Objects.requireNonNull(run.get(name)).values();
    }));
    return numbers;
  }

  private static String names(Graph graph, List<Value> chain) {
    return chain.stream().skip(1).map(value -> graph.at(value).op().type()).reduce((a, b) -> a + ", " + b).orElse("");
  }

  private static String base64(String name, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return " data-" + name + "=\"" + Base64.getEncoder().encodeToString(bytes.array()) + "\"";
  }
}
