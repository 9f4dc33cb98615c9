package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/**
 * In training it zeroes each element with probability {@code rate} and scales the others up to keep the mean; in inference it is
 * the identity. Srivastava et al. 2014.
 */
public record Dropout(double rate) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Dropout(g.qualified("dropout"), (float) rate), x);
  }
}
