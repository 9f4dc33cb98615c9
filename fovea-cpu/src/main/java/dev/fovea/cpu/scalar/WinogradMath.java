package dev.fovea.cpu.scalar;

/**
 * The transforms of {@link dev.fovea.cpu.kernel.Winograd} along one side, for the points 0, 1, -1, 2, -2 and infinity. The vector kernels
 * have the same operations in the same order. Each reads numbers {@code step} apart and writes numbers {@code by} apart.
 */
final class WinogradMath {
  private WinogradMath() {}

  /** Six inputs to six points: B^T. */
  static void inputs(float[] in, int at, int step, float[] out, int to, int by) {
    float x1 = in[at + step];
    float x2 = in[at + 2 * step];
    float x3 = in[at + 3 * step];
    float x4 = in[at + 4 * step];
    float a = Math.fma(x2, -4, x4);
    float b = Math.fma(x1, -4, x3);
    float c = x4 - x2;
    float d = x3 - x1;
    out[to] = Math.fma(in[at], 4, Math.fma(x2, -5, x4));
    out[to + by] = a + b;
    out[to + 2 * by] = a - b;
    out[to + 3 * by] = Math.fma(d, 2, c);
    out[to + 4 * by] = Math.fma(d, -2, c);
    out[to + 5 * by] = Math.fma(x1, 4, Math.fma(x3, -5, in[at + 5 * step]));
  }

  /** Three weights to six points: G. */
  static void weights(float[] in, int at, int step, float[] out, int to, int by) {
    float g0 = in[at];
    float g1 = in[at + step];
    float g2 = in[at + 2 * step];
    float ends = g0 + g2;
    float far = Math.fma(g2, 4, g0) * (1 / 24f);
    float middle = g1 * (1 / 12f);
    out[to] = g0 * 0.25f;
    out[to + by] = (ends + g1) * (-1 / 6f);
    out[to + 2 * by] = (ends - g1) * (-1 / 6f);
    out[to + 3 * by] = far + middle;
    out[to + 4 * by] = far - middle;
    out[to + 5 * by] = g2;
  }

  /** Six points to four outputs: A^T. */
  static void outputs(float[] in, int at, int step, float[] out, int to, int by) {
    float a = in[at + step] + in[at + 2 * step];
    float b = in[at + step] - in[at + 2 * step];
    float c = in[at + 3 * step] + in[at + 4 * step];
    float d = in[at + 3 * step] - in[at + 4 * step];
    out[to] = in[at] + a + c;
    out[to + by] = Math.fma(d, 2, b);
    out[to + 2 * by] = Math.fma(c, 4, a);
    out[to + 3 * by] = Math.fma(d, 8, b) + in[at + 5 * step];
  }

  /** Four outputs' gradients to six points: A. */
  static void gradients(float[] in, int at, int step, float[] out, int to, int by) {
    float x0 = in[at];
    float x3 = in[at + 3 * step];
    float even = x0 + in[at + 2 * step];
    float odd = in[at + step] + x3;
    float far = Math.fma(in[at + 2 * step], 4, x0);
    float farOdd = Math.fma(x3, 4, in[at + step]);
    farOdd += farOdd;
    out[to] = x0;
    out[to + by] = even + odd;
    out[to + 2 * by] = even - odd;
    out[to + 3 * by] = far + farOdd;
    out[to + 4 * by] = far - farOdd;
    out[to + 5 * by] = x3;
  }

  /** Six points to three weights' gradients: G^T. */
  static void window(float[] in, int at, int step, float[] out, int to, int by) {
    float x1 = in[at + step];
    float x2 = in[at + 2 * step];
    float x3 = in[at + 3 * step];
    float x4 = in[at + 4 * step];
    float near = (x1 + x2) * (-1 / 6f);
    float far = (x3 + x4) * (1 / 24f);
    out[to] = in[at] * 0.25f + near + far;
    out[to + by] = (x2 - x1) * (1 / 6f) + (x3 - x4) * (1 / 12f);
    out[to + 2 * by] = Math.fma(far, 4, near) + in[at + 5 * step];
  }
}
