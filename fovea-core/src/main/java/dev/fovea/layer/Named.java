package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;

/** A layer with an explicit name; see {@link Layer#named}. */
public record Named(String name, Layer layer) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.scope(name, () -> layer.apply(g, x));
  }
}
