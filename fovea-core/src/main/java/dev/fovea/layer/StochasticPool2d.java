package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;

/**
 * In training one element of each window, drawn with probability proportional to its value; in inference the mean under these
 * probabilities. Zeiler and Fergus 2013 (arXiv 1301.3557). The inputs must not be negative: use it after a ReLU.
 */
public record StochasticPool2d(Window window) implements Layer {
  /** Non-overlapping windows: the stride is the kernel size. */
  public static StochasticPool2d of(int kernelSize) {
    return new StochasticPool2d(Window.of(kernelSize).stride(kernelSize));
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.MaxPick(window), g.op(new Op.ExponentialRace(g.qualified("lots")), x), x);
  }
}
