package dev.fovea.cpu.vector;

import static dev.fovea.cpu.vector.Lanes.COUNT;
import static dev.fovea.cpu.vector.Lanes.all;
import static dev.fovea.cpu.vector.Lanes.load;

import jdk.incubator.vector.FloatVector;

/**
 * The multiply-add kernel of convolutions on channels in the lanes: for up to eight places that read alike, wherever they lie, and
 * one or two vectors of filters, a start plus the sum over a list of taps of input number times vector of weights. What {@link Tile}
 * says of its sums holds here too: sixteen of them, two vectors of weights and an input fit AVX-512, twelve fit AVX2.
 */
final class ChannelTile {
  /** The most places that one call takes: {@link #run} knows 8, 6, 4, 2 and 1. */
  static final int MOST = COUNT == 16 ? 8 : 6;

  float[] in = {};
  float[] weights = {};
  float[] out = {};

  /** What the sums begin with, a number a filter. */
  final float[] start = new float[2 * COUNT];

  /** Where each tap lies behind a place of the input, and its row in the weights. */
  int[] distances = {};

  int[] numbers = {};

  /** The places of the input, and where the sums of each go. */
  final int[] places = new int[MOST];

  final int[] targets = new int[MOST];

  /** Floats from the first vector of a place's sums to the second. */
  int outStep;

  /** How many places the next call takes when {@code left} are to be computed; beyond those it may compute some twice. */
  static int width(int left) {
    return left >= MOST ? MOST : left == 1 ? 1 : (left + 1) / 2 * 2;
  }

  /** Computes the sums of {@code width} places and {@code vectors} vectors with the weights at that offset. */
  void run(int width, int vectors, int weight) {
    if (vectors == 2) {
      switch (width) {
        case 8 -> run8x2(weight);
        case 6 -> run6x2(weight);
        case 4 -> run4x2(weight);
        case 2 -> run2x2(weight);
        default -> run1x2(weight);
      }
    } else {
      switch (width) {
        case 8 -> run8x1(weight);
        case 6 -> run6x1(weight);
        case 4 -> run4x1(weight);
        case 2 -> run2x1(weight);
        default -> run1x1(weight);
      }
    }
  }

  // spotless:off
  private void run8x2(int weight) {
    FloatVector a = load(start, 0), b = load(start, COUNT);
    FloatVector a0 = a, a1 = a, a2 = a, a3 = a, a4 = a, a5 = a, a6 = a, a7 = a;
    FloatVector b0 = b, b1 = b, b2 = b, b3 = b, b4 = b, b5 = b, b6 = b, b7 = b;
    int p0 = places[0], p1 = places[1], p2 = places[2], p3 = places[3];
    int p4 = places[4], p5 = places[5], p6 = places[6], p7 = places[7];
    float[] x = in, w = weights;
    int[] d = distances, n = numbers;
    for (int k = 0; k < d.length; k++) {
      int p = d[k], q = weight + n[k] * 2 * COUNT;
      FloatVector w0 = load(w, q), w1 = load(w, q + COUNT);
      FloatVector v = all(x[p + p0]); a0 = v.fma(w0, a0); b0 = v.fma(w1, b0);
      v = all(x[p + p1]); a1 = v.fma(w0, a1); b1 = v.fma(w1, b1);
      v = all(x[p + p2]); a2 = v.fma(w0, a2); b2 = v.fma(w1, b2);
      v = all(x[p + p3]); a3 = v.fma(w0, a3); b3 = v.fma(w1, b3);
      v = all(x[p + p4]); a4 = v.fma(w0, a4); b4 = v.fma(w1, b4);
      v = all(x[p + p5]); a5 = v.fma(w0, a5); b5 = v.fma(w1, b5);
      v = all(x[p + p6]); a6 = v.fma(w0, a6); b6 = v.fma(w1, b6);
      v = all(x[p + p7]); a7 = v.fma(w0, a7); b7 = v.fma(w1, b7);
    }
    float[] y = out;
    int[] to = targets;
    int step = outStep;
    a0.intoArray(y, to[0]); b0.intoArray(y, to[0] + step); a1.intoArray(y, to[1]); b1.intoArray(y, to[1] + step);
    a2.intoArray(y, to[2]); b2.intoArray(y, to[2] + step); a3.intoArray(y, to[3]); b3.intoArray(y, to[3] + step);
    a4.intoArray(y, to[4]); b4.intoArray(y, to[4] + step); a5.intoArray(y, to[5]); b5.intoArray(y, to[5] + step);
    a6.intoArray(y, to[6]); b6.intoArray(y, to[6] + step); a7.intoArray(y, to[7]); b7.intoArray(y, to[7] + step);
  }

