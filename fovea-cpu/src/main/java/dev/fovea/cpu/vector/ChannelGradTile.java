package dev.fovea.cpu.vector;

import static dev.fovea.cpu.vector.Lanes.COUNT;
import static dev.fovea.cpu.vector.Lanes.all;
import static dev.fovea.cpu.vector.Lanes.load;

import jdk.incubator.vector.FloatVector;

/**
 * The kernel of a convolution's weight gradient with filters in the lanes: for up to eight input channels and one or two vectors of
 * filters, sums over places of input number times vector of gradients. Each call goes on with the sums of the one before.
 */
final class ChannelGradTile {
  /** The most channels that one call takes: {@link #run} knows 8, 4 and 1. */
  static final int MOST = COUNT == 16 ? 8 : 4;

  float[] x = {};
  float[] dy = {};

  /** The sums: from {@code sumsAt} on, channel by channel, vector by vector. */
  float[] sums = {};

  int sumsAt;

  /** The places that count, in the input and in the gradient. */
  int[] xPlaces = {};

  int[] dyPlaces = {};

  /** Where the input channels lie behind a place. */
  final int[] channels = new int[MOST];

  /** Floats from the first vector of a place's gradients to the second. */
  int dyStep;

  /** How many channels the next call takes when {@code left} are to be computed; beyond those it may compute some twice. */
  static int width(int left) {
    return left >= MOST ? MOST : left > 4 ? 8 : left > 1 ? 4 : 1;
  }

  /** Adds the first {@code count} places to the sums of {@code width} channels and {@code vectors} vectors. */
  void run(int width, int vectors, int xAt, int dyAt, int count) {
    if (vectors == 2) {
      switch (width) {
        case 8 -> run8x2(xAt, dyAt, count);
        case 4 -> run4x2(xAt, dyAt, count);
        default -> run1x2(xAt, dyAt, count);
      }
    } else {
      switch (width) {
        case 8 -> run8x1(xAt, dyAt, count);
        case 4 -> run4x1(xAt, dyAt, count);
        default -> run1x1(xAt, dyAt, count);
      }
    }
  }

  // spotless:off
  private void run8x2(int xAt, int dyAt, int count) {
    FloatVector a0 = sum(0), a1 = sum(2), a2 = sum(4), a3 = sum(6), a4 = sum(8), a5 = sum(10), a6 = sum(12), a7 = sum(14);
    FloatVector b0 = sum(1), b1 = sum(3), b2 = sum(5), b3 = sum(7), b4 = sum(9), b5 = sum(11), b6 = sum(13), b7 = sum(15);
    float[] in = x, g = dy;
    int[] ps = xPlaces, qs = dyPlaces;
    int c0 = xAt + channels[0], c1 = xAt + channels[1], c2 = xAt + channels[2], c3 = xAt + channels[3];
    int c4 = xAt + channels[4], c5 = xAt + channels[5], c6 = xAt + channels[6], c7 = xAt + channels[7];
    int step = dyStep;
    for (int k = 0; k < count; k++) {
      int p = ps[k], q = dyAt + qs[k];
      FloatVector g0 = load(g, q), g1 = load(g, q + step);
      FloatVector v = all(in[p + c0]); a0 = v.fma(g0, a0); b0 = v.fma(g1, b0);
      v = all(in[p + c1]); a1 = v.fma(g0, a1); b1 = v.fma(g1, b1);
      v = all(in[p + c2]); a2 = v.fma(g0, a2); b2 = v.fma(g1, b2);
      v = all(in[p + c3]); a3 = v.fma(g0, a3); b3 = v.fma(g1, b3);
      v = all(in[p + c4]); a4 = v.fma(g0, a4); b4 = v.fma(g1, b4);
      v = all(in[p + c5]); a5 = v.fma(g0, a5); b5 = v.fma(g1, b5);
      v = all(in[p + c6]); a6 = v.fma(g0, a6); b6 = v.fma(g1, b6);
      v = all(in[p + c7]); a7 = v.fma(g0, a7); b7 = v.fma(g1, b7);
    }
    put(a0, 0); put(b0, 1); put(a1, 2); put(b1, 3); put(a2, 4); put(b2, 5);
    put(a3, 6); put(b3, 7); put(a4, 8); put(b4, 9); put(a5, 10); put(b5, 11);
    put(a6, 12); put(b6, 13); put(a7, 14); put(b7, 15);
  }

