package dev.fovea.formats.onnx.read;

import dev.fovea.formats.onnx.proto.OnnxAttribute;
import dev.fovea.formats.onnx.proto.OnnxFunction;
import dev.fovea.formats.onnx.proto.OnnxGraph;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.formats.onnx.proto.OnnxValue;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Small ONNX models, node by node. */
final class Nets {
  private final int opset;
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final List<OnnxTensor> tensors = new ArrayList<>();
  private final List<OnnxValue> inputs = new ArrayList<>();
  private final List<OnnxValue> outputs = new ArrayList<>();
  private final List<OnnxFunction> functions = new ArrayList<>();

  Nets(int opset) {
    this.opset = opset;
  }

  /** An input; a text is an axis whose size is open. */
  Nets input(String name, Object... dims) {
    List<OnnxValue.Dim> sizes = Arrays
        .stream(dims).<OnnxValue.Dim>map(
            dim -> dim instanceof Integer size ? new OnnxValue.Dim.Size(size) : new OnnxValue.Dim.Symbol(dim.toString()))
        .toList();
    inputs.add(new OnnxValue(name, OnnxType.FLOAT, sizes));
    return this;
  }

  Nets output(String... names) {
    for (String name : names) {
      outputs.add(new OnnxValue(name, "tensor", OnnxType.FLOAT, Optional.empty()));
    }
    return this;
  }

  /** Random weights. */
  Nets weight(String name, int... dims) {
    Shape shape = Shape.of(dims);
    return floats(name, shape, values(name, shape.size()));
  }

  /** The elements of the weight of that name. */
  static float[] values(String name, int count) {
    float[] values = new float[count];
    Rng random = Rng.of(1).at(name);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.uniform(i, -1, 1);
    }
    return values;
  }

  Nets floats(String name, Shape shape, float... values) {
    tensors.add(OnnxTensor.floats(name, shape, values, 0));
    return this;
  }

  Nets longs(String name, long... values) {
    tensors.add(OnnxTensor.longs(name, values));
    return this;
  }

  /** A node {@code "y = Conv x w"} with attributes in pairs of name and value; the operator as {@code domain.Name:overload}. */
  Nets node(String text, Object... attributes) {
    nodes.add(nodeOf(text, attributes));
    return this;
  }

  static OnnxNode nodeOf(String text, Object... attributes) {
    String[] sides = text.split(" = ", 2);
    List<String> words = List.of(sides[1].split(" ", -1));
    Map<String, OnnxAttribute> all = new LinkedHashMap<>();
    for (int i = 0; i < attributes.length; i += 2) {
      all.put((String) attributes[i], attribute(attributes[i + 1]));
    }
    List<String> operands = words.subList(1, words.size()).stream().map(word -> word.equals("-") ? "" : word).toList();
    String[] operator = words.getFirst().split(":", 2);
    int dot = operator[0].lastIndexOf('.');
    return new OnnxNode("n_" + sides[0].split(",", -1)[0], operator[0].substring(0, Math.max(0, dot)),
        operator[0].substring(dot + 1),
        operator.length == 1 ? "" : operator[1], operands, List.of(sides[0].split(",", -1)), all);
  }

  private static OnnxAttribute attribute(Object value) {
    return switch (value) {
      case Integer number -> new OnnxAttribute.IntValue(number);
      case Float number -> new OnnxAttribute.FloatValue(number);
      case String text -> new OnnxAttribute.StringValue(text);
      case int[] numbers -> new OnnxAttribute.IntList(Arrays.stream(numbers).asLongStream().boxed().toList());
      case OnnxGraph graph -> new OnnxAttribute.GraphValue(graph);
      case OnnxTensor tensor -> new OnnxAttribute.TensorValue(tensor);
      default -> throw new IllegalArgumentException("no attribute: " + value);
    };
  }

  /** A function of ONNX's domain, named {@code Name} or {@code Name:overload}. */
  Nets function(String name, List<String> inputs, List<String> outputs, List<OnnxNode> body) {
    String[] parts = name.split(":", 2);
    functions.add(new OnnxFunction("", parts[0], parts.length == 1 ? "" : parts[1], inputs, outputs, List.of(), Map.of(), body,
        Map.of("", (long) opset)));
    return this;
  }

  OnnxGraph graph() {
    return new OnnxGraph("net", nodes, tensors, inputs, outputs, List.of());
  }

  /** The outputs' elements for these inputs. */
  Map<String, float[]> run(Map<String, float[]> values) {
    Imported net = read();
    return OnnxCase.run(net.graph(), net.parameters(), values);
  }

  /** The elements of the first output for these inputs. */
  float[] result(Map<String, float[]> values) {
    return Objects.requireNonNull(run(values).get(outputs.getFirst().name()));
  }

  Imported read() {
    return read(ReadOptions.none());
  }

  Imported read(ReadOptions options) {
    return OnnxReader.read(new OnnxModel(8, "test", Map.of("", (long) opset), graph(), functions, Map.of()), "net.onnx", options);
  }
}
