package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/**
 * Pads odd heights and widths with a row or a column of zeros, as tutorials do, so that pooling by 2 drops no pixel; the zeros are
 * part of the windows.
 */
public record ZeroPadToEven() implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.PadToMultiple(2), x);
  }
}
