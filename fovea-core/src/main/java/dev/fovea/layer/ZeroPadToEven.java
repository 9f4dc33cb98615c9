package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/**
 * Odd heights and widths get a row or a column of zeros, so that pooling by 2 loses nothing; the zeros take part in the windows.
 * What tutorials tell to do.
 */
public record ZeroPadToEven() implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.PadToMultiple(2), x);
  }
}
