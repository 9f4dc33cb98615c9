package dev.fovea.explain.quality;

import dev.fovea.tensor.Tensor;

/** Gaussian blur of a network's input; beyond the border the outermost pixels go on. */
final class Blur {
  /** The filter's reach, in standard deviations. */
  private static final int REACH = 3;

  private Blur() {}

  /** @param share the standard deviation, as a part of the longer side */
  static Tensor of(Tensor input, double share) {
    int height = input.shape().dim(2);
    int width = input.shape().dim(3);
    double[] filter = filter(share * Math.max(height, width));
    float[] rows = along(input.values(), width, 1, filter);
    return new Tensor(input.shape(), along(rows, height, width, filter));
  }

  private static double[] filter(double std) {
    int radius = (int) Math.max(1, Math.ceil(REACH * std));
    double[] filter = new double[2 * radius + 1];
    double sum = 0;
    for (int i = 0; i < filter.length; i++) {
      filter[i] = StrictMath.exp(-(i - radius) * (i - radius) / (2 * std * std));
      sum += filter[i];
    }
    for (int i = 0; i < filter.length; i++) {
      filter[i] /= sum;
    }
    return filter;
  }

  /** Along an axis of that size, whose elements are {@code stride} apart. */
  private static float[] along(float[] values, int size, int stride, double[] filter) {
    int radius = filter.length / 2;
    float[] blurred = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int at = i / stride % size;
      double sum = 0;
      for (int k = 0; k < filter.length; k++) {
        sum += filter[k] * values[i + (Math.clamp(at + k - radius, 0, size - 1) - at) * stride];
      }
      blurred[i] = (float) sum;
    }
    return blurred;
  }
}
