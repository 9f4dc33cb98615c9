package dev.fovea.cpu.vector;

import static dev.fovea.cpu.vector.Lanes.load;

import jdk.incubator.vector.FloatVector;

/**
 * The kernel of a convolution's weight gradient: for one input channel and one element of the window, and up to six filters in two
 * vectors each, the sum over blocks of images and places of input times gradient. Lanes stay apart; {@link dev.fovea.cpu.Sums}
 * adds them up afterwards.
 */
final class GradTile {
  float[] x = {};
  float[] dy = {};

  /** Where the sums go: vector by vector, {@code a} of all filters and then {@code b}. */
  float[] sums = {};

  /** The places that count, in the input and in the gradient. */
  int[] xPlaces = {};

  int[] dyPlaces = {};
  int blocks;
  int xBlock;
  int dyBlock;

  /** Floats from one filter's gradients to the next. */
  int filterStride;

  /** Floats from the first vector to the second. */
  int xStep;

  int dyStep;

  void run(int width, int xAt, int dyAt) {
    switch (width) {
      case 6 -> run6(xAt, dyAt);
      case 4 -> run4(xAt, dyAt);
      case 2 -> run2(xAt, dyAt);
      default -> run1(xAt, dyAt);
    }
  }

  // spotless:off
  private void run6(int xAt, int dyAt) {
    FloatVector z = FloatVector.zero(Lanes.SPECIES);
    FloatVector a0 = z, a1 = z, a2 = z, a3 = z, a4 = z, a5 = z, b0 = z, b1 = z, b2 = z, b3 = z, b4 = z, b5 = z;
    float[] in = x, g = dy;
    int[] ps = xPlaces, qs = dyPlaces;
    int f = filterStride, xs = xStep, gs = dyStep;
    for (int block = 0; block < blocks; block++, xAt += xBlock, dyAt += dyBlock) {
      for (int k = 0; k < ps.length; k++) {
        int p = xAt + ps[k], q = dyAt + qs[k], r = q + gs;
        FloatVector x0 = load(in, p), x1 = load(in, p + xs);
        a0 = x0.fma(load(g, q), a0); b0 = x1.fma(load(g, r), b0);
        a1 = x0.fma(load(g, q + f), a1); b1 = x1.fma(load(g, r + f), b1);
        a2 = x0.fma(load(g, q + 2 * f), a2); b2 = x1.fma(load(g, r + 2 * f), b2);
        a3 = x0.fma(load(g, q + 3 * f), a3); b3 = x1.fma(load(g, r + 3 * f), b3);
        a4 = x0.fma(load(g, q + 4 * f), a4); b4 = x1.fma(load(g, r + 4 * f), b4);
        a5 = x0.fma(load(g, q + 5 * f), a5); b5 = x1.fma(load(g, r + 5 * f), b5);
      }
    }
    put(a0, 0); put(a1, 1); put(a2, 2); put(a3, 3); put(a4, 4); put(a5, 5);
    put(b0, 6); put(b1, 7); put(b2, 8); put(b3, 9); put(b4, 10); put(b5, 11);
  }

  private void run4(int xAt, int dyAt) {
    FloatVector z = FloatVector.zero(Lanes.SPECIES);
    FloatVector a0 = z, a1 = z, a2 = z, a3 = z, b0 = z, b1 = z, b2 = z, b3 = z;
    float[] in = x, g = dy;
    int[] ps = xPlaces, qs = dyPlaces;
    int f = filterStride, xs = xStep, gs = dyStep;
    for (int block = 0; block < blocks; block++, xAt += xBlock, dyAt += dyBlock) {
      for (int k = 0; k < ps.length; k++) {
        int p = xAt + ps[k], q = dyAt + qs[k], r = q + gs;
        FloatVector x0 = load(in, p), x1 = load(in, p + xs);
        a0 = x0.fma(load(g, q), a0); b0 = x1.fma(load(g, r), b0);
        a1 = x0.fma(load(g, q + f), a1); b1 = x1.fma(load(g, r + f), b1);
        a2 = x0.fma(load(g, q + 2 * f), a2); b2 = x1.fma(load(g, r + 2 * f), b2);
        a3 = x0.fma(load(g, q + 3 * f), a3); b3 = x1.fma(load(g, r + 3 * f), b3);
      }
    }
    put(a0, 0); put(a1, 1); put(a2, 2); put(a3, 3);
    put(b0, 4); put(b1, 5); put(b2, 6); put(b3, 7);
  }

  private void run2(int xAt, int dyAt) {
    FloatVector z = FloatVector.zero(Lanes.SPECIES);
    FloatVector a0 = z, a1 = z, b0 = z, b1 = z;
    float[] in = x, g = dy;
    int[] ps = xPlaces, qs = dyPlaces;
    int f = filterStride, xs = xStep, gs = dyStep;
    for (int block = 0; block < blocks; block++, xAt += xBlock, dyAt += dyBlock) {
      for (int k = 0; k < ps.length; k++) {
        int p = xAt + ps[k], q = dyAt + qs[k], r = q + gs;
        FloatVector x0 = load(in, p), x1 = load(in, p + xs);
        a0 = x0.fma(load(g, q), a0); b0 = x1.fma(load(g, r), b0);
        a1 = x0.fma(load(g, q + f), a1); b1 = x1.fma(load(g, r + f), b1);
      }
    }
    put(a0, 0); put(a1, 1); put(b0, 2); put(b1, 3);
  }

  private void run1(int xAt, int dyAt) {
    FloatVector a = FloatVector.zero(Lanes.SPECIES), b = a;
    float[] in = x, g = dy;
    int[] ps = xPlaces, qs = dyPlaces;
    int xs = xStep, gs = dyStep;
    for (int block = 0; block < blocks; block++, xAt += xBlock, dyAt += dyBlock) {
      for (int k = 0; k < ps.length; k++) {
        int p = xAt + ps[k], q = dyAt + qs[k];
        a = load(in, p).fma(load(g, q), a); b = load(in, p + xs).fma(load(g, q + gs), b);
      }
    }
    put(a, 0); put(b, 1);
  }
  // spotless:on

  private void put(FloatVector sum, int number) {
    sum.intoArray(sums, number * Lanes.COUNT);
  }
}
