package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;

/**
 * Normalisation of rows of {@code size} elements, each by its own mean and variance. A unit is a row; its sums are doubles, since a
 * row may be a whole image.
 */
record RowNorm(int rows, int size, float epsilon) {

  static RowNorm of(Shape x, int axis, int groups, float epsilon) {
    int size = x.sizeFrom(axis) / groups;
    return new RowNorm(x.size() / size, size, epsilon);
  }

  Kernel forward() {
    return (in, out) -> Task.of(
        rows,
        (m, from, to) -> {
          float[] x = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          int shift = in.getFirst().offset() - out.offset();
          for (int row = from; row < to; row++) {
            int first = out.offset() + row * size;
            double mean = mean(x, first + shift);
            double inverse = inverse(x, first + shift, mean);
            for (int i = first; i < first + size; i++) {
              y[i] = (float) ((x[i + shift] - mean) * inverse);
            }
          }
        });
  }

  Kernel grad() {
    return (in, out) -> Task.of(
        rows,
        (m, from, to) -> {
          float[] x = m.array(in.get(0).array());
          float[] dy = m.array(in.get(1).array());
          float[] dx = m.array(out.array());
          for (int row = from; row < to; row++) {
            int xAt = in.get(0).offset() + row * size;
            int dyAt = in.get(1).offset() + row * size;
            double mean = mean(x, xAt);
            double inverse = inverse(x, xAt, mean);
            double sum = 0;
            double dot = 0;
            for (int i = 0; i < size; i++) {
              sum += dy[dyAt + i];
              dot += dy[dyAt + i] * (x[xAt + i] - mean) * inverse;
            }
            for (int i = 0; i < size; i++) {
              double y = (x[xAt + i] - mean) * inverse;
              dx[out.offset() + row * size + i] = (float) ((dy[dyAt + i] - sum / size - y * dot / size) * inverse);
            }
          }
        });
  }

  private double mean(float[] x, int at) {
    double sum = 0;
    for (int i = at; i < at + size; i++) {
      sum += x[i];
    }
    return sum / size;
  }

  private double inverse(float[] x, int at, double mean) {
    double sum = 0;
    for (int i = at; i < at + size; i++) {
      sum += (x[i] - mean) * (x[i] - mean);
    }
    return 1 / Math.sqrt(sum / size + epsilon);
  }
}
