package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;

/**
 * Batch normalisation over images and positions: training uses the batch's mean and variance and updates the running statistics,
 * inference uses the running statistics. Ioffe and Szegedy 2015 (arXiv 1502.03167). Parameters weight, bias, and frozen
 * running_mean, running_var, of {@code [C]}.
 *
 * @param epsilon added to the variance
 * @param momentum the weight of the batch's statistics in the new running ones, as in PyTorch
 */
public record BatchNorm2d(double epsilon, double momentum) implements Layer {
  /** PyTorch's defaults: epsilon 1e-5, momentum 0.1. */
  public static BatchNorm2d standard() {
    return new BatchNorm2d(1e-5, 0.1);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Shape channels = Shape.of(g.shape(x).dim(1));
    Value weight = g.param("weight", channels, new Init.Constant(1));
    Value bias = g.param("bias", channels, new Init.Constant(0));
    Value mean = g.frozen("running_mean", channels, new Init.Constant(0));
    Value variance = g.frozen("running_var", channels, new Init.Constant(1));
    return g.op(new Op.BatchNormalization((float) epsilon, (float) momentum), x, weight, bias, mean, variance);
  }
}
