package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;

/**
 * A transposed convolution with a fixed bilinear interpolation kernel: Long et al. 2015, section 3.3, and the authors' files. With
 * {@code trained} the kernel is only the initial value.
 */
public record BilinearUpsample2d(int kernelSize, int stride, boolean trained) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    int channels = g.shape(x).dim(1);
    Shape shape = Shape.of(channels, channels, kernelSize, kernelSize);
    Init tent = new Init.Bilinear();
    Value weight = trained ? g.param("weight", shape, tent) : g.frozen("weight", shape, tent);
    return g.op(new Op.ConvTranspose(Window.of(kernelSize).stride(stride), 1, 0, 0), x, weight);
  }
}
