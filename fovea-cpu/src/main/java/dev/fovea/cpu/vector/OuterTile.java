package dev.fovea.cpu.vector;

import static dev.fovea.cpu.vector.Lanes.COUNT;
import static dev.fovea.cpu.vector.Lanes.all;
import static dev.fovea.cpu.vector.Lanes.load;

import jdk.incubator.vector.FloatVector;

/**
 * Adds up outer products: for up to eight rows and one or two vectors, the sums over a list of places of a row's number times the
 * vectors. In a weight's gradient rows are input channels and vectors the gradients of filters; in a matrix product rows are images
 * and vectors weights. Each call goes on with the sums of the one before, so that long lists may be cut to fit the cache.
 */
final class OuterTile {
  /** The most rows that one call takes: {@link #run} knows 8, 4 and 1. */
  static final int MOST = COUNT == 16 ? 8 : 4;

  float[] numbers = {};
  float[] vectors = {};

  /** The sums: from {@code sumsAt} on, row by row, vector by vector. */
  float[] sums = {};

  int sumsAt;

  /** The places, among the numbers and among the vectors. */
  int[] numberPlaces = {};

  int[] vectorPlaces = {};

  /** Where the rows lie behind a place. */
  final int[] rows = new int[MOST];

  /** Floats from the first vector of a place to the second. */
  int step;

  /** How many rows the next call takes when {@code left} are to be computed; beyond those it may compute some twice. */
  static int width(int left) {
    return left >= MOST ? MOST : left > 4 ? 8 : left > 1 ? 4 : 1;
  }

  /** Adds the products at the first {@code count} places for {@code width} rows and a pair of vectors or one. */
  void run(int width, boolean pair, int numbersAt, int vectorsAt, int count) {
    if (pair) {
      switch (width) {
        case 8 -> run8x2(numbersAt, vectorsAt, count);
        case 4 -> run4x2(numbersAt, vectorsAt, count);
        default -> run1x2(numbersAt, vectorsAt, count);
      }
    } else {
      switch (width) {
        case 8 -> run8x1(numbersAt, vectorsAt, count);
        case 4 -> run4x1(numbersAt, vectorsAt, count);
        default -> run1x1(numbersAt, vectorsAt, count);
      }
    }
  }

  // spotless:off
  private void run8x2(int numbersAt, int vectorsAt, int count) {
    FloatVector a0 = sum(0), a1 = sum(2), a2 = sum(4), a3 = sum(6), a4 = sum(8), a5 = sum(10), a6 = sum(12), a7 = sum(14);
    FloatVector b0 = sum(1), b1 = sum(3), b2 = sum(5), b3 = sum(7), b4 = sum(9), b5 = sum(11), b6 = sum(13), b7 = sum(15);
    float[] x = numbers, w = vectors;
    int[] ps = numberPlaces, qs = vectorPlaces;
    int r0 = numbersAt + rows[0], r1 = numbersAt + rows[1], r2 = numbersAt + rows[2], r3 = numbersAt + rows[3];
    int r4 = numbersAt + rows[4], r5 = numbersAt + rows[5], r6 = numbersAt + rows[6], r7 = numbersAt + rows[7];
    int second = step;
    for (int k = 0; k < count; k++) {
      int p = ps[k], q = vectorsAt + qs[k];
      FloatVector w0 = load(w, q), w1 = load(w, q + second);
      FloatVector v = all(x[p + r0]); a0 = v.fma(w0, a0); b0 = v.fma(w1, b0);
      v = all(x[p + r1]); a1 = v.fma(w0, a1); b1 = v.fma(w1, b1);
      v = all(x[p + r2]); a2 = v.fma(w0, a2); b2 = v.fma(w1, b2);
      v = all(x[p + r3]); a3 = v.fma(w0, a3); b3 = v.fma(w1, b3);
      v = all(x[p + r4]); a4 = v.fma(w0, a4); b4 = v.fma(w1, b4);
      v = all(x[p + r5]); a5 = v.fma(w0, a5); b5 = v.fma(w1, b5);
      v = all(x[p + r6]); a6 = v.fma(w0, a6); b6 = v.fma(w1, b6);
      v = all(x[p + r7]); a7 = v.fma(w0, a7); b7 = v.fma(w1, b7);
    }
    float[] s = sums;
    int to = sumsAt;
    a0.intoArray(s, to); b0.intoArray(s, to + COUNT); a1.intoArray(s, to + 2 * COUNT);
    b1.intoArray(s, to + 3 * COUNT); a2.intoArray(s, to + 4 * COUNT); b2.intoArray(s, to + 5 * COUNT);
    a3.intoArray(s, to + 6 * COUNT); b3.intoArray(s, to + 7 * COUNT); a4.intoArray(s, to + 8 * COUNT);
    b4.intoArray(s, to + 9 * COUNT); a5.intoArray(s, to + 10 * COUNT); b5.intoArray(s, to + 11 * COUNT);
    a6.intoArray(s, to + 12 * COUNT); b6.intoArray(s, to + 13 * COUNT); a7.intoArray(s, to + 14 * COUNT);
    b7.intoArray(s, to + 15 * COUNT);
  }

