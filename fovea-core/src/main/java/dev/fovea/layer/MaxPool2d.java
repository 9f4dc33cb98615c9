package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;

/** The maximum of each window; padding counts as minus infinity. */
public record MaxPool2d(Window window) implements Layer {

  /** Non-overlapping windows: the stride is the kernel size. */
  public static MaxPool2d of(int kernelSize) {
    return new MaxPool2d(Window.of(kernelSize).stride(kernelSize));
  }

  public MaxPool2d stride(int stride) {
    return new MaxPool2d(window.stride(stride));
  }

  public MaxPool2d padding(int padding) {
    return new MaxPool2d(window.padding(padding));
  }

  /** Rounds the output's size up instead of down, as Caffe's pooling does. */
  public MaxPool2d ceil(boolean ceil) {
    return new MaxPool2d(window.ceil(ceil));
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.MaxPool(window), x);
  }
}
