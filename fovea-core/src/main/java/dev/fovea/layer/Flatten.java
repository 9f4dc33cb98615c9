package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/** Maps {@code [N, C, H, W]} to rows {@code [N, C * H * W]}. */
public record Flatten() implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Flatten(), x);
  }
}
