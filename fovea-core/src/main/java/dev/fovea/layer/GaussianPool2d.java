package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;

/**
 * A weighted mean with the largest weight at the window's centre: a depthwise convolution with a fixed Gaussian, which blurs before
 * it subsamples. Over a 2x2 window all four pixels are equally far from the centre, so it would be the mean; the window is 3 or
 * wider. The kernel is stored with the weights as {@code kernel} and is not trained.
 *
 * @param sigma the Gaussian's std in pixels
 */
public record GaussianPool2d(Window window, double sigma) implements Layer {
  public GaussianPool2d {
    if (window.kernelH() < 3 || window.kernelW() < 3) {
      throw new FoveaException("Gaussian pooling expects a window of 3 or wider, got " + window + ": over 2x2 it is the mean");
    }
    if (!(sigma > 0)) {
      throw new FoveaException("Gaussian pooling expects a sigma above 0, got " + sigma);
    }
  }

  /** Halves the image: stride 2, padded to the output size of a mean over 2x2. */
  public static GaussianPool2d of(int kernelSize, double sigma) {
    return new GaussianPool2d(Window.of(kernelSize).stride(2).padding((kernelSize - 1) / 2), sigma);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    int channels = g.shape(x).dim(1);
    Shape shape = Shape.of(channels, 1, window.kernelH(), window.kernelW());
    return g.op(new Op.Conv(window, channels), x, g.frozen("kernel", shape, new Init.GaussianKernel((float) sigma)));
  }
}
