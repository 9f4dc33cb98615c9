package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;

/** A part of a network: hyperparameters and one method that builds graph nodes. It never holds a tensor, a device or a layout. */
@FunctionalInterface
public interface Layer {
  /** Appends this layer to the graph with input {@code x} and returns its output. */
  Value apply(GraphBuilder g, Value x);

  /** This layer under a name, which its parameters get as a prefix: {@code conv1.weight}. */
  default Layer named(String name) {
    return new Named(name, this);
  }
}
