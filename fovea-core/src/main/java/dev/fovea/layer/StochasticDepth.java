package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/** {@link Dropout} of whole images: in a residual branch it skips the branch. Huang et al. 2016 (arXiv 1603.09382). */
public record StochasticDepth(double rate) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Dropout(g.qualified("dropout"), (float) rate, Op.Unit.IMAGE), x);
  }
}