  private void run4x2(int xAt, int dyAt, int count) {
    FloatVector a0 = sum(0), a1 = sum(2), a2 = sum(4), a3 = sum(6);
    FloatVector b0 = sum(1), b1 = sum(3), b2 = sum(5), b3 = sum(7);
    float[] in = x, g = dy;
    int[] ps = xPlaces, qs = dyPlaces;
    int c0 = xAt + channels[0], c1 = xAt + channels[1], c2 = xAt + channels[2], c3 = xAt + channels[3];
    int step = dyStep;
    for (int k = 0; k < count; k++) {
      int p = ps[k], q = dyAt + qs[k];
      FloatVector g0 = load(g, q), g1 = load(g, q + step);
      FloatVector v = all(in[p + c0]); a0 = v.fma(g0, a0); b0 = v.fma(g1, b0);
      v = all(in[p + c1]); a1 = v.fma(g0, a1); b1 = v.fma(g1, b1);
      v = all(in[p + c2]); a2 = v.fma(g0, a2); b2 = v.fma(g1, b2);
      v = all(in[p + c3]); a3 = v.fma(g0, a3); b3 = v.fma(g1, b3);
    }
    put(a0, 0); put(b0, 1); put(a1, 2); put(b1, 3); put(a2, 4); put(b2, 5);
    put(a3, 6); put(b3, 7);
  }

  private void run1x2(int xAt, int dyAt, int count) {
    FloatVector a0 = sum(0);
    FloatVector b0 = sum(1);
    float[] in = x, g = dy;
    int[] ps = xPlaces, qs = dyPlaces;
    int c0 = xAt + channels[0];
    int step = dyStep;
    for (int k = 0; k < count; k++) {
      int p = ps[k], q = dyAt + qs[k];
      FloatVector g0 = load(g, q), g1 = load(g, q + step);
      FloatVector v = all(in[p + c0]); a0 = v.fma(g0, a0); b0 = v.fma(g1, b0);
    }
    put(a0, 0); put(b0, 1);
  }

  private void run8x1(int xAt, int dyAt, int count) {
    FloatVector a0 = sum(0), a1 = sum(1), a2 = sum(2), a3 = sum(3), a4 = sum(4), a5 = sum(5), a6 = sum(6), a7 = sum(7);
    float[] in = x, g = dy;
    int[] ps = xPlaces, qs = dyPlaces;
    int c0 = xAt + channels[0], c1 = xAt + channels[1], c2 = xAt + channels[2], c3 = xAt + channels[3];
    int c4 = xAt + channels[4], c5 = xAt + channels[5], c6 = xAt + channels[6], c7 = xAt + channels[7];
    for (int k = 0; k < count; k++) {
      int p = ps[k], q = dyAt + qs[k];
      FloatVector g0 = load(g, q);
      FloatVector v = all(in[p + c0]); a0 = v.fma(g0, a0);
      v = all(in[p + c1]); a1 = v.fma(g0, a1);
      v = all(in[p + c2]); a2 = v.fma(g0, a2);
      v = all(in[p + c3]); a3 = v.fma(g0, a3);
      v = all(in[p + c4]); a4 = v.fma(g0, a4);
      v = all(in[p + c5]); a5 = v.fma(g0, a5);
      v = all(in[p + c6]); a6 = v.fma(g0, a6);
      v = all(in[p + c7]); a7 = v.fma(g0, a7);
    }
    put(a0, 0); put(a1, 1); put(a2, 2); put(a3, 3); put(a4, 4); put(a5, 5);
    put(a6, 6); put(a7, 7);
  }

  private void run4x1(int xAt, int dyAt, int count) {
    FloatVector a0 = sum(0), a1 = sum(1), a2 = sum(2), a3 = sum(3);
    float[] in = x, g = dy;
    int[] ps = xPlaces, qs = dyPlaces;
    int c0 = xAt + channels[0], c1 = xAt + channels[1], c2 = xAt + channels[2], c3 = xAt + channels[3];
    for (int k = 0; k < count; k++) {
      int p = ps[k], q = dyAt + qs[k];
      FloatVector g0 = load(g, q);
      FloatVector v = all(in[p + c0]); a0 = v.fma(g0, a0);
      v = all(in[p + c1]); a1 = v.fma(g0, a1);
      v = all(in[p + c2]); a2 = v.fma(g0, a2);
      v = all(in[p + c3]); a3 = v.fma(g0, a3);
    }
    put(a0, 0); put(a1, 1); put(a2, 2); put(a3, 3);
  }

  private void run1x1(int xAt, int dyAt, int count) {
    FloatVector a0 = sum(0);
    float[] in = x, g = dy;
    int[] ps = xPlaces, qs = dyPlaces;
    int c0 = xAt + channels[0];
    for (int k = 0; k < count; k++) {
      int p = ps[k], q = dyAt + qs[k];
      FloatVector g0 = load(g, q);
      FloatVector v = all(in[p + c0]); a0 = v.fma(g0, a0);
    }
    put(a0, 0);
  }
  // spotless:on

  private FloatVector sum(int number) {
    return load(sums, sumsAt + number * COUNT);
  }

  private void put(FloatVector sum, int number) {
    sum.intoArray(sums, sumsAt + number * COUNT);
  }
}
