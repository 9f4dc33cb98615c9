package dev.fovea.cpu.scalar;

import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.PartialSums;
import dev.fovea.cpu.kernel.Task;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.Arrays;

/**
 * Locally connected layer: convolution with separate weights for each position, {@code [Ho, Wo, K, C, kh, kw]}, and its adjoints.
 */
record LocalConv(Window window, Shape x, Shape y) {

  private interface Tap {
    void at(int x, int weight);
  }

  private int taps() {
    return x.dim(1) * window.kernelH() * window.kernelW();
  }

  /** Visits the taps of an output element of the first image: the index of the input and of the weight. */
  private void read(int output, Tap tap) {
    int row = output / y.dim(3) % y.dim(2);
    int column = output % y.dim(3);
    int weight = ((row * y.dim(3) + column) * y.dim(1) + output / y.sizeFrom(2)) * taps();
    for (int c = 0; c < x.dim(1); c++) {
      for (int e = 0; e < window.kernelH() * window.kernelW(); e++) {
        int h = window.rowOf(row) + e / window.kernelW() * window.dilationH();
        int v = window.columnOf(column) + e % window.kernelW() * window.dilationW();
        if (h >= 0 && h < x.dim(2) && v >= 0 && v < x.dim(3)) {
          tap.at((c * x.dim(2) + h) * x.dim(3) + v, weight + c * window.kernelH() * window.kernelW() + e);
        }
      }
    }
  }

  /** A unit is one output element. */
  Kernel forward() {
    return (in, out) -> Task.of(
        y.size(),
        (m, from, to) -> {
          float[] a = m.array(in.get(0).array());
          float[] w = m.array(in.get(1).array());
          float[] b = m.array(out.array());
          float[] sum = new float[1];
          for (int i = from; i < to; i++) {
            int image = in.get(0).offset() + i / y.sizeFrom(1) * x.sizeFrom(1);
            sum[0] = 0;
            read(i % y.sizeFrom(1), (at, k) -> sum[0] = Math.fma(a[image + at], w[in.get(1).offset() + k], sum[0]));
            b[out.offset() + i] = sum[0];
          }
        });
  }

  /** Inputs dy and weight; a unit is one image. */
  Kernel inputGrad() {
    return (in, out) -> Task.of(
        y.dim(0),
        (m, from, to) -> {
          float[] dy = m.array(in.get(0).array());
          float[] w = m.array(in.get(1).array());
          float[] dx = m.array(out.array());
          Arrays.fill(dx, out.offset() + from * x.sizeFrom(1), out.offset() + to * x.sizeFrom(1), 0);
          for (int i = from * y.sizeFrom(1); i < to * y.sizeFrom(1); i++) {
            int image = out.offset() + i / y.sizeFrom(1) * x.sizeFrom(1);
            float gradient = dy[in.get(0).offset() + i];
            read(i % y.sizeFrom(1),
                (at, k) -> dx[image + at] = Math.fma(gradient, w[in.get(1).offset() + k], dx[image + at]));
          }
        });
  }

  /** Inputs x and dy; a unit is one output element of an image, which has its own weights. */
  Kernel weightGrad() {
    return (in, out) -> Task.of(
        y.sizeFrom(1),
        (m, from, to) -> {
          float[] a = m.array(in.get(0).array());
          float[] dy = m.array(in.get(1).array());
          float[] dw = m.array(out.array());
          float[] partial = new float[Layout.BLOCK];
          for (int i = from; i < to; i++) {
            int output = i;
            int weight = out.offset() + ((i % y.sizeFrom(2)) * y.dim(1) + i / y.sizeFrom(2)) * taps();
            Arrays.fill(dw, weight, weight + taps(), 0);
            read(i, (at, k) -> {
              Arrays.fill(partial, 0);
              for (int n = 0; n < y.dim(0); n++) {
                float gradient = dy[in.get(1).offset() + n * y.sizeFrom(1) + output];
                int lane = n % Layout.BLOCK;
                partial[lane] = Math.fma(a[in.get(0).offset() + n * x.sizeFrom(1) + at], gradient, partial[lane]);
              }
              dw[out.offset() + k] = PartialSums.tree(partial, 0);
            });
          }
        });
  }
}