  private void run4x2(int numbersAt, int vectorsAt, int count) {
    FloatVector a0 = sum(0), a1 = sum(2), a2 = sum(4), a3 = sum(6);
    FloatVector b0 = sum(1), b1 = sum(3), b2 = sum(5), b3 = sum(7);
    float[] x = numbers, w = vectors;
    int[] ps = numberPlaces, qs = vectorPlaces;
    int r0 = numbersAt + rows[0], r1 = numbersAt + rows[1], r2 = numbersAt + rows[2], r3 = numbersAt + rows[3];
    int second = step;
    for (int k = 0; k < count; k++) {
      int p = ps[k], q = vectorsAt + qs[k];
      FloatVector w0 = load(w, q), w1 = load(w, q + second);
      FloatVector v = all(x[p + r0]); a0 = v.fma(w0, a0); b0 = v.fma(w1, b0);
      v = all(x[p + r1]); a1 = v.fma(w0, a1); b1 = v.fma(w1, b1);
      v = all(x[p + r2]); a2 = v.fma(w0, a2); b2 = v.fma(w1, b2);
      v = all(x[p + r3]); a3 = v.fma(w0, a3); b3 = v.fma(w1, b3);
    }
    float[] s = sums;
    int to = sumsAt;
    a0.intoArray(s, to); b0.intoArray(s, to + COUNT); a1.intoArray(s, to + 2 * COUNT);
    b1.intoArray(s, to + 3 * COUNT); a2.intoArray(s, to + 4 * COUNT); b2.intoArray(s, to + 5 * COUNT);
    a3.intoArray(s, to + 6 * COUNT); b3.intoArray(s, to + 7 * COUNT);
  }

  private void run1x2(int numbersAt, int vectorsAt, int count) {
    FloatVector a0 = sum(0);
    FloatVector b0 = sum(1);
    float[] x = numbers, w = vectors;
    int[] ps = numberPlaces, qs = vectorPlaces;
    int r0 = numbersAt + rows[0];
    int second = step;
    for (int k = 0; k < count; k++) {
      int p = ps[k], q = vectorsAt + qs[k];
      FloatVector w0 = load(w, q), w1 = load(w, q + second);
      FloatVector v = all(x[p + r0]); a0 = v.fma(w0, a0); b0 = v.fma(w1, b0);
    }
    float[] s = sums;
    int to = sumsAt;
    a0.intoArray(s, to); b0.intoArray(s, to + COUNT);
  }

  private void run8x1(int numbersAt, int vectorsAt, int count) {
    FloatVector a0 = sum(0), a1 = sum(1), a2 = sum(2), a3 = sum(3), a4 = sum(4), a5 = sum(5), a6 = sum(6), a7 = sum(7);
    float[] x = numbers, w = vectors;
    int[] ps = numberPlaces, qs = vectorPlaces;
    int r0 = numbersAt + rows[0], r1 = numbersAt + rows[1], r2 = numbersAt + rows[2], r3 = numbersAt + rows[3];
    int r4 = numbersAt + rows[4], r5 = numbersAt + rows[5], r6 = numbersAt + rows[6], r7 = numbersAt + rows[7];
    for (int k = 0; k < count; k++) {
      int p = ps[k], q = vectorsAt + qs[k];
      FloatVector w0 = load(w, q);
      FloatVector v = all(x[p + r0]); a0 = v.fma(w0, a0);
      v = all(x[p + r1]); a1 = v.fma(w0, a1);
      v = all(x[p + r2]); a2 = v.fma(w0, a2);
      v = all(x[p + r3]); a3 = v.fma(w0, a3);
      v = all(x[p + r4]); a4 = v.fma(w0, a4);
      v = all(x[p + r5]); a5 = v.fma(w0, a5);
      v = all(x[p + r6]); a6 = v.fma(w0, a6);
      v = all(x[p + r7]); a7 = v.fma(w0, a7);
    }
    float[] s = sums;
    int to = sumsAt;
    a0.intoArray(s, to); a1.intoArray(s, to + COUNT); a2.intoArray(s, to + 2 * COUNT);
    a3.intoArray(s, to + 3 * COUNT); a4.intoArray(s, to + 4 * COUNT); a5.intoArray(s, to + 5 * COUNT);
    a6.intoArray(s, to + 6 * COUNT); a7.intoArray(s, to + 7 * COUNT);
  }

  private void run4x1(int numbersAt, int vectorsAt, int count) {
    FloatVector a0 = sum(0), a1 = sum(1), a2 = sum(2), a3 = sum(3);
    float[] x = numbers, w = vectors;
    int[] ps = numberPlaces, qs = vectorPlaces;
    int r0 = numbersAt + rows[0], r1 = numbersAt + rows[1], r2 = numbersAt + rows[2], r3 = numbersAt + rows[3];
    for (int k = 0; k < count; k++) {
      int p = ps[k], q = vectorsAt + qs[k];
      FloatVector w0 = load(w, q);
      FloatVector v = all(x[p + r0]); a0 = v.fma(w0, a0);
      v = all(x[p + r1]); a1 = v.fma(w0, a1);
      v = all(x[p + r2]); a2 = v.fma(w0, a2);
      v = all(x[p + r3]); a3 = v.fma(w0, a3);
    }
    float[] s = sums;
    int to = sumsAt;
    a0.intoArray(s, to); a1.intoArray(s, to + COUNT); a2.intoArray(s, to + 2 * COUNT);
    a3.intoArray(s, to + 3 * COUNT);
  }

  private void run1x1(int numbersAt, int vectorsAt, int count) {
    FloatVector a0 = sum(0);
    float[] x = numbers, w = vectors;
    int[] ps = numberPlaces, qs = vectorPlaces;
    int r0 = numbersAt + rows[0];
    for (int k = 0; k < count; k++) {
      int p = ps[k], q = vectorsAt + qs[k];
      FloatVector w0 = load(w, q);
      FloatVector v = all(x[p + r0]); a0 = v.fma(w0, a0);
    }
    float[] s = sums;
    int to = sumsAt;
    a0.intoArray(s, to);
  }
  // spotless:on

  private FloatVector sum(int number) {
    return load(sums, sumsAt + number * COUNT);
  }
}
