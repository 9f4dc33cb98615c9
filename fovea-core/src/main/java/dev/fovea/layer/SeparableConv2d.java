package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;

/** A depthwise convolution followed by a 1x1 convolution: Sifre 2014; Chollet 2017 (arXiv 1610.02357). */
public record SeparableConv2d(int outChannels, Window window) implements Layer {
  public static SeparableConv2d of(int outChannels, int kernelSize) {
    return new SeparableConv2d(outChannels, Window.of(kernelSize));
  }

  public SeparableConv2d stride(int stride) {
    return new SeparableConv2d(outChannels, window.stride(stride));
  }

  public SeparableConv2d padding(int padding) {
    return new SeparableConv2d(outChannels, window.padding(padding));
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return Sequential.of(
        new DepthwiseConv2d(1, window, false).named("depthwise"), Conv2d.of(outChannels, 1).named("pointwise"))
        .apply(g, x);
  }
}
