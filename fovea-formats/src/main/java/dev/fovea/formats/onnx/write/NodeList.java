package dev.fovea.formats.onnx.write;

import dev.fovea.formats.onnx.proto.OnnxAttribute;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The nodes of an ONNX graph as they are added, one after the other. Values are known by their names. Equal constants are one node,
 * and the shape of a value is asked for once.
 */
final class NodeList {
  /** A constant of int64 or of float, by its elements, so that two can be compared. */
  private record Constant(boolean integer, List<Integer> dims, List<? extends Number> values) {}

  private final int opset;
  private final boolean anySize;
  private final Map<Constant, String> constants = new LinkedHashMap<>();
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final Map<String, String> shapes = new HashMap<>();
  private final Set<String> taken;
  private final Map<String, Integer> counts = new HashMap<>();
  private final Map<String, String> renamed = new HashMap<>();
  private final Set<String> outputs = new HashSet<>();
  private String path = "";

  /** {@code taken} are the names of inputs, parameters and outputs. */
  NodeList(OnnxOptions options, Set<String> taken) {
    this.opset = options.opset();
    this.anySize = options.anySize();
    this.taken = new HashSet<>(taken);
  }

  int opset() {
    return opset;
  }

  /** Whether heights and widths are to stay open. */
  boolean anySize() {
    return anySize;
  }

  /** Nodes that follow belong to the layer of that path. */
  void at(String layer) {
    path = layer;
  }

  /** A node that is being described; its attributes come before {@link #value}. */
  final class Call {
    private final String type;
    private final List<String> inputs;
    private final Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();

    private Call(String type, List<String> inputs) {
      this.type = type;
      this.inputs = inputs;
    }

    Call integer(String name, long value) {
      attributes.put(name, new OnnxAttribute.IntValue(value));
      return this;
    }

    Call number(String name, float value) {
      attributes.put(name, new OnnxAttribute.FloatValue(value));
      return this;
    }

    Call text(String name, String value) {
      attributes.put(name, new OnnxAttribute.StringValue(value));
      return this;
    }

    Call integers(String name, long... values) {
      attributes.put(name, new OnnxAttribute.IntList(Arrays.stream(values).boxed().toList()));
      return this;
    }

    Call integers(String name, List<Integer> values) {
      return integers(name, values.stream().mapToLong(Integer::longValue).toArray());
    }

    Call tensor(String name, OnnxTensor value) {
      attributes.put(name, new OnnxAttribute.TensorValue(value));
      return this;
    }

    /** Adds the node and returns the name of its result. */
    String value() {
      return values(1).getFirst();
    }

    /** Adds the node and returns the names of its {@code count} results. */
    List<String> values(int count) {
      String name = unique(path.isEmpty() ? type : path + "/" + type);
      List<String> outputs = new ArrayList<>(List.of(name));
      for (int i = 1; i < count; i++) {
        outputs.add(unique(name + "." + i));
      }
      nodes.add(new OnnxNode(name, type, inputs, outputs, attributes));
      return outputs;
    }
  }

  private String unique(String name) {
    String candidate = name;
    while (!taken.add(candidate)) {
      candidate = name + "_" + counts.merge(name, 1, Integer::sum);
    }
    return candidate;
  }

  /** A node to describe; an empty name is an optional input that is left out. */
  Call call(String type, String... inputs) {
    return new Call(type, List.of(inputs));
  }

  Call call(String type, List<String> inputs) {
    return new Call(type, List.copyOf(inputs));
  }

  /** Adds a node without attributes. */
  String add(String type, String... inputs) {
    return call(type, inputs).value();
  }

  /** A vector of int64. */
  String integers(long... values) {
    return constant(true, List.of(values.length), Arrays.stream(values).boxed().toList());
  }

  /** A scalar of int64. */
  String integer(long value) {
    return constant(true, List.of(), List.of(value));
  }

  /** A scalar. */
  String number(double value) {
    return constant(false, List.of(), List.of((float) value));
  }

  /** A tensor whose elements are all equal. */
  String filled(Shape shape, float value) {
    Float[] values = new Float[shape.size()];
    Arrays.fill(values, value);
    return constant(false, shape.dims(), List.of(values));
  }

  /** A tensor of floats. */
  String numbers(Shape shape, List<Float> values) {
    return constant(false, shape.dims(), values);
  }

  private String constant(boolean integer, List<Integer> dims, List<? extends Number> values) {
    return constants.computeIfAbsent(new Constant(integer, dims, values), _ -> unique("constant_" + constants.size()));
  }

  /** The value's shape, a vector of int64. */
  String shape(String x) {
    return shapes.computeIfAbsent(x, _ -> add("Shape", x));
  }

  /** The sizes of the value's axes from {@code from} up to, not including, {@code to}. */
  String sizes(String x, int from, int to) {
    return add("Slice", shape(x), integers(from), integers(to));
  }

  /** The size of one axis, a scalar. */
  String size(String x, int axis) {
    return call("Gather", shape(x), integer(axis)).value();
  }

  String concat(String... vectors) {
    return call("Concat", vectors).integer("axis", 0).value();
  }

  String toFloat(String x) {
    return call("Cast", x).integer("to", 1).value();
  }

  String toInteger(String x) {
    return call("Cast", x).integer("to", 7).value();
  }

  String toBoolean(String x) {
    return call("Cast", x).integer("to", 9).value();
  }

  /** Declares a value as an output of the graph: the node that gives it gets that name for its result, others an Identity. */
  void output(String name, String value) {
    boolean isResult = !outputs.contains(value) && nodes.stream().anyMatch(node -> node.outputs().contains(value));
    if (isResult && !renamed.containsKey(value)) {
      nodes.replaceAll(node -> renamed(node, value, name));
      renamed.put(value, name);
    } else {
      nodes.add(new OnnxNode(unique(name + "/Identity"), "Identity", List.of(renamed.getOrDefault(value, value)), List.of(name),
          Map.of()));
    }
    outputs.add(name);
  }

  private static OnnxNode renamed(OnnxNode node, String from, String to) {
    return new OnnxNode(node.name(), node.type(), renamed(node.inputs(), from, to), renamed(node.outputs(), from, to),
        node.attributes());
  }

  private static List<String> renamed(List<String> names, String from, String to) {
    return names.stream().map(name -> name.equals(from) ? to : name).toList();
  }

  /** All nodes, those of constants first. */
  List<OnnxNode> nodes() {
    List<OnnxNode> all = new ArrayList<>();
    constants.forEach((constant, name) -> all.add(new OnnxNode(name, "Constant", List.of(), List.of(name), Map.of("value",
        new OnnxAttribute.TensorValue(tensor(constant))))));
    all.addAll(nodes);
    return all;
  }

  private static OnnxTensor tensor(Constant constant) {
    if (constant.integer) {
      return OnnxTensor.longs("", constant.dims, constant.values.stream().mapToLong(Number::longValue).toArray());
    }
    float[] values = new float[constant.values.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = constant.values.get(i).floatValue();
    }
    return OnnxTensor.floats("", new Shape(constant.dims), values, 0);
  }

  /** Whether the two lists are the same, constants included: then neither has a size of its graph built in. */
  boolean isSame(NodeList other) {
    return nodes.equals(other.nodes) && List.copyOf(constants.entrySet()).equals(List.copyOf(other.constants.entrySet()));
  }
}
