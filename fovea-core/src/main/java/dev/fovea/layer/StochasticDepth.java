package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/** {@link Dropout} of a whole image's numbers: in a residual branch the layer is skipped. Huang et al. 2016 (arXiv 1603.09382). */
public record StochasticDepth(double rate) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Dropout(g.qualified("dropout"), (float) rate, Op.Unit.IMAGE), x);
  }
}
