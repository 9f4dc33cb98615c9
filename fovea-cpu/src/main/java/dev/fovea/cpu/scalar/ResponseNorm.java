package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Elementary;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;

/** Local response normalisation across channels and its adjoint. A unit is one channel of one image. */
record ResponseNorm(Op.Lrn op, Shape shape) {

  Kernel forward() {
    int inner = shape.sizeFrom(2);
    return (in, out) -> Task.of(
        shape.dim(0) * shape.dim(1),
        (m, from, to) -> {
          float[] x = m.array(in.getFirst().array());
          float[] y = m.array(out.array());
          for (int plane = from; plane < to; plane++) {
            int at = in.getFirst().offset() + plane * inner;
            for (int i = 0; i < inner; i++) {
              y[out.offset() + plane * inner + i] =
                  x[at + i] * Elementary.pow(scale(x, at + i, plane % shape.dim(1), inner), -op.beta());
            }
          }
        });
  }

  /** {@code k + alpha / size * sum of x^2}, the channels in ascending order. */
  private float scale(float[] x, int at, int channel, int inner) {
    float sum = 0;
    int last = Math.min(shape.dim(1) - 1, channel + (op.size() - 1) / 2);
    for (int c = Math.max(0, channel - op.size() / 2); c <= last; c++) {
      float value = x[at + (c - channel) * inner];
      sum = Math.fma(value, value, sum);
    }
    return Math.fma(op.alpha() / op.size(), sum, op.k());
  }

  /** Inputs x and dy. */
  Kernel grad() {
    int inner = shape.sizeFrom(2);
    return (in, out) -> Task.of(
        shape.dim(0),
        (m, from, to) -> {
          float[] x = m.array(in.get(0).array());
          float[] dy = m.array(in.get(1).array());
          float[] dx = m.array(out.array());
          int channels = shape.dim(1);
          float[] powers = new float[channels];
          float[] terms = new float[channels];
          for (int i = from * inner; i < to * inner; i++) {
            int first = i / inner * channels * inner + i % inner;
            int xAt = in.get(0).offset() + first;
            int dyAt = in.get(1).offset() + first;
            for (int c = 0; c < channels; c++) {
              float scale = scale(x, xAt + c * inner, c, inner);
              powers[c] = Elementary.pow(scale, -op.beta());
              terms[c] = dy[dyAt + c * inner] * x[xAt + c * inner] * (powers[c] / scale);
            }
            for (int c = 0; c < channels; c++) {
              float factor = -2 * op.alpha() / op.size() * op.beta() * x[xAt + c * inner];
              dx[out.offset() + first + c * inner] = Math.fma(factor, sumOfReaders(terms, c), dy[dyAt + c * inner] * powers[c]);
            }
          }
        });
  }

  /** The sum over the channels whose window contains channel c. */
  private float sumOfReaders(float[] terms, int c) {
    float sum = 0;
    int last = Math.min(terms.length - 1, c + op.size() / 2);
    for (int y = Math.max(0, c - (op.size() - 1) / 2); y <= last; y++) {
      sum += terms[y];
    }
    return sum;
  }
}