  private void run6x2(int weight) {
    FloatVector a = load(start, 0), b = load(start, COUNT);
    FloatVector a0 = a, a1 = a, a2 = a, a3 = a, a4 = a, a5 = a;
    FloatVector b0 = b, b1 = b, b2 = b, b3 = b, b4 = b, b5 = b;
    int p0 = places[0], p1 = places[1], p2 = places[2], p3 = places[3];
    int p4 = places[4], p5 = places[5];
    float[] x = in, w = weights;
    int[] d = distances, n = numbers;
    for (int k = 0; k < d.length; k++) {
      int p = d[k], q = weight + n[k] * 2 * COUNT;
      FloatVector w0 = load(w, q), w1 = load(w, q + COUNT);
      FloatVector v = all(x[p + p0]); a0 = v.fma(w0, a0); b0 = v.fma(w1, b0);
      v = all(x[p + p1]); a1 = v.fma(w0, a1); b1 = v.fma(w1, b1);
      v = all(x[p + p2]); a2 = v.fma(w0, a2); b2 = v.fma(w1, b2);
      v = all(x[p + p3]); a3 = v.fma(w0, a3); b3 = v.fma(w1, b3);
      v = all(x[p + p4]); a4 = v.fma(w0, a4); b4 = v.fma(w1, b4);
      v = all(x[p + p5]); a5 = v.fma(w0, a5); b5 = v.fma(w1, b5);
    }
    float[] y = out;
    int[] to = targets;
    int step = outStep;
    a0.intoArray(y, to[0]); b0.intoArray(y, to[0] + step); a1.intoArray(y, to[1]); b1.intoArray(y, to[1] + step);
    a2.intoArray(y, to[2]); b2.intoArray(y, to[2] + step); a3.intoArray(y, to[3]); b3.intoArray(y, to[3] + step);
    a4.intoArray(y, to[4]); b4.intoArray(y, to[4] + step); a5.intoArray(y, to[5]); b5.intoArray(y, to[5] + step);
  }

  private void run4x2(int weight) {
    FloatVector a = load(start, 0), b = load(start, COUNT);
    FloatVector a0 = a, a1 = a, a2 = a, a3 = a;
    FloatVector b0 = b, b1 = b, b2 = b, b3 = b;
    int p0 = places[0], p1 = places[1], p2 = places[2], p3 = places[3];
    float[] x = in, w = weights;
    int[] d = distances, n = numbers;
    for (int k = 0; k < d.length; k++) {
      int p = d[k], q = weight + n[k] * 2 * COUNT;
      FloatVector w0 = load(w, q), w1 = load(w, q + COUNT);
      FloatVector v = all(x[p + p0]); a0 = v.fma(w0, a0); b0 = v.fma(w1, b0);
      v = all(x[p + p1]); a1 = v.fma(w0, a1); b1 = v.fma(w1, b1);
      v = all(x[p + p2]); a2 = v.fma(w0, a2); b2 = v.fma(w1, b2);
      v = all(x[p + p3]); a3 = v.fma(w0, a3); b3 = v.fma(w1, b3);
    }
    float[] y = out;
    int[] to = targets;
    int step = outStep;
    a0.intoArray(y, to[0]); b0.intoArray(y, to[0] + step); a1.intoArray(y, to[1]); b1.intoArray(y, to[1] + step);
    a2.intoArray(y, to[2]); b2.intoArray(y, to[2] + step); a3.intoArray(y, to[3]); b3.intoArray(y, to[3] + step);
  }

  private void run2x2(int weight) {
    FloatVector a = load(start, 0), b = load(start, COUNT);
    FloatVector a0 = a, a1 = a;
    FloatVector b0 = b, b1 = b;
    int p0 = places[0], p1 = places[1];
    float[] x = in, w = weights;
    int[] d = distances, n = numbers;
    for (int k = 0; k < d.length; k++) {
      int p = d[k], q = weight + n[k] * 2 * COUNT;
      FloatVector w0 = load(w, q), w1 = load(w, q + COUNT);
      FloatVector v = all(x[p + p0]); a0 = v.fma(w0, a0); b0 = v.fma(w1, b0);
      v = all(x[p + p1]); a1 = v.fma(w0, a1); b1 = v.fma(w1, b1);
    }
    float[] y = out;
    int[] to = targets;
    int step = outStep;
    a0.intoArray(y, to[0]); b0.intoArray(y, to[0] + step); a1.intoArray(y, to[1]); b1.intoArray(y, to[1] + step);
  }

  private void run1x2(int weight) {
    FloatVector a = load(start, 0), b = load(start, COUNT);
    FloatVector a0 = a;
    FloatVector b0 = b;
    int p0 = places[0];
    float[] x = in, w = weights;
    int[] d = distances, n = numbers;
    for (int k = 0; k < d.length; k++) {
      int p = d[k], q = weight + n[k] * 2 * COUNT;
      FloatVector w0 = load(w, q), w1 = load(w, q + COUNT);
      FloatVector v = all(x[p + p0]); a0 = v.fma(w0, a0); b0 = v.fma(w1, b0);
    }
    float[] y = out;
    int[] to = targets;
    int step = outStep;
    a0.intoArray(y, to[0]); b0.intoArray(y, to[0] + step);
  }

