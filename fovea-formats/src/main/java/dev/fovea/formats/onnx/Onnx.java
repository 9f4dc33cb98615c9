package dev.fovea.formats.onnx;

import dev.fovea.format.FileNames;
import dev.fovea.format.Json;
import dev.fovea.format.TensorFile;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxFile;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.formats.onnx.proto.OnnxValue;
import dev.fovea.formats.onnx.read.Imported;
import dev.fovea.formats.onnx.read.OnnxReader;
import dev.fovea.formats.onnx.read.ReadOptions;
import dev.fovea.formats.onnx.write.OnnxOptions;
import dev.fovea.formats.onnx.write.OnnxWriter;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Rewrite;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Card;
import dev.fovea.model.CardJson;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** ONNX models, opsets 1 to 22 and newer ones as far as their operators are the same. Nothing in a file is executed. */
public final class Onnx {
  /** The key of a file's metadata with the model's card. */
  static final String CARD = "fovea.card";

  /** The key of a card's provenance that says which sizes were chosen for inputs whose sizes the file leaves open. */
  private static final String SIZES = "sizes";

  private Onnx() {}

  /**
   * Reads a model. Sizes that the file leaves open are 1 for the batch, and 224 for the height and width of images.
   *
   * @throws FoveaException in one line that names the file and, if nodes cannot be imported, those nodes and their operators
   */
  public static Model read(Path file) {
    return read(file, Map.of());
  }

  /** The same with the shapes of some inputs, axes as the file declares them. */
  public static Model read(Path file, Map<String, Shape> shapes) {
    try (OnnxFile open = OnnxFile.open(file)) {
      return model(open.model(), FileNames.text(file), new ReadOptions(shapes, Map.of()));
    }
  }

  /**
   * Reads a model for these inputs: they give the sizes that the file leaves open, and integers become constants, so that a network
   * may compute shapes from them.
   */
  public static Model readFor(Path file, Map<String, Tensor> inputs) {
    try (OnnxFile open = OnnxFile.open(file)) {
      OnnxModel messages = open.model();
      String source = FileNames.text(file);
      try {
        return model(messages, source, options(messages, inputs, false));
      } catch (FoveaException e) {
        return withVectors(messages, source, inputs, e);
      }
    }
  }

  /** A network may also need a vector or a number as a constant, such as the scales of a Resize; fails as without them if not. */
  private static Model withVectors(OnnxModel messages, String source, Map<String, Tensor> inputs, FoveaException without) {
    try {
      return model(messages, source, options(messages, inputs, true));
    } catch (FoveaException e) {
      without.addSuppressed(e);
      throw without;
    }
  }

