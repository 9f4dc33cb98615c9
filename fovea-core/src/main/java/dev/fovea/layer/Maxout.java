package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/**
 * The maximum over each group of {@code pieces} consecutive channels, so that the layer before it needs {@code pieces} times the
 * channels.
 * Goodfellow et al. 2013 (arXiv 1302.4389).
 */
public record Maxout(int pieces) implements Layer {
  public static Maxout of(int pieces) {
    return new Maxout(pieces);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Maxout(pieces), x);
  }
}
