package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/** Crops a window of {@code h x w} at {@code top}, {@code left}. */
public record Crop2d(int top, int left, int h, int w) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Slice(3, left, left + w), g.op(new Op.Slice(2, top, top + h), x));
  }
}
