package dev.fovea.formats.onnx.read;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.tensor.Shape;
import java.util.HashMap;
import java.util.Map;

/**
 * What a file leaves open.
 *
 * @param shapes the shapes of inputs by name; others are what the file declares
 * @param values elements of inputs that the network needs as constants, such as the sizes for a Reshape
 */
public record ReadOptions(Map<String, Shape> shapes, Map<String, Array> values) {
  public ReadOptions {
    shapes = Map.copyOf(shapes);
    values = Map.copyOf(values);
  }

  /** The shapes that the file declares, and no elements. */
  public static ReadOptions none() {
    return new ReadOptions(Map.of(), Map.of());
  }

  public ReadOptions shape(String input, Shape shape) {
    Map<String, Shape> all = new HashMap<>(shapes);
    all.put(input, shape);
    return new ReadOptions(all, values);
  }

  public ReadOptions value(String input, Array value) {
    Map<String, Array> all = new HashMap<>(values);
    all.put(input, value);
    return new ReadOptions(shapes, all);
  }
}
