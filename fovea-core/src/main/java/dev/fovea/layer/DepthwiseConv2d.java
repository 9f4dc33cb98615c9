package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;

/** A separate convolution of each channel, with {@code multiplier} outputs per channel: groups equal the channels. */
public record DepthwiseConv2d(int multiplier, Window window, boolean bias) implements Layer {
  public static DepthwiseConv2d of(int kernelSize) {
    return new DepthwiseConv2d(1, Window.of(kernelSize), true);
  }

  public DepthwiseConv2d stride(int stride) {
    return new DepthwiseConv2d(multiplier, window.stride(stride), bias);
  }

  public DepthwiseConv2d padding(int padding) {
    return new DepthwiseConv2d(multiplier, window.padding(padding), bias);
  }

  public DepthwiseConv2d bias(boolean bias) {
    return new DepthwiseConv2d(multiplier, window, bias);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    int channels = g.shape(x).dim(1);
    long outputs = (long) channels * multiplier;
    if (outputs > Integer.MAX_VALUE) {
      throw new FoveaException(g.qualified("DepthwiseConv2d") + " expects at most " + Integer.MAX_VALUE / channels
          + " outputs for each of " + channels + " channels, got " + multiplier);
    }
    return new Conv2d((int) outputs, window, channels, bias, WeightInit.TORCH).apply(g, x);
  }
}
