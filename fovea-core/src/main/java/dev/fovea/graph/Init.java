package dev.fovea.graph;

import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/** How a parameter is initialised. */
public sealed interface Init {
  /** Uniform in [-bound, bound). */
  record Uniform(float bound) implements Init {}

  /** Normal with mean 0. */
  record Normal(float std) implements Init {}

  /** The same value for all elements. */
  record Constant(float value) implements Init {}

  /** A Gaussian of std {@code sigma} pixels over the last two axes, centred and normalised to sum 1. */
  record GaussianKernel(float sigma) implements Init {}

  /** 1 at these flat indices, else 0: a table of connections. */
  record Ones(List<Integer> indices) implements Init {
    public Ones {
      indices = List.copyOf(indices);
    }
  }

  /**
   * The weight {@code [C, C, k, k]} of a transposed convolution that upsamples by bilinear interpolation: a tent on the diagonal,
   * else 0 (Long et al. 2015, section 3.3, as in the authors' files).
   */
  record Bilinear() implements Init {}

  /** PyTorch's default for convolutions and fully connected layers, for weights and biases. */
  static Init torch(int fanIn) {
    return new Uniform((float) (1 / Math.sqrt(fanIn)));
  }

  /** He et al. 2015 (arXiv 1502.01852, section 2.2): keeps the variance through ReLU layers. */
  static Init he(int fanIn) {
    return new Normal((float) Math.sqrt(2.0 / fanIn));
  }

  /** Whether {@link #fill} can fill that shape: some kinds need certain axes, or hold indices that must be inside it. */
  default boolean fits(Shape shape) {
    return switch (this) {
      case Uniform _, Normal _, Constant _ -> true;
      case GaussianKernel _ -> shape.rank() >= 2;
      case Ones(List<Integer> indices) -> indices.stream().allMatch(index -> index >= 0 && index < shape.size());
      case Bilinear() -> shape.rank() == 4;
    };
  }

  /** Writes {@code shape.size()} values. */
  default void fill(Shape shape, Rng random, float[] to, int offset) {
    int size = shape.size();
    switch (this) {
      case Uniform(float bound) -> {
        for (int i = 0; i < size; i++) {
          to[offset + i] = random.uniform(i, -bound, bound);
        }
      }
      case Normal(float std) -> {
        for (int i = 0; i < size; i++) {
          to[offset + i] = random.gaussian(i) * std;
        }
      }
      case Constant(float value) -> Arrays.fill(to, offset, offset + size, value);
      case Ones(List<Integer> indices) -> {
        Arrays.fill(to, offset, offset + size, 0);
        indices.forEach(index -> to[offset + index] = 1);
      }
      case Bilinear() -> bilinear(shape, to, offset);
      case GaussianKernel(float sigma) -> gaussian(shape, sigma, to, offset);
    }
  }

  private static void bilinear(Shape shape, float[] to, int offset) {
    int k = shape.dim(3);
    int area = shape.dim(2) * k;
    for (int i = 0; i < shape.size(); i++) {
      boolean diagonal = i / area / shape.dim(1) == i / area % shape.dim(1);
      to[offset + i] = diagonal ? (float) (tent(i % area / k, shape.dim(2)) * tent(i % k, k)) : 0;
    }
  }

  private static double tent(int position, int k) {
    int half = (k + 1) / 2;
    double middle = k % 2 == 1 ? half - 1 : half - 0.5;
    return 1 - Math.abs(position - middle) / half;
  }

  private static void gaussian(Shape shape, double sigma, float[] to, int offset) {
    int h = shape.dim(shape.rank() - 2);
    int w = shape.dim(shape.rank() - 1);
    double[] kernel = new double[h * w];
    double sum = 0;
    for (int i = 0; i < kernel.length; i++) {
      int row = i / w;
      int column = i % w;
      double y = row - (h - 1) / 2.0;
      double x = column - (w - 1) / 2.0;
      kernel[i] = StrictMath.exp(-(y * y + x * x) / (2 * sigma * sigma));
      sum += kernel[i];
    }
    for (int i = 0; i < shape.size(); i++) {
      to[offset + i] = (float) (kernel[i % kernel.length] / sum);
    }
  }
}
