package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/** The largest of windows that cover the image, whatever its size: always {@code h x w} come out. PyTorch's windows. */
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
