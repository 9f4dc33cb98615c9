package dev.fovea.formats.onnx.read;

import dev.fovea.format.Quote;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxAttribute;
import dev.fovea.formats.onnx.proto.OnnxAttribute.FloatList;
import dev.fovea.formats.onnx.proto.OnnxAttribute.FloatValue;
import dev.fovea.formats.onnx.proto.OnnxAttribute.GraphValue;
import dev.fovea.formats.onnx.proto.OnnxAttribute.IntList;
import dev.fovea.formats.onnx.proto.OnnxAttribute.IntValue;
import dev.fovea.formats.onnx.proto.OnnxAttribute.Reference;
import dev.fovea.formats.onnx.proto.OnnxAttribute.TensorValue;
import dev.fovea.formats.onnx.proto.OnnxFunction;
import dev.fovea.formats.onnx.proto.OnnxGraph;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What attributes hold beyond numbers: constants, graphs, and references to a function's attributes. */
final class Attributes {
  private Attributes() {}

  /** The node with references to the attributes of the function around it replaced by their values. */
  static OnnxNode bound(OnnxNode node, Map<String, OnnxAttribute> values) {
    if (node.attributes().values().stream().noneMatch(Reference.class::isInstance)) {
      return node;
    }
    Map<String, OnnxAttribute> bound = new LinkedHashMap<>();
    node.attributes().forEach((name, attribute) -> {
      OnnxAttribute value = attribute instanceof Reference(String parameter) ? values.get(parameter) : attribute;
      if (value != null) {
        bound.put(name, value);
      }
    });
    return new OnnxNode(node.name(), node.domain(), node.type(), node.overload(), node.inputs(), node.outputs(), bound);
  }

  /** The values of a function's attributes where that node calls it. */
  static Map<String, OnnxAttribute> ofCall(OnnxFunction function, OnnxNode node) {
    Map<String, OnnxAttribute> values = new HashMap<>(function.defaults());
    values.putAll(node.attributes());
    return values;
  }

  static OnnxGraph graph(OnnxNode node, String name) {
    if (node.attributes().get(name) instanceof GraphValue(OnnxGraph graph)) {
      return graph;
    }
    throw new Refusal("expects a graph as attribute " + name);
  }

  /** The array of a Constant. */
  static Array constant(OnnxNode node) {
    for (Map.Entry<String, OnnxAttribute> attribute : node.attributes().entrySet()) {
      Array found = switch (attribute.getKey()) {
        case "value" -> attribute.getValue() instanceof TensorValue(var tensor) ? Array.of(tensor) : null;
        case "value_int" ->
            attribute.getValue() instanceof IntValue(long value) ? Array.integers(OnnxType.INT64, new int[0], value) : null;
        case "value_float" ->
            attribute.getValue() instanceof FloatValue(float value) ? Array.reals(OnnxType.FLOAT, new int[0], value) : null;
        case "value_ints" -> attribute.getValue() instanceof IntList(List<Long> values)
            ? Array.vector(values.stream().mapToLong(Long::longValue).toArray())
            : null;
        case "value_floats" -> attribute.getValue() instanceof FloatList(List<Float> values)
            ? Array.reals(OnnxType.FLOAT, new int[] {values.size()}, values.stream().mapToDouble(Float::doubleValue).toArray())
            : null;
        default -> null;
      };
      if (found != null) {
        return found.name().isEmpty() ? found.named(node.outputs().getFirst()) : found;
      }
    }
    throw new Refusal("expects an attribute value with numbers, got "
        + (node.attributes().isEmpty() ? "none" : node.attributes().keySet().stream().map(Quote::quote).limit(3).toList()));
  }
}
