package dev.fovea.formats.fuzz;

import dev.fovea.formats.onnx.proto.OnnxAttribute;
import dev.fovea.formats.onnx.proto.OnnxFile;
import dev.fovea.formats.onnx.proto.OnnxGraph;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.formats.onnx.proto.OnnxValue;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The networks of one node each that {@code nodes.txt} lists; inputs are called x0, constants c1 and outputs y0. */
final class OnnxNodes {
  private static final String OPSET = "17";

  private final List<OnnxValue> inputs = new ArrayList<>();
  private final List<OnnxTensor> constants = new ArrayList<>();
  private final List<String> operands = new ArrayList<>();

  private OnnxNodes() {}

  /** All files, in the order of the list. */
  static List<byte[]> all() {
    try {
      Path file = Files.createTempFile("nodes", ".onnx");
      List<byte[]> files = new ArrayList<>();
      for (String line : Files.readAllLines(Seeds.KEPT.resolve("nodes.txt"))) {
        if (!line.startsWith("#")) {
          OnnxFile.write(new OnnxNodes().model(line), file);
          files.add(Files.readAllBytes(file));
        }
      }
      Files.delete(file);
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private OnnxModel model(String line) {
    String[] parts = line.split(" \\| ", 2);
    String[] words = parts[0].split(" ", -1);
    String[] operator = words[0].contains("@") ? words[0].split("@", 2) : new String[] {OPSET, words[0]};
    int outputs = 1;
    for (String word : Arrays.asList(words).subList(1, words.length)) {
      if (word.startsWith(">")) {
        outputs = Integer.parseInt(word.substring(1));
      } else {
        operands.add(operand(word));
      }
    }
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();
    for (String attribute : parts.length > 1 ? parts[1].split(" ", -1) : new String[0]) {
      int equals = attribute.indexOf('=');
      attributes.put(attribute.substring(0, equals), attribute(attribute.substring(equals + 1)));
    }
    List<String> names = IntStream.range(0, outputs).mapToObj(i -> "y" + i).toList();
    OnnxNode node = new OnnxNode("n", operator[1], operands, names, attributes);
    List<OnnxValue> results = names.stream().map(name -> new OnnxValue(name, OnnxType.FLOAT, List.of())).toList();
    OnnxGraph graph = new OnnxGraph("g", List.of(node), constants, inputs, results, List.of());
    return new OnnxModel(8, "fuzz 1", Map.of("", Long.parseLong(operator[0])), graph, List.of(), Map.of());
  }

  private String operand(String word) {
    String rest = word.substring(1);
    String name = (word.startsWith("x") ? "x" : "c") + operands.size();
    switch (word.charAt(0)) {
      case 'x' -> inputs.add(new OnnxValue(name, OnnxType.FLOAT,
          dims(rest).stream().<OnnxValue.Dim>map(OnnxValue.Dim.Size::new).toList()));
      case 'w' -> {
        Shape shape = new Shape(dims(rest).stream().map(Math::toIntExact).toList());
        float[] values = new float[shape.size()];
        IntStream.range(0, values.length).forEach(i -> values[i] = 0.5f + i % 3);
        constants.add(OnnxTensor.floats(name, shape, values, 0));
      }
      case 'i' -> {
        long[] values = Arrays.stream(rest.substring(1).split(",", -1)).mapToLong(Long::parseLong).toArray();
        constants.add(OnnxTensor.longs(name, rest.startsWith("=") ? List.of(values.length) : List.of(), values));
      }
      case 'f' -> {
        String[] given = rest.substring(1).split(",", -1);
        float[] values = new float[given.length];
        IntStream.range(0, values.length).forEach(i -> values[i] = Float.parseFloat(given[i]));
        constants.add(OnnxTensor.floats(name, rest.startsWith("=") ? Shape.of(values.length) : Shape.of(), values, 0));
      }
      default -> {
        return "";
      }
    }
    return name;
  }

  private static List<Long> dims(String text) {
    return Arrays.stream(text.split("x", -1)).filter(dim -> !dim.isEmpty()).map(Long::valueOf).toList();
  }

  private static OnnxAttribute attribute(String text) {
    if (text.matches("[A-Za-z].*")) {
      return new OnnxAttribute.StringValue(text);
    }
    List<String> items = Arrays.stream(text.split(",", -1)).filter(item -> !item.isEmpty()).toList();
    List<Float> floats = items.stream().map(Float::valueOf).toList();
    if (text.contains(".")) {
      return text.contains(",") ? new OnnxAttribute.FloatList(floats) : new OnnxAttribute.FloatValue(floats.getFirst());
    }
    List<Long> integers = items.stream().map(Long::valueOf).toList();
    return text.contains(",") ? new OnnxAttribute.IntList(integers) : new OnnxAttribute.IntValue(integers.getFirst());
  }
}
