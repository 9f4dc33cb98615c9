package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Interpolation;
import dev.fovea.graph.Value;

/** An image {@code scale} times as high and as wide. */
public record Upsample(Interpolation interpolation, int scale) implements Layer {
  public static Upsample nearest(int scale) {
    return new Upsample(Interpolation.NEAREST, scale);
  }

  /** PyTorch's default, corners not aligned. */
  public static Upsample bilinear(int scale) {
    return new Upsample(Interpolation.BILINEAR, scale);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Resize(interpolation, scale), x);
  }
}
