package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;

/**
 * An auxiliary classifier: a branch whose own loss is added in training with a weight, and which inference removes. The layer
 * returns its input. Szegedy et al. 2014, section 5; Lee et al. 2014 (arXiv 1409.5185).
 */
public record Head(String name, double weight, Layer layer) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    g.head(name, layer.named(name).apply(g, x), (float) weight);
    return x;
  }
}
