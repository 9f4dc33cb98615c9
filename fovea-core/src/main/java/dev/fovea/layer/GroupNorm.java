package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;

/**
 * Group normalisation: each image's groups of channels are normalised by their mean and std, followed by a gain and a bias per
 * channel. Wu and He 2018 (arXiv 1803.08494). One group is layer normalisation over the whole image, one group per channel is
 * {@link #instance}.
 *
 * @param groups the number of groups; 0: one for each channel
 * @param affine whether gain and bias are learned
 */
public record GroupNorm(int groups, double epsilon, boolean affine) implements Layer {
  public static GroupNorm of(int groups) {
    return new GroupNorm(groups, 1e-5, true);
  }

  /**
   * Instance normalisation, each channel of each image separately: Ulyanov et al. 2016 (arXiv 1607.08022). Without gain and bias,
   * as in PyTorch.
   */
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
