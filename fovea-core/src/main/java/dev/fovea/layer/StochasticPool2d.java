package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;

/**
 * In training one element of each window, drawn with a probability in proportion to its value; in prediction the mean under these
 * probabilities. Zeiler and Fergus 2013 (arXiv 1301.3557). The numbers must not be negative: put it behind a ReLU.
 */
public record StochasticPool2d(Window window) implements Layer {
  /** Windows side by side: the stride is the kernel's size. */
  public static StochasticPool2d of(int kernelSize) {
    return new StochasticPool2d(Window.of(kernelSize).stride(kernelSize));
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.MaxPick(window), g.op(new Op.Race(g.qualified("lots")), x), x);
  }
}
