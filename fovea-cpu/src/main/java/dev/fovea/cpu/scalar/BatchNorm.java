package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Address;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.PartialSums;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * Batch normalisation and its sums over images and positions. Each row is summed in float and added to its image's {@link
 * PartialSums partial sum}. Partial sums are doubles: an error in a statistic would be the same at every position of a map, and
 * later layers would accumulate it, not average it out.
 *
 * @param width elements of a row
 */
record BatchNorm(int images, int channels, int inner, int width) {

  static BatchNorm of(Shape x) {
    return new BatchNorm(x.dim(0), x.dim(1), x.sizeFrom(2), x.rank() == 4 ? x.dim(3) : x.sizeFrom(2));
  }

  private float count() {
    return (float) ((long) images * inner);
  }

  private interface RowSum {
    /** The sum over the row that begins at this index of the tensor. */
    float of(int at);
  }

  private double sum(int channel, RowSum row, double[] partial) {
    Arrays.fill(partial, 0);
    for (int n = 0; n < images; n++) {
      int plane = (n * channels + channel) * inner;
      for (int at = plane; at < plane + inner; at += width) {
        partial[n % Layout.BLOCK] += row.of(at);
      }
    }
    return PartialSums.tree(partial, 0);
  }

  private interface Channel {
    double of(int channel, double[] partial);
  }

  private Task perChannel(Address out, java.util.function.Function<Memory, Channel> kernel) {
    return Task.of(
        channels,
        (m, from, to) -> {
          float[] y = m.array(out.array());
          double[] partial = new double[Layout.BLOCK];
          Channel channel = kernel.apply(m);
          for (int c = from; c < to; c++) {
            y[out.offset() + c] = (float) channel.of(c, partial);
          }
        });
  }

  Kernel mean() {
    return (in, out) -> perChannel(out, m -> {
      float[] x = m.array(in.getFirst().array());
      int offset = in.getFirst().offset();
      return (c, partial) -> sum(c, at -> {
        float row = 0;
        for (int i = offset + at; i < offset + at + width; i++) {
          row += x[i];
        }
        return row;
      }, partial) / count();
    });
  }

  Kernel variance() {
    return (in, out) -> perChannel(out, m -> {
      float[] x = m.array(in.get(0).array());
      int offset = in.get(0).offset();
      return (c, partial) -> {
        float mean = at(m, in.get(1), c);
        return sum(c, at -> {
          float row = 0;
          for (int i = offset + at; i < offset + at + width; i++) {
            float centred = x[i] - mean;
            row = Math.fma(centred, centred, row);
          }
          return row;
        }, partial) / count();
      };
    });
  }

  /** Inputs x, dy, mean, variance. */
  Kernel scaleGrad(float epsilon) {
    return (in, out) -> perChannel(out, m -> {
      float[] x = m.array(in.get(0).array());
      float[] dy = m.array(in.get(1).array());
      int offset = in.get(0).offset();
      int shift = in.get(1).offset() - offset;
      return (c, partial) -> {
        float mean = at(m, in.get(2), c);
        return sum(c, at -> {
          float row = 0;
          for (int i = offset + at; i < offset + at + width; i++) {
            row = Math.fma(x[i] - mean, dy[i + shift], row);
          }
          return row;
        }, partial) * inverse(at(m, in.get(3), c), epsilon);
      };
    });
  }

  /** Inputs x, scale, bias, mean, variance. */
  Kernel forward(float epsilon) {
    return (in, out) -> Task.of(
        images * channels,
        (m, from, to) -> {
          float[] x = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          int shift = in.getFirst().offset() - out.offset();
          for (int plane = from; plane < to; plane++) {
            int c = plane % channels;
            float mean = at(m, in.get(3), c);
            float factor = at(m, in.get(1), c) * inverse(at(m, in.get(4), c), epsilon);
            float bias = at(m, in.get(2), c);
            int first = out.offset() + plane * inner;
            for (int i = first; i < first + inner; i++) {
              y[i] = Math.fma(x[i + shift] - mean, factor, bias);
            }
          }
        });
  }

  /** Inputs dy, scale, variance and, if the statistics are those of the batch, also x, mean and the gradients of scale and bias. */
  Kernel grad(float epsilon, boolean ofBatch) {
    return (in, out) -> Task.of(
        images * channels,
        (m, from, to) -> {
          for (int plane = from; plane < to; plane++) {
            int c = plane % channels;
            float inverse = inverse(at(m, in.get(2), c), epsilon);
            float factor = at(m, in.get(1), c) * inverse;
            if (ofBatch) {
              float perDeviation = inverse * at(m, in.get(5), c) / count();
              throughStatistics(m, in, out, plane * inner, new float[] {
                  factor, at(m, in.get(4), c), perDeviation, at(m, in.get(6), c) / count()});
            } else {
              scaled(m, in.getFirst(), out, plane * inner, factor);
            }
          }
        });
  }

  private void scaled(Memory m, Address in, Address out, int first, float factor) {
    float[] dy = m.array(in.array());
    float[] dx = m.array(out.array());
    for (int i = first; i < first + inner; i++) {
      dx[out.offset() + i] = dy[in.offset() + i] * factor;
    }
  }

  /** @param channel the factor, the mean, the gradient per difference from the mean, and the gradient per element */
  private void throughStatistics(Memory m, List<Address> in, Address out, int first, float[] channel) {
    float[] dy = m.array(in.get(0).array());
    float[] x = m.array(in.get(3).array());
    float[] dx = m.array(out.array());
    int dyAt = in.get(0).offset();
    int xAt = in.get(3).offset();
    for (int i = first; i < first + inner; i++) {
      dx[out.offset() + i] = channel[0] * Math.fma(channel[1] - x[xAt + i], channel[2], dy[dyAt + i] - channel[3]);
    }
  }

  private static float inverse(float variance, float epsilon) {
    return 1 / (float) Math.sqrt(variance + epsilon);
  }

  private static float at(Memory m, Address vector, int c) {
    return m.array(vector.array())[vector.offset() + c];
  }
}
