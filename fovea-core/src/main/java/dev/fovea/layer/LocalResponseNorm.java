package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/**
 * Each element divided by {@code (k + alpha / size * sum of squares over size neighbouring channels)^beta}, alpha as in PyTorch,
 * Caffe and ONNX.
 * Krizhevsky et al. 2012, section 3.3, where alpha is not divided by the size: {@link #paper}.
 */
public record LocalResponseNorm(int size, double alpha, double beta, double k) implements Layer {
  /** PyTorch's defaults: alpha 1e-4, beta 0.75, k 1. */
  public static LocalResponseNorm of(int size) {
    return new LocalResponseNorm(size, 1e-4, 0.75, 1);
  }

  /** With the paper's alpha, {@code (k + alpha * sum)^beta}. */
  public static LocalResponseNorm paper(int size, double alpha, double beta, double k) {
    return new LocalResponseNorm(size, alpha * size, beta, k);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Lrn(size, (float) alpha, (float) beta, (float) k), x);
  }
}
