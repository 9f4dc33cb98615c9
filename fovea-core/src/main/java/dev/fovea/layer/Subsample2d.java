package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;

/**
 * LeNet-5's subsampling: the mean of each window times a gain plus a bias, one of each per channel (LeCun et al. 1998, section
 * II.B; the paper's coefficient multiplies the sum). The activation is not included.
 */
public record Subsample2d(Window window) implements Layer {
  /** Non-overlapping windows: the stride is the kernel size. */
  public static Subsample2d of(int kernelSize) {
    return new Subsample2d(Window.of(kernelSize).stride(kernelSize));
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Shape perChannel = g.shape(x).perChannel();
    Value mean = g.op(new Op.AveragePool(window, true), x);
    Value gained = g.mul(mean, g.param("gain", perChannel, new Init.Constant(1)));
    return g.add(gained, g.param("bias", perChannel, new Init.Constant(0)));
  }
}
