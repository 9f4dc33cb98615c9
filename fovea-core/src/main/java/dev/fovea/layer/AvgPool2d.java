package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;

/** The mean of each window (LeCun et al. 1998, section II.B, without its gain and bias). */
public record AvgPool2d(Window window, boolean countPadding) implements Layer {

  /** Non-overlapping windows: the stride is the kernel size. */
  public static AvgPool2d of(int kernelSize) {
    return new AvgPool2d(Window.of(kernelSize).stride(kernelSize), true);
  }

  public AvgPool2d stride(int stride) {
    return new AvgPool2d(window.stride(stride), countPadding);
  }

  public AvgPool2d padding(int padding) {
    return new AvgPool2d(window.padding(padding), countPadding);
  }

  /** Whether the mean includes the padding's zeros; by default it does, as in PyTorch. */
  public AvgPool2d countPadding(boolean countPadding) {
    return new AvgPool2d(window, countPadding);
  }

  /** Rounds the output's size up instead of down, as Caffe's pooling does. */
  public AvgPool2d ceil(boolean ceil) {
    return new AvgPool2d(window.ceil(ceil), countPadding);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.AveragePool(window, countPadding), x);
  }
}
