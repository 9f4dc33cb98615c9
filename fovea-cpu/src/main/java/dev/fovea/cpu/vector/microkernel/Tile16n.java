package dev.fovea.cpu.vector.microkernel;

import static dev.fovea.cpu.vector.microkernel.Lanes.broadcast;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The multiply-add kernel of convolutions and matrix products in NCHW16n: for up to six filters and two vectors at a time, a bias
 * plus the sum over a list of taps of weight times input. Twelve sums, two inputs and a weight fit the sixteen registers of AVX2.
 *
 * <p>The sums are named local variables, never arrays, or they would not stay in registers. There is one flat loop over the taps,
 * since nested loops run at half the speed. The operands are fields, set once for many calls, to keep calls cheap.
 */
public final class Tile16n {
  /** The maximum number of filters of one call; {@link #run} has loops for 6, 4, 2 and 1. */
  public static final int MAX_FILTERS = 6;

  /** The first filter of each tile, and last the number of filters. */
  public static int[] tileStarts(int filters) {
    int[] starts = new int[filters + 1];
    int count = 0;
    for (int at = 0; at < filters; at += Tile16n.width(filters - at)) {
      starts[count++] = at;
    }
    starts[count++] = filters;
    return Arrays.copyOf(starts, count);
  }

  public float[] in = {};
  public float[] weights = {};
  public float[] bias = {};
  public float[] out = {};

  /** Offset of each tap from a position of the input, in floats, and its row in the weights. */
  public int[] tapOffsets = {};

  public int[] weightRows = {};

  /** Floats from one tap's row of weights to the next. */
  public int weightStride;

  /** Floats from the first vector to the second, in the input and in the output; with 0 the same vector is computed twice. */
  public int inStep;

  public int outStep;

  /** Floats from one filter's output to the next. */
  public int filterStride;

  /** The number of filters of the next call if {@code left} remain. */
  public static int width(int left) {
    return left >= MAX_FILTERS ? MAX_FILTERS : left >= 4 ? 4 : left >= 2 ? 2 : 1;
  }

  public void run(int width, int position, int weight, int to, int first) {
    switch (width) {
      case 6 -> run6(position, weight, to, first);
      case 4 -> run4(position, weight, to, first);
      case 2 -> run2(position, weight, to, first);
      default -> run1(position, weight, to, first);
    }
  }

  // spotless:off
  private void run6(int position, int weight, int to, int first) {
    FloatVector a0 = broadcast(bias[first]), a1 = broadcast(bias[first + 1]), a2 = broadcast(bias[first + 2]);
    FloatVector a3 = broadcast(bias[first + 3]), a4 = broadcast(bias[first + 4]), a5 = broadcast(bias[first + 5]);
    FloatVector b0 = a0, b1 = a1, b2 = a2, b3 = a3, b4 = a4, b5 = a5;
    float[] x = in, w = weights;
    int[] d = tapOffsets, n = weightRows;
    int step = inStep, stride = weightStride;
    for (int k = 0; k < d.length; k++) {
      int p = position + d[k], q = weight + n[k] * stride;
      FloatVector x0 = load(x, p), x1 = load(x, p + step);
      FloatVector v = broadcast(w[q]);
      a0 = v.fma(x0, a0); b0 = v.fma(x1, b0);
      v = broadcast(w[q + 1]);
      a1 = v.fma(x0, a1); b1 = v.fma(x1, b1);
      v = broadcast(w[q + 2]);
      a2 = v.fma(x0, a2); b2 = v.fma(x1, b2);
      v = broadcast(w[q + 3]);
      a3 = v.fma(x0, a3); b3 = v.fma(x1, b3);
      v = broadcast(w[q + 4]);
      a4 = v.fma(x0, a4); b4 = v.fma(x1, b4);
      v = broadcast(w[q + 5]);
      a5 = v.fma(x0, a5); b5 = v.fma(x1, b5);
    }
    store(a0, b0, to); store(a1, b1, to + filterStride); store(a2, b2, to + 2 * filterStride);
    store(a3, b3, to + 3 * filterStride); store(a4, b4, to + 4 * filterStride); store(a5, b5, to + 5 * filterStride);
  }

  private void run4(int position, int weight, int to, int first) {
    FloatVector a0 = broadcast(bias[first]), a1 = broadcast(bias[first + 1]);
    FloatVector a2 = broadcast(bias[first + 2]), a3 = broadcast(bias[first + 3]);
    FloatVector b0 = a0, b1 = a1, b2 = a2, b3 = a3;
    float[] x = in, w = weights;
    int[] d = tapOffsets, n = weightRows;
    int step = inStep, stride = weightStride;
    for (int k = 0; k < d.length; k++) {
      int p = position + d[k], q = weight + n[k] * stride;
      FloatVector x0 = load(x, p), x1 = load(x, p + step);
      FloatVector v = broadcast(w[q]);
      a0 = v.fma(x0, a0); b0 = v.fma(x1, b0);
      v = broadcast(w[q + 1]);
      a1 = v.fma(x0, a1); b1 = v.fma(x1, b1);
      v = broadcast(w[q + 2]);
      a2 = v.fma(x0, a2); b2 = v.fma(x1, b2);
      v = broadcast(w[q + 3]);
      a3 = v.fma(x0, a3); b3 = v.fma(x1, b3);
    }
    store(a0, b0, to); store(a1, b1, to + filterStride);
    store(a2, b2, to + 2 * filterStride); store(a3, b3, to + 3 * filterStride);
  }

  private void run2(int position, int weight, int to, int first) {
    FloatVector a0 = broadcast(bias[first]), a1 = broadcast(bias[first + 1]);
    FloatVector b0 = a0, b1 = a1;
    float[] x = in, w = weights;
    int[] d = tapOffsets, n = weightRows;
    int step = inStep, stride = weightStride;
    for (int k = 0; k < d.length; k++) {
      int p = position + d[k], q = weight + n[k] * stride;
      FloatVector x0 = load(x, p), x1 = load(x, p + step);
      FloatVector v = broadcast(w[q]);
      a0 = v.fma(x0, a0); b0 = v.fma(x1, b0);
      v = broadcast(w[q + 1]);
      a1 = v.fma(x0, a1); b1 = v.fma(x1, b1);
    }
    store(a0, b0, to); store(a1, b1, to + filterStride);
  }

  private void run1(int position, int weight, int to, int first) {
    FloatVector a = broadcast(bias[first]), b = a;
    float[] x = in, w = weights;
    int[] d = tapOffsets, n = weightRows;
    int step = inStep, stride = weightStride;
    for (int k = 0; k < d.length; k++) {
      int p = position + d[k];
      FloatVector v = broadcast(w[weight + n[k] * stride]);
      a = v.fma(load(x, p), a); b = v.fma(load(x, p + step), b);
    }
    store(a, b, to);
  }
  // spotless:on

  private void store(FloatVector a, FloatVector b, int to) {
    a.intoArray(out, to);
    b.intoArray(out, to + outStep);
  }
}
