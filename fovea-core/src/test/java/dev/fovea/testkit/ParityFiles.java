package dev.fovea.testkit;

import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the parity files, in the test resources under {@code parity/}. */
public final class ParityFiles {
  private static final JsonMapper MAPPER = new JsonMapper();

  private ParityFiles() {}

  /** The file of that name, such as {@code ops.json} or {@code networks/mlp1.json}. */
  public static JsonNode read(String name) {
    try (InputStream in = ParityFiles.class.getResourceAsStream("/parity/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no parity file " + name);
      }
      return MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The parity file at that path. */
  public static JsonNode read(Path file) {
    return MAPPER.readTree(file);
  }

  /** The values of an array; none if there is no array. */
  public static double[] doubles(JsonNode array) {
    double[] values = new double[array.size()];
    Arrays.setAll(values, i -> array.get(i).asDouble());
    return values;
  }

  public static Shape shape(JsonNode array) {
    return Shape.of(ints(array));
  }

  static int[] ints(JsonNode array) {
    return Arrays.stream(doubles(array)).mapToInt(d -> (int) d).toArray();
  }

  static OptionalDouble number(JsonNode json, String field) {
    return json.has(field) ? OptionalDouble.of(json.path(field).asDouble()) : OptionalDouble.empty();
  }
}
