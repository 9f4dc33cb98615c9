package dev.fovea.graph;

import dev.fovea.tensor.Shape;
import java.util.List;

/**
 * One operation of a graph.
 *
 * @param shape the shape of its single output
 * @param path the layer that it belongs to, such as {@code features.0}; empty outside of any layer
 */
public record Node(Op op, List<Value> inputs, Shape shape, String path) {
  public Node {
    inputs = List.copyOf(inputs);
  }

  /** Its location for messages: its layer or, outside of any layer, its operator's name. */
  public String where() {
    return path.isEmpty() ? op.type() : path;
  }
}
