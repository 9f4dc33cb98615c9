package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/** Zero padding around the image. */
public record ZeroPad2d(int top, int left, int bottom, int right) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Pad(3, left, right), g.op(new Op.Pad(2, top, bottom), x));
  }
}
