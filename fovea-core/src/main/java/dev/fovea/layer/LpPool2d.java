package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.FoveaException;

/**
 * The p-norm of each window, {@code (sum x^p)^(1/p)}: between the sum (1) and the maximum (infinity). Sermanet et al. 2012 (arXiv
 * 1204.3968, section 2.2).
 *
 * @param power p, even, so that signs do not matter
 */
public record LpPool2d(Window window, int power) implements Layer {
  public LpPool2d {
    if (power < 2 || power % 2 != 0) {
      throw new FoveaException("LpPool2d expects an even power, got " + power);
    }
  }

  /** Non-overlapping windows and p = 2. */
  public static LpPool2d of(int kernelSize) {
    return new LpPool2d(Window.of(kernelSize).stride(kernelSize), 2);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Value mean = g.op(new Op.AveragePool(window, true), g.op(new Op.Pow(power), x));
    Value sum = g.mul(mean, g.number((double) window.kernelH() * window.kernelW()));
    // the slope of a root at zero is infinite, so values below the smallest normal number are clamped to it
    return g.op(new Op.Pow(1f / power), g.op(new Op.Clip(Float.MIN_NORMAL, Float.MAX_VALUE), sum));
  }
}
