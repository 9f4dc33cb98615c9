package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/** x, or {@code slope * x} below zero. Maas et al. 2013. */
public record LeakyRelu(double slope) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.LeakyRelu((float) slope), x);
  }
}
