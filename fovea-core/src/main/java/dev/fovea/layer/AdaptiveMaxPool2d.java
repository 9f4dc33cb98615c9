package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/** Maxima over windows that cover an image of any size: the output is always {@code h x w}. Windows as in PyTorch. */
public record AdaptiveMaxPool2d(int h, int w) implements Layer {
  public static AdaptiveMaxPool2d of(int h, int w) {
    return new AdaptiveMaxPool2d(h, w);
  }

  public static AdaptiveMaxPool2d global() {
    return of(1, 1);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.AdaptiveMaxPool(h, w), x);
  }
}
