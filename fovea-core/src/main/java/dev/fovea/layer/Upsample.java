package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Interpolation;
import dev.fovea.graph.Value;

/** Resizes the image by {@code scale} in height and width. */
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