  /**
   * The inputs' shapes, and the elements of those that are constants: integers, and perhaps all vectors and numbers.
   *
   * @param vectors whether what has one axis or none is constant
   */
  private static ReadOptions options(OnnxModel messages, Map<String, Tensor> inputs, boolean vectors) {
    Map<String, OnnxType> types = types(messages);
    ReadOptions options = ReadOptions.none();
    for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
      String name = input.getKey();
      Tensor tensor = input.getValue();
      OnnxType type = types.getOrDefault(name, OnnxType.FLOAT);
      boolean isConstant = type.isInteger() || vectors && tensor.shape().rank() <= 1;
      options = isConstant
          ? options.value(name, constant(type.isInteger() ? type : OnnxType.FLOAT, tensor))
          : options.shape(name, tensor.shape());
    }
    return options;
  }

  /**
   * Writes a model for inference as opset 17, with the batch left open, and height and width where the network allows it. The card
   * is in the metadata. Parameters keep their names.
   *
   * @throws FoveaException in one line, with the layer, if an operator cannot be written, or the file would have 2 GiB or more
   */
  public static void write(Model model, Path file) {
    write(model, file, OnnxOptions.standard());
  }

  /**
   * The same for another opset.
   *
   * @param opset 13 to 17
   * @param float16 stores weights of two or more axes as float16, which halves the file; the computation stays in float32
   */
  public static void write(Model model, Path file, int opset, boolean float16) {
    write(model, file, OnnxOptions.standard().opset(opset).halfWeights(float16));
  }

  private static void write(Model model, Path file, OnnxOptions options) {
    OnnxWriter.write(model.graph(), model.parameters(), Map.of(CARD, CardJson.write(model.card()).text()),
        options.integers(model.card().integers()), file);
  }

  private static Array constant(OnnxType type, Tensor tensor) {
    int[] dims = tensor.shape().dims().stream().mapToInt(Integer::intValue).toArray();
    float[] values = tensor.values();
    if (!type.isInteger()) {
      double[] reals = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        reals[i] = values[i];
      }
      return Array.reals(type, dims, reals);
    }
    long[] integers = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      integers[i] = (long) values[i];
    }
    return Array.integers(type, dims, integers);
  }

  /** The names of the inputs that a run must give, in the file's order. */
  static List<String> inputs(Path file) {
    try (OnnxFile open = OnnxFile.open(file)) {
      return List.copyOf(types(open.model()).keySet());
    }
  }

  private static Map<String, OnnxType> types(OnnxModel messages) {
    Set<String> initialised = messages.graph().initializers().stream().map(OnnxTensor::name).collect(Collectors.toSet());
    Map<String, OnnxType> types = new LinkedHashMap<>();
    for (OnnxValue input : messages.graph().inputs()) {
      if (!initialised.contains(input.name())) {
        types.put(input.name(), input.type());
      }
    }
    return types;
  }

  private static Model model(OnnxModel messages, String source, ReadOptions options) {
    try {
      Optional<Card> stored = Optional.ofNullable(messages.metadata().get(CARD))
          .map(text -> CardJson.read(Json.parseObject(text, source + ": " + CARD)));
      Imported imported = OnnxReader.read(messages, source, stored.map(card -> sized(options, messages, card)).orElse(options));
      Card card = stored.map(known -> sized(known, imported.graph())).orElseGet(() -> assumed(imported, source));
      Graph graph = card.classes().isEmpty() ? imported.graph() : Rewrite.withBatch(imported.graph(), 1);
      return new Model(graph, imported.parameters(), card);
    } catch (FoveaException e) {
      throw String.valueOf(e.getMessage()).startsWith(source) ? e : new FoveaException(source + ": " + e.getMessage(), e);
    }
  }

  private static Card assumed(Imported imported, String source) {
    Card card = Card.assumed(stem(source), imported.graph()).integers(imported.integers());
    if (imported.notes().isEmpty()) {
      return card;
    }
    Map<String, String> provenance = new LinkedHashMap<>(card.provenance());
    provenance.put(SIZES, String.join("; ", imported.notes()));
    return card.provenance(provenance);
  }

  /** Sizes that a file with a card leaves open are those of the card. */
  private static ReadOptions sized(ReadOptions options, OnnxModel messages, Card card) {
    boolean given = !options.shapes().isEmpty() || !options.values().isEmpty();
    List<OnnxValue> inputs = messages.graph().inputs();
    return given || card.image().isEmpty() || inputs.size() != 1
        ? options
        : options.shape(inputs.getFirst().name(), card.preprocessing().shape());
  }

  /** The card for the size of images for which the graph was read. */
  private static Card sized(Card card, Graph graph) {
    Shape input = graph.inputs().isEmpty() ? Shape.of() : graph.inputs().getFirst().shape();
    if (card.image().isEmpty() || input.rank() != 4) {
      return card;
    }
    Preprocessing p = card.preprocessing();
    boolean same = p.height() == input.dim(2) && p.width() == input.dim(3);
    return same ? card : card.preprocessing(p.size(input.dim(2), input.dim(3))).provenance(card.provenance());
  }

  private static String stem(String file) {
    String name = file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  /** The file's weights, under their names in the file; the caller must close them. */
  static TensorFile tensors(Path file) {
    return OnnxTensors.open(file);
  }
}
