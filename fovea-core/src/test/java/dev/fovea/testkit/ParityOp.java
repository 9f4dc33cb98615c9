package dev.fovea.testkit;

import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A case of {@code ops.json}: an operator of another implementation, its inputs, its result and the gradients of its inputs.
 *
 * @param op the name of the operator there, such as {@code conv2d}
 * @param moved the new values of inputs that it changes in place
 */
public record ParityOp(
    String name,
    String op,
    JsonNode attributes,
    List<In> inputs,
    Expected output,
    Map<String, Expected> gradients,
    Map<String, Expected> moved) {

  /** An input, whose values are a function of its name and kind. */
  public record In(String name, Shape shape, String kind) {
    public double[] values() {
      return ParityRule.values(kind, name, shape);
    }
  }

  /** Every case of the file. */
  public static List<ParityOp> all() {
    List<ParityOp> all = new ArrayList<>();
    for (JsonNode json : ParityFiles.read("ops.json").path("cases")) {
      all.add(of(json));
    }
    return List.copyOf(all);
  }

  private static ParityOp of(JsonNode json) {
    List<In> inputs = new ArrayList<>();
    for (JsonNode input : json.path("inputs")) {
      inputs.add(new In(input.get(0).asString(), ParityFiles.shape(input.get(1)), input.get(2).asString()));
    }
    return new ParityOp(
        json.path("name").asString(),
        json.path("op").asString(),
        json.path("attributes"),
        List.copyOf(inputs),
        Expected.of(json.path("output")),
        expected(json.path("gradients")),
        expected(json.path("moved")));
  }

  private static Map<String, Expected> expected(JsonNode json) {
    Map<String, Expected> expected = new LinkedHashMap<>();
    json.properties().forEach(e -> expected.put(e.getKey(), Expected.of(e.getValue())));
    return expected;
  }

  /** The values of its inputs and of the output's upstream gradient. */
  public Map<String, double[]> values() {
    Map<String, double[]> values = new LinkedHashMap<>();
    inputs.forEach(in -> values.put(in.name(), in.values()));
    values.put(OpCase.UPSTREAM, ParityRule.values("signed", OpCase.UPSTREAM, output.shape()));
    return values;
  }

  boolean has(String input) {
    return inputs.stream().anyMatch(in -> in.name().equals(input));
  }

  Shape shape(String input) {
    return inputs.stream().filter(in -> in.name().equals(input)).findFirst().orElseThrow().shape();
  }

  double number(String attribute, double otherwise) {
    return attributes.path(attribute).asDouble(otherwise);
  }

  boolean flag(String attribute, boolean otherwise) {
    return attributes.path(attribute).asBoolean(otherwise);
  }

  String text(String attribute, String otherwise) {
    return attributes.path(attribute).asString(otherwise);
  }

  /** An attribute that is a list of integers. */
  int[] list(String attribute, int... otherwise) {
    JsonNode array = attributes.path(attribute);
    return array.isMissingNode() ? otherwise : ParityFiles.ints(array);
  }

  @Override
  public String toString() {
    return name;
  }
}
