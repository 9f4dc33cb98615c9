package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/** Means over windows that cover an image of any size: the output is always {@code h x w}. Windows as in PyTorch. */
public record AdaptiveAvgPool2d(int h, int w) implements Layer {
  public static AdaptiveAvgPool2d of(int h, int w) {
    return new AdaptiveAvgPool2d(h, w);
  }

  /** One value per channel: Lin et al. 2014 (arXiv 1312.4400, section 3.2). */
  public static AdaptiveAvgPool2d global() {
    return of(1, 1);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.AdaptiveAveragePool(h, w), x);
  }
}
