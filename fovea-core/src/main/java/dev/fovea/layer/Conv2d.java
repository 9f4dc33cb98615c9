package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;

/**
 * Convolution (cross-correlation, as in all frameworks). It maps an input {@code [N, D, H, W]} to
 * {@code [N, K, Ho, Wo]} with K filters of F x F x D weights and a bias each; {@code Ho = (H - F + 2P) / S + 1}. The input channels
 * D are inferred. LeCun et al. 1998, section II.A.
 *
 * @param outChannels K, the number of filters
 * @param window F, S, P and the dilation
 * @param groups the number of independent convolutions that the channels are split into (Krizhevsky et al. 2012, section 3.2)
 */
public record Conv2d(int outChannels, Window window, int groups, boolean bias, WeightInit init) implements Layer {

  public static Conv2d of(int outChannels, int kernelSize) {
    return new Conv2d(outChannels, Window.of(kernelSize), 1, true, WeightInit.TORCH);
  }

  public Conv2d stride(int stride) {
    return new Conv2d(outChannels, window.stride(stride), groups, bias, init);
  }

  public Conv2d padding(int padding) {
    return new Conv2d(outChannels, window.padding(padding), groups, bias, init);
  }

  public Conv2d padding(int top, int left, int bottom, int right) {
    return new Conv2d(outChannels, window.padding(top, left, bottom, right), groups, bias, init);
  }

  /** Padding that keeps the image size at stride 1; the larger half of an odd amount is at the bottom and the right. */
  public Conv2d same() {
    int rows = window.extentH() - 1;
    int columns = window.extentW() - 1;
    return padding(rows / 2, columns / 2, rows - rows / 2, columns - columns / 2);
  }

  /** No padding, which is the default. */
  public Conv2d valid() {
    return padding(0);
  }

  public Conv2d dilation(int dilation) {
    return new Conv2d(outChannels, window.dilation(dilation), groups, bias, init);
  }

  public Conv2d groups(int groups) {
    return new Conv2d(outChannels, window, groups, bias, init);
  }

  public Conv2d bias(boolean bias) {
    return new Conv2d(outChannels, window, groups, bias, init);
  }

  public Conv2d init(WeightInit init) {
    return new Conv2d(outChannels, window, groups, bias, init);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Shape shape = g.shape(x);
    if (shape.rank() != 4) {
      throw new FoveaException(g.qualified("Conv2d") + " expects images of N x C x H x W, got " + shape);
    }
    int channels = shape.dim(1);
    if (groups < 1 || channels % groups != 0 || outChannels % groups != 0) {
      throw new FoveaException(
          g.qualified("Conv2d") + " expects groups that divide " + channels + " input and " + outChannels
              + " output channels, got " + groups);
    }
    Shape weight = Shape.of(outChannels, channels / groups, window.kernelH(), window.kernelW());
    int fanIn = weight.sizeFrom(1);
    Value w = g.param("weight", weight, init.weight(fanIn, outChannels / groups * weight.sizeFrom(2)));
    Op conv = new Op.Conv(window, groups);
    return bias ? g.op(conv, x, w, g.param("bias", Shape.of(outChannels), init.bias(fanIn))) : g.op(conv, x, w);
  }
}
