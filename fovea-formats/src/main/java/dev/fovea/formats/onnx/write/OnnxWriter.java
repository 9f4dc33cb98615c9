package dev.fovea.formats.onnx.write;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.proto.OnnxFile;
import dev.fovea.formats.onnx.proto.OnnxGraph;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.formats.onnx.proto.OnnxValue;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes a graph and its parameters as an ONNX model. Parameters are initializers under their own names, other constants are Constant
 * nodes, and a node is named after its layer. The size of the batch, and height and width where the network allows it, are left open.
 */
public final class OnnxWriter {
  /** The key of the metadata that lists parameters that training does not change, one a line; statistics of normalisations are not listed. */
  public static final String FROZEN = "fovea.frozen";

  /** What a file says that wrote it. */
  public static final String PRODUCER = "fovea";

  /** Beyond this float16 has infinity. */
  private static final float MAX_HALF = 65504;

  private OnnxWriter() {}

  /**
   * Writes the file, which is replaced atomically.
   *
   * @param metadata texts to store in the model by key
   * @throws FoveaException in one line, with the layer, if an operator cannot be written, or the file would have 2 GiB or more
   */
  public static void write(Graph graph, Parameters parameters, Map<String, String> metadata, OnnxOptions options, Path path) {
    OnnxFile.write(model(graph, parameters, metadata, options), path);
  }

  /** The model to be written; its tensors read the parameters' values when they are. */
  static OnnxModel model(Graph graph, Parameters parameters, Map<String, String> metadata, OnnxOptions options) {
    Graph written = Rewrite.prune(options.training() ? graph : Rewrite.inference(graph));
    List<OnnxTensor> initializers = initializers(written, parameters, options);
    Set<String> halves =
        initializers.stream().filter(tensor -> tensor.type() == OnnxType.FLOAT16).map(OnnxTensor::name)
            .collect(Collectors.toSet());
    NodeList nodes = nodes(written, options, halves);
    OpenAxes axes = OpenAxes.of(written, nodes, other -> nodes(other, options, halves));
    List<OnnxValue> inputs = written.inputs().stream()
        .map(input -> new OnnxValue(input.name(), OnnxType.FLOAT, axes.input(input.name(), input.shape()))).toList();
    List<OnnxValue> outputs = written.outputs().keySet().stream()
        .map(name -> new OnnxValue(name, type(name, options), axes.output(name, written.outputShape(name)))).toList();
    Map<String, String> texts = new LinkedHashMap<>(metadata);
    Set<String> frozen = frozen(written);
    if (!frozen.isEmpty()) {
      texts.put(FROZEN, String.join("\n", frozen));
    }
    OnnxGraph body = new OnnxGraph("fovea", nodes.nodes(), initializers, inputs, outputs, List.of());
    return new OnnxModel(options.irVersion(), PRODUCER, Map.of("", (long) options.opset()), body, List.of(), texts);
  }

  private static NodeList nodes(Graph graph, OnnxOptions options, Set<String> halves) {
    NodeList nodes = new NodeList(options, names(graph));
    OpWriter writer = new OpWriter(nodes, halves);
    List<String> values = new ArrayList<>(graph.nodes().size());
    for (Node node : graph.nodes()) {
      List<String> in = node.inputs().stream().map(value -> values.get(value.id())).toList();
      List<Shape> shapes = node.inputs().stream().map(value -> graph.at(value).shape()).toList();
      nodes.at(node.path());
      values.add(writer.write(node, in, shapes));
    }
    nodes.at("");
    graph.outputs().forEach((name, value) -> {
      String result = values.get(value.id());
      OnnxType type = type(name, options);
      nodes.output(name, type == OnnxType.FLOAT ? result : nodes.call("Cast", result).integer("to", type.number()).value());
    });
    return nodes;
  }

  /** The type of an output's elements; inside the graph all are floats. */
  private static OnnxType type(String output, OnnxOptions options) {
    return options.integers().contains(output) ? OnnxType.INT64 : OnnxType.FLOAT;
  }

  /** The names of inputs, parameters and outputs, which ONNX has in one space. */
  private static Set<String> names(Graph graph) {
    Set<String> names = new HashSet<>();
    graph.inputs().forEach(input -> names.add(input.name()));
    graph.params().forEach(param -> names.add(param.name()));
    graph.outputs().keySet().forEach(output -> {
      if (!names.add(output)) {
        throw new FoveaException("the output " + Quote.quote(output)
            + " has the name of an input or a parameter, which ONNX does not allow: rename it");
      }
    });
    return names;
  }

  private static List<OnnxTensor> initializers(Graph graph, Parameters parameters, OnnxOptions options) {
    List<OnnxTensor> initializers = new ArrayList<>();
    for (Op.Param param : graph.params()) {
      int offset = parameters.entry(param.name()).offset();
      OnnxTensor tensor = OnnxTensor.floats(param.name(), param.shape(), parameters.values(), offset);
      boolean half = options.halfWeights() && fitsHalf(param.shape(), parameters.values(), offset);
      initializers.add(half ? tensor.half() : tensor);
    }
    return initializers;
  }

  /** Vectors, statistics among them, are small and keep their precision; so does what float16 cannot represent. */
  private static boolean fitsHalf(Shape shape, float[] values, int offset) {
    boolean fits = shape.rank() >= 2;
    for (int i = offset; fits && i < offset + shape.size(); i++) {
      fits = Math.abs(values[i]) <= MAX_HALF;
    }
    return fits;
  }

  private static Set<String> frozen(Graph graph) {
    Set<String> frozen = new LinkedHashSet<>();
    graph.params().stream().filter(param -> !param.trainable()).forEach(param -> frozen.add(param.name()));
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.BatchNormalization) {
        for (int i = 3; i < 5; i++) {
          if (graph.at(node.inputs().get(i)).op() instanceof Op.Param statistic) {
            frozen.remove(statistic.name());
          }
        }
      }
    }
    return frozen;
  }
}
