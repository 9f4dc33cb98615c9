package dev.fovea.formats.onnx.proto;

import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node ({@code NodeProto}).
 *
 * @param name may be empty
 * @param domain the operator's domain; ONNX's own is the empty string, also where the file calls it {@code ai.onnx}
 * @param type the operator, {@code Conv}
 * @param overload tells functions of the same domain and name apart; usually empty
 * @param inputs names of values; an empty name is an optional input that is left out
 * @param attributes by name, in the file's order
 */
public record OnnxNode(String name, String domain, String type, String overload, List<String> inputs, List<String> outputs,
    Map<String, OnnxAttribute> attributes) {
  public OnnxNode {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = attributes.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  /** A node of ONNX's own domain. */
  public OnnxNode(String name, String type, List<String> inputs, List<String> outputs, Map<String, OnnxAttribute> attributes) {
    this(name, "", type, "", inputs, outputs, attributes);
  }

  /** The node for messages: {@code node 'conv1' (Conv)}; without a name its first output is given. */
  public String where() {
    String operator = domain.isEmpty() ? type : domain + "." + type;
    String called = !name.isEmpty() ? " " + Quote.quote(name) : outputs.isEmpty() ? "" : " of " + Quote.quote(outputs.getFirst());
    String quoted = Quote.quote(operator);
    return "node" + called + " (" + quoted.substring(1, quoted.length() - 1) + ")";
  }

  public boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  /** An integer attribute. */
  public long integer(String attribute, long otherwise) {
    return switch (attributes.get(attribute)) {
      case null -> otherwise;
      case OnnxAttribute.IntValue(long value) -> value;
      case OnnxAttribute other -> throw wrong(attribute, "an integer", other);
    };
  }

  /** A float attribute. */
  public float number(String attribute, float otherwise) {
    return switch (attributes.get(attribute)) {
      case null -> otherwise;
      case OnnxAttribute.FloatValue(float value) -> value;
      case OnnxAttribute other -> throw wrong(attribute, "a float", other);
    };
  }

  /** A string attribute. */
  public String text(String attribute, String otherwise) {
    return switch (attributes.get(attribute)) {
      case null -> otherwise;
      case OnnxAttribute.StringValue(String value) -> value;
      case OnnxAttribute other -> throw wrong(attribute, "a string", other);
    };
  }

  /** A list of integers; empty if the node does not have it. */
  public Optional<List<Long>> integers(String attribute) {
    return switch (attributes.get(attribute)) {
      case null -> Optional.empty();
      case OnnxAttribute.IntList(List<Long> values) -> Optional.of(values);
      case OnnxAttribute other -> throw wrong(attribute, "a list of integers", other);
    };
  }

  /** A list of floats; empty if the node does not have it. */
  public Optional<List<Float>> numbers(String attribute) {
    return switch (attributes.get(attribute)) {
      case null -> Optional.empty();
      case OnnxAttribute.FloatList(List<Float> values) -> Optional.of(values);
      case OnnxAttribute other -> throw wrong(attribute, "a list of floats", other);
    };
  }

  /** A list of texts; empty if it is left out. */
  public List<String> texts(String attribute) {
    return switch (attributes.get(attribute)) {
      case null -> List.of();
      case OnnxAttribute.StringList(List<String> values) -> values;
      case OnnxAttribute other -> throw wrong(attribute, "texts", other);
    };
  }

  /** A tensor; empty if the node does not have it. */
  public Optional<OnnxTensor> tensor(String attribute) {
    return switch (attributes.get(attribute)) {
      case null -> Optional.empty();
      case OnnxAttribute.TensorValue(OnnxTensor value) -> Optional.of(value);
      case OnnxAttribute other -> throw wrong(attribute, "a tensor", other);
    };
  }

  private FoveaException wrong(String attribute, String expected, OnnxAttribute got) {
    return new FoveaException(
        where() + ": attribute " + Quote.quote(attribute) + " must be " + expected + ", got " + got.kindText());
  }
}
