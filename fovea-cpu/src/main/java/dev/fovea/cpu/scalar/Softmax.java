package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Elementary;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;
import java.util.List;

/** Softmax and related functions along an axis. A unit is a row: of classes, those of one image or of one pixel of an image. */
final class Softmax {
  private Softmax() {}

  /** One row: {@code count} elements from index {@code first} on, with this stride. */
  record Row(int first, int count, int stride) {
    /** The row of classes of this index, in a tensor of {@code [N, C, ...]} that begins at {@code offset}. */
    static Row of(Shape shape, int index, int offset) {
      return along(shape, 1, index, offset);
    }

    static Row along(Shape shape, int axis, int index, int offset) {
      int inner = shape.sizeFrom(axis + 1);
      int classes = shape.dim(axis);
      return new Row(offset + index / inner * classes * inner + index % inner, classes, inner);
    }

    int at(int c) {
      return first + c * stride;
    }

    float max(float[] x) {
      float max = Float.NEGATIVE_INFINITY;
      for (int c = 0; c < count; c++) {
        max = Math.max(max, x[at(c)]);
      }
      return max;
    }

    /** The sum of {@code exp(x - max)}. */
    float sum(float[] x, float max) {
      float sum = 0;
      for (int c = 0; c < count; c++) {
        sum += Elementary.exp(x[at(c)] - max);
      }
      return sum;
    }
  }

  private interface RowKernel {
    void run(float[][] in, Row[] rows, float[] y, Row out);
  }

  private static Kernel rows(Shape shape, int axis, RowKernel kernel) {
    return (in, out) -> Task.of(
        shape.size() / shape.dim(axis),
        (m, from, to) -> {
          float[][] arrays = arrays(m, in);
          for (int i = from; i < to; i++) {
            int row = i;
            Row[] rows = in.stream().map(p -> Row.along(shape, axis, row, p.offset())).toArray(Row[]::new);
            kernel.run(arrays, rows, m.array(out.array()), Row.along(shape, axis, row, out.offset()));
          }
        });
  }

  private static float[][] arrays(Memory m, List<Address> in) {
    return in.stream().map(p -> m.array(p.array())).toArray(float[][]::new);
  }

  static Kernel softmax(Shape shape, int axis) {
    return rows(
        shape,
        axis,
        (in, rows, y, out) -> {
          float max = rows[0].max(in[0]);
          float sum = rows[0].sum(in[0], max);
          for (int c = 0; c < out.count(); c++) {
            y[out.at(c)] = Elementary.exp(in[0][rows[0].at(c)] - max) / sum;
          }
        });
  }

  static Kernel logSoftmax(Shape shape, int axis) {
    return rows(
        shape,
        axis,
        (in, rows, y, out) -> {
          float max = rows[0].max(in[0]);
          float log = (float) StrictMath.log(rows[0].sum(in[0], max));
          for (int c = 0; c < out.count(); c++) {
            y[out.at(c)] = in[0][rows[0].at(c)] - max - log;
          }
        });
  }

  static Kernel softmaxGrad(Shape shape, int axis) {
    return rows(
        shape,
        axis,
        (in, rows, y, out) -> {
          float sum = 0;
          for (int c = 0; c < out.count(); c++) {
            sum = Math.fma(in[0][rows[0].at(c)], in[1][rows[1].at(c)], sum);
          }
          for (int c = 0; c < out.count(); c++) {
            y[out.at(c)] = in[0][rows[0].at(c)] * (in[1][rows[1].at(c)] - sum);
          }
        });
  }

  static Kernel logSoftmaxGrad(Shape shape, int axis) {
    return rows(
        shape,
        axis,
        (in, rows, y, out) -> {
          float sum = 0;
          for (int c = 0; c < out.count(); c++) {
            sum += in[1][rows[1].at(c)];
          }
          for (int c = 0; c < out.count(); c++) {
            y[out.at(c)] = Math.fma(-Elementary.exp(in[0][rows[0].at(c)]), sum, in[1][rows[1].at(c)]);
          }
        });
  }
}
