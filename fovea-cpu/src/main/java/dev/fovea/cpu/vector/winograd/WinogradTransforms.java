package dev.fovea.cpu.vector.winograd;

import static dev.fovea.cpu.kernel.Layout.BLOCK;
import static dev.fovea.cpu.kernel.Winograd.PATCH;
import static dev.fovea.cpu.vector.microkernel.Lanes.broadcast;
import static dev.fovea.cpu.vector.microkernel.Lanes.load;

import dev.fovea.cpu.vector.microkernel.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * The transforms of {@link dev.fovea.cpu.kernel.Winograd} along one side, a vector of channels at a time: the operations and their
 * order are those of the scalar kernels. Each reads vectors with stride {@code step} and writes vectors with stride {@code by}, in
 * floats.
 */
final class WinogradTransforms {
  private WinogradTransforms() {}

  /**
   * Six inputs to six points, B^T, for two adjacent columns; their results are six points apart. With two columns the method is
   * too large for HotSpot to inline into the loop, in which it would run at half the speed.
   */
  static void inputs(float[] in, int at, int step, float[] out, int to, int by) {
    FloatVector x1 = load(in, at + step);
    FloatVector x2 = load(in, at + 2 * step);
    FloatVector x3 = load(in, at + 3 * step);
    FloatVector x4 = load(in, at + 4 * step);
    FloatVector a = x2.fma(broadcast(-4), x4);
    FloatVector b = x1.fma(broadcast(-4), x3);
    FloatVector c = x4.sub(x2);
    FloatVector d = x3.sub(x1);
    load(in, at).fma(broadcast(4), x2.fma(broadcast(-5), x4)).intoArray(out, to);
    a.add(b).intoArray(out, to + by);
    a.sub(b).intoArray(out, to + 2 * by);
    d.fma(broadcast(2), c).intoArray(out, to + 3 * by);
    d.fma(broadcast(-2), c).intoArray(out, to + 4 * by);
    x1.fma(broadcast(4), x3.fma(broadcast(-5), load(in, at + 5 * step))).intoArray(out, to + 5 * by);
    int next = at + BLOCK;
    int nextTo = to + PATCH * by;
    FloatVector y1 = load(in, next + step);
    FloatVector y2 = load(in, next + 2 * step);
    FloatVector y3 = load(in, next + 3 * step);
    FloatVector y4 = load(in, next + 4 * step);
    FloatVector e = y2.fma(broadcast(-4), y4);
    FloatVector f = y1.fma(broadcast(-4), y3);
    FloatVector g = y4.sub(y2);
    FloatVector h = y3.sub(y1);
    load(in, next).fma(broadcast(4), y2.fma(broadcast(-5), y4)).intoArray(out, nextTo);
    e.add(f).intoArray(out, nextTo + by);
    e.sub(f).intoArray(out, nextTo + 2 * by);
    h.fma(broadcast(2), g).intoArray(out, nextTo + 3 * by);
    h.fma(broadcast(-2), g).intoArray(out, nextTo + 4 * by);
    y1.fma(broadcast(4), y3.fma(broadcast(-5), load(in, next + 5 * step))).intoArray(out, nextTo + 5 * by);
  }

  /** Three weights to six points: G. */
  static void weights(float[] in, int at, int step, float[] out, int to, int by) {
    FloatVector g0 = load(in, at);
    FloatVector g1 = load(in, at + step);
    FloatVector g2 = load(in, at + 2 * step);
    FloatVector ends = g0.add(g2);
    FloatVector far = g2.fma(broadcast(4), g0).mul(1 / 24f);
    FloatVector middle = g1.mul(1 / 12f);
    g0.mul(0.25f).intoArray(out, to);
    ends.add(g1).mul(-1 / 6f).intoArray(out, to + by);
    ends.sub(g1).mul(-1 / 6f).intoArray(out, to + 2 * by);
    far.add(middle).intoArray(out, to + 3 * by);
    far.sub(middle).intoArray(out, to + 4 * by);
    g2.intoArray(out, to + 5 * by);
  }

  /** Six points to four outputs: A^T. */
  static void outputs(float[] in, int at, int step, float[] out, int to, int by) {
    FloatVector x1 = load(in, at + step);
    FloatVector x2 = load(in, at + 2 * step);
    FloatVector x3 = load(in, at + 3 * step);
    FloatVector x4 = load(in, at + 4 * step);
    FloatVector a = x1.add(x2);
    FloatVector b = x1.sub(x2);
    FloatVector c = x3.add(x4);
    FloatVector d = x3.sub(x4);
    load(in, at).add(a).add(c).intoArray(out, to);
    d.fma(broadcast(2), b).intoArray(out, to + by);
    c.fma(broadcast(4), a).intoArray(out, to + 2 * by);
    d.fma(broadcast(8), b).add(load(in, at + 5 * step)).intoArray(out, to + 3 * by);
  }

  /** Four output gradients to six points: A. */
  static void gradients(float[] in, int at, int step, float[] out, int to, int by) {
    FloatVector x0 = load(in, at);
    FloatVector x1 = load(in, at + step);
    FloatVector x2 = load(in, at + 2 * step);
    FloatVector x3 = load(in, at + 3 * step);
    FloatVector even = x0.add(x2);
    FloatVector odd = x1.add(x3);
    FloatVector far = x2.fma(broadcast(4), x0);
    FloatVector farOdd = x3.fma(broadcast(4), x1);
    farOdd = farOdd.add(farOdd);
    x0.intoArray(out, to);
    even.add(odd).intoArray(out, to + by);
    even.sub(odd).intoArray(out, to + 2 * by);
    far.add(farOdd).intoArray(out, to + 3 * by);
    far.sub(farOdd).intoArray(out, to + 4 * by);
    x3.intoArray(out, to + 5 * by);
  }

  /** Six points to three weight gradients: G^T. */
  private static void window(float[] in, int at, int step, float[] out, int to, int by) {
    FloatVector x1 = load(in, at + step);
    FloatVector x2 = load(in, at + 2 * step);
    FloatVector x3 = load(in, at + 3 * step);
    FloatVector x4 = load(in, at + 4 * step);
    FloatVector near = x1.add(x2).mul(-1 / 6f);
    FloatVector far = x3.add(x4).mul(1 / 24f);
    load(in, at).mul(0.25f).add(near).add(far).intoArray(out, to);
    x2.sub(x1).mul(1 / 6f).add(x3.sub(x4).mul(1 / 12f)).intoArray(out, to + by);
    far.fma(broadcast(4), near).add(load(in, at + 5 * step)).intoArray(out, to + 2 * by);
  }

  /**
   * The 36 sums of a channel with some filters, {@code point} floats apart, to the nine elements of their windows, one after the
   * other.
   */
  static void windows(float[] sums, int at, int point, int lanes, float[] half, float[] windows, int to) {
    for (int lane = 0; lane < lanes; lane += Lanes.COUNT) {
      for (int k = 0; k < PATCH; k++) {
        window(sums, at + k * point + lane, PATCH * point, half, k * lanes + lane, PATCH * lanes);
      }
      for (int r = 0; r < 3; r++) {
        window(half, r * PATCH * lanes + lane, lanes, windows, to + r * 3 * lanes + lane, lanes);
      }
    }
  }
}
