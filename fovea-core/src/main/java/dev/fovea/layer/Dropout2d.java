package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/** {@link Dropout} of whole channels: Tompson et al. 2015 (arXiv 1411.4280, section 3.2). */
public record Dropout2d(double rate) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Dropout(g.qualified("dropout"), (float) rate, Op.Unit.CHANNEL), x);
  }
}
