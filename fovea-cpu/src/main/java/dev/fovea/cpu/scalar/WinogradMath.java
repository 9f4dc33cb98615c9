package dev.fovea.cpu.scalar;

/**
 * The one-dimensional transforms of {@link dev.fovea.cpu.kernel.Winograd}, for the points 0, 1, -1, 2, -2 and infinity. The vector
 * kernels have the same operations in the same order. Each transform reads with stride {@code stride} and writes with stride
 * {@code toStride}.
 */
final class WinogradMath {
  private WinogradMath() {}

  /** Six inputs to six points: the matrix B^T of Lavin and Gray. */
  static void inputs(float[] in, int at, int stride, float[] out, int to, int toStride) {
    float x1 = in[at + stride];
    float x2 = in[at + 2 * stride];
    float x3 = in[at + 3 * stride];
    float x4 = in[at + 4 * stride];
    float a = Math.fma(x2, -4, x4);
    float b = Math.fma(x1, -4, x3);
    float c = x4 - x2;
    float d = x3 - x1;
    out[to] = Math.fma(in[at], 4, Math.fma(x2, -5, x4));
    out[to + toStride] = a + b;
    out[to + 2 * toStride] = a - b;
    out[to + 3 * toStride] = Math.fma(d, 2, c);
    out[to + 4 * toStride] = Math.fma(d, -2, c);
    out[to + 5 * toStride] = Math.fma(x1, 4, Math.fma(x3, -5, in[at + 5 * stride]));
  }

  /** Three weights to six points: G. */
  static void weights(float[] in, int at, int stride, float[] out, int to, int toStride) {
    float g0 = in[at];
    float g1 = in[at + stride];
    float g2 = in[at + 2 * stride];
    float ends = g0 + g2;
    float far = Math.fma(g2, 4, g0) * (1 / 24f);
    float middle = g1 * (1 / 12f);
    out[to] = g0 * 0.25f;
    out[to + toStride] = (ends + g1) * (-1 / 6f);
    out[to + 2 * toStride] = (ends - g1) * (-1 / 6f);
    out[to + 3 * toStride] = far + middle;
    out[to + 4 * toStride] = far - middle;
    out[to + 5 * toStride] = g2;
  }

  /** Six points to four outputs: A^T. */
  static void outputs(float[] in, int at, int stride, float[] out, int to, int toStride) {
    float a = in[at + stride] + in[at + 2 * stride];
    float b = in[at + stride] - in[at + 2 * stride];
    float c = in[at + 3 * stride] + in[at + 4 * stride];
    float d = in[at + 3 * stride] - in[at + 4 * stride];
    out[to] = in[at] + a + c;
    out[to + toStride] = Math.fma(d, 2, b);
    out[to + 2 * toStride] = Math.fma(c, 4, a);
    out[to + 3 * toStride] = Math.fma(d, 8, b) + in[at + 5 * stride];
  }

  /** Four outputs' gradients to six points: A. */
  static void gradients(float[] in, int at, int stride, float[] out, int to, int toStride) {
    float x0 = in[at];
    float x3 = in[at + 3 * stride];
    float even = x0 + in[at + 2 * stride];
    float odd = in[at + stride] + x3;
    float far = Math.fma(in[at + 2 * stride], 4, x0);
    float farOdd = Math.fma(x3, 4, in[at + stride]);
    farOdd += farOdd;
    out[to] = x0;
    out[to + toStride] = even + odd;
    out[to + 2 * toStride] = even - odd;
    out[to + 3 * toStride] = far + farOdd;
    out[to + 4 * toStride] = far - farOdd;
    out[to + 5 * toStride] = x3;
  }

  /** Six points to three weights' gradients: G^T. */
  static void window(float[] in, int at, int stride, float[] out, int to, int toStride) {
    float x1 = in[at + stride];
    float x2 = in[at + 2 * stride];
    float x3 = in[at + 3 * stride];
    float x4 = in[at + 4 * stride];
    float near = (x1 + x2) * (-1 / 6f);
    float far = (x3 + x4) * (1 / 24f);
    out[to] = in[at] * 0.25f + near + far;
    out[to + toStride] = (x2 - x1) * (1 / 6f) + (x3 - x4) * (1 / 12f);
    out[to + 2 * toStride] = Math.fma(far, 4, near) + in[at + 5 * stride];
  }
}
