package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;

/** A piece of a network: hyperparameters and one method that writes graph. It never holds a tensor, a device or a layout. */
@FunctionalInterface
public interface Layer {
  /** Writes this layer behind {@code x} and returns what comes out. */
  Value apply(GraphBuilder g, Value x);

  /** This layer under a name, which its parameters get as a prefix: {@code conv1.weight}. */
  default Layer named(String name) {
    return new Named(name, this);
  }
}
