package dev.fovea.graph;

import dev.fovea.tensor.Shape;
import java.util.List;

/**
 * One step of a graph.
 *
 * @param shape the shape of its one result
 * @param path the layer that wrote it, {@code features.0}; empty outside of any layer
 */
public record Node(Op op, List<Value> inputs, Shape shape, String path) {
  public Node {
    inputs = List.copyOf(inputs);
  }

  /** Where it is, for messages: its layer or, outside of any, its operator's name. */
  public String where() {
    return path.isEmpty() ? op.type() : path;
  }
}
