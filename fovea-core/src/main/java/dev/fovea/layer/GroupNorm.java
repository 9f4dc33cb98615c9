package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;

/**
 * Each image's channels in groups, each group less its mean and over its std; then a gain and a bias by channel. Wu and He 2018
 * (arXiv 1803.08494). One group is layer normalisation over the whole image, as many as channels {@link #instance}.
 *
 * @param groups so many; 0: one for each channel
 * @param affine whether gain and bias are learnt
 */
public record GroupNorm(int groups, double epsilon, boolean affine) implements Layer {
  public static GroupNorm of(int groups) {
    return new GroupNorm(groups, 1e-5, true);
  }

  /** Each channel of each image by itself: Ulyanov et al. 2016 (arXiv 1607.08022). As in PyTorch without gain and bias. */
  public static GroupNorm instance() {
    return new GroupNorm(0, 1e-5, false);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    int channels = g.shape(x).dim(1);
    Value y = g.op(new Op.RowNormalization(1, groups == 0 ? channels : groups, (float) epsilon), x);
    if (!affine) {
      return y;
    }
    Shape perChannel = g.shape(x).perChannel();
    Value scaled = g.mul(y, g.param("weight", perChannel, new Init.Constant(1)));
    return g.add(scaled, g.param("bias", perChannel, new Init.Constant(0)));
  }
}