  private void run8x1(int weight) {
    FloatVector a = load(start, 0);
    FloatVector a0 = a, a1 = a, a2 = a, a3 = a, a4 = a, a5 = a, a6 = a, a7 = a;
    int p0 = places[0], p1 = places[1], p2 = places[2], p3 = places[3];
    int p4 = places[4], p5 = places[5], p6 = places[6], p7 = places[7];
    float[] x = in, w = weights;
    int[] d = distances, n = numbers;
    for (int k = 0; k < d.length; k++) {
      int p = d[k], q = weight + n[k] * COUNT;
      FloatVector w0 = load(w, q);
      FloatVector v = all(x[p + p0]); a0 = v.fma(w0, a0);
      v = all(x[p + p1]); a1 = v.fma(w0, a1);
      v = all(x[p + p2]); a2 = v.fma(w0, a2);
      v = all(x[p + p3]); a3 = v.fma(w0, a3);
      v = all(x[p + p4]); a4 = v.fma(w0, a4);
      v = all(x[p + p5]); a5 = v.fma(w0, a5);
      v = all(x[p + p6]); a6 = v.fma(w0, a6);
      v = all(x[p + p7]); a7 = v.fma(w0, a7);
    }
    float[] y = out;
    int[] to = targets;
    a0.intoArray(y, to[0]); a1.intoArray(y, to[1]); a2.intoArray(y, to[2]); a3.intoArray(y, to[3]);
    a4.intoArray(y, to[4]); a5.intoArray(y, to[5]); a6.intoArray(y, to[6]); a7.intoArray(y, to[7]);
  }

  private void run6x1(int weight) {
    FloatVector a = load(start, 0);
    FloatVector a0 = a, a1 = a, a2 = a, a3 = a, a4 = a, a5 = a;
    int p0 = places[0], p1 = places[1], p2 = places[2], p3 = places[3];
    int p4 = places[4], p5 = places[5];
    float[] x = in, w = weights;
    int[] d = distances, n = numbers;
    for (int k = 0; k < d.length; k++) {
      int p = d[k], q = weight + n[k] * COUNT;
      FloatVector w0 = load(w, q);
      FloatVector v = all(x[p + p0]); a0 = v.fma(w0, a0);
      v = all(x[p + p1]); a1 = v.fma(w0, a1);
      v = all(x[p + p2]); a2 = v.fma(w0, a2);
      v = all(x[p + p3]); a3 = v.fma(w0, a3);
      v = all(x[p + p4]); a4 = v.fma(w0, a4);
      v = all(x[p + p5]); a5 = v.fma(w0, a5);
    }
    float[] y = out;
    int[] to = targets;
    a0.intoArray(y, to[0]); a1.intoArray(y, to[1]); a2.intoArray(y, to[2]); a3.intoArray(y, to[3]);
    a4.intoArray(y, to[4]); a5.intoArray(y, to[5]);
  }

  private void run4x1(int weight) {
    FloatVector a = load(start, 0);
    FloatVector a0 = a, a1 = a, a2 = a, a3 = a;
    int p0 = places[0], p1 = places[1], p2 = places[2], p3 = places[3];
    float[] x = in, w = weights;
    int[] d = distances, n = numbers;
    for (int k = 0; k < d.length; k++) {
      int p = d[k], q = weight + n[k] * COUNT;
      FloatVector w0 = load(w, q);
      FloatVector v = all(x[p + p0]); a0 = v.fma(w0, a0);
      v = all(x[p + p1]); a1 = v.fma(w0, a1);
      v = all(x[p + p2]); a2 = v.fma(w0, a2);
      v = all(x[p + p3]); a3 = v.fma(w0, a3);
    }
    float[] y = out;
    int[] to = targets;
    a0.intoArray(y, to[0]); a1.intoArray(y, to[1]); a2.intoArray(y, to[2]); a3.intoArray(y, to[3]);
  }

  private void run2x1(int weight) {
    FloatVector a = load(start, 0);
    FloatVector a0 = a, a1 = a;
    int p0 = places[0], p1 = places[1];
    float[] x = in, w = weights;
    int[] d = distances, n = numbers;
    for (int k = 0; k < d.length; k++) {
      int p = d[k], q = weight + n[k] * COUNT;
      FloatVector w0 = load(w, q);
      FloatVector v = all(x[p + p0]); a0 = v.fma(w0, a0);
      v = all(x[p + p1]); a1 = v.fma(w0, a1);
    }
    float[] y = out;
    int[] to = targets;
    a0.intoArray(y, to[0]); a1.intoArray(y, to[1]);
  }

  private void run1x1(int weight) {
    FloatVector a = load(start, 0);
    FloatVector a0 = a;
    int p0 = places[0];
    float[] x = in, w = weights;
    int[] d = distances, n = numbers;
    for (int k = 0; k < d.length; k++) {
      int p = d[k], q = weight + n[k] * COUNT;
      FloatVector w0 = load(w, q);
      FloatVector v = all(x[p + p0]); a0 = v.fma(w0, a0);
    }
    float[] y = out;
    int[] to = targets;
    a0.intoArray(y, to[0]);
  }
  // spotless:on
}
