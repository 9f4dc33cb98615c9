package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;

/**
 * Learned pooling: each channel has a weight for every element of the window, a bias and an activation. It is initialised to the
 * mean. LeNet-5's subsampling (LeCun et al. 1998, section II.B) is the case in which all elements share one weight.
 */
public record TrainablePool2d(Window window, Layer activation) implements Layer {

  /** Non-overlapping windows: the stride is the kernel size. */
  public static TrainablePool2d of(int kernelSize, Layer activation) {
    return new TrainablePool2d(Window.of(kernelSize).stride(kernelSize), activation);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    int channels = g.shape(x).dim(1);
    int elements = window.kernelH() * window.kernelW();
    Shape shape = Shape.of(channels, 1, window.kernelH(), window.kernelW());
    Value weight = g.param("weight", shape, new Init.Constant(1f / elements));
    Value bias = g.param("bias", Shape.of(channels), new Init.Constant(0));
    return activation.apply(g, g.op(new Op.Conv(window, channels), x, weight, bias));
  }
}
