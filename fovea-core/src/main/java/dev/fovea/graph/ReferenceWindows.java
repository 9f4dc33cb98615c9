package dev.fovea.graph;

import dev.fovea.tensor.Shape;

/** Which elements a sliding window pairs, for {@link Reference}: the loop nests of convolution and pooling. */
final class ReferenceWindows {
  private ReferenceWindows() {}

  /** What is done with an input element, an output element and a kernel element that are paired, by their indices. */
  interface Tap {
    void at(int x, int y, int k);
  }

  /** The one loop nest of convolution: forward, input gradient and weight gradient differ only in what they do per tap. */
  static void taps(Window w, int groups, Shape x, Shape y, Tap tap) {
    int perGroup = x.dim(1) / groups;
    for (int n = 0; n < y.dim(0); n++) {
      for (int k = 0; k < y.dim(1); k++) {
        for (int c = 0; c < perGroup; c++) {
          int channel = k / (y.dim(1) / groups) * perGroup + c;
          int weight = (k * perGroup + c) * w.kernelH() * w.kernelW();
          plane(w, x, y, (xi, yi, ki) -> tap.at(xi, yi, weight + ki), n * x.dim(1) + channel, n * y.dim(1) + k);
        }
      }
    }
  }

  /** The same without weights, as in pooling: each plane by itself. {@code k} is the position in the output plane. */
  static void windows(Window w, Shape x, Shape y, Tap tap) {
    int outSize = y.dim(2) * y.dim(3);
    for (int plane = 0; plane < y.dim(0) * y.dim(1); plane++) {
      plane(w, x, y, (xi, yi, _) -> tap.at(xi, yi, yi % outSize), plane, plane);
    }
  }

  /** Each pair of an output pixel and an input pixel under its window, in one pair of planes; padding is skipped. */
  private static void plane(Window w, Shape x, Shape y, Tap tap, int xPlane, int yPlane) {
    for (int row = 0; row < y.dim(2); row++) {
      for (int column = 0; column < y.dim(3); column++) {
        for (int k = 0; k < w.kernelH() * w.kernelW(); k++) {
          int h = w.rowOf(row) + k / w.kernelW() * w.dilationH();
          int v = w.columnOf(column) + k % w.kernelW() * w.dilationW();
          if (h >= 0 && h < x.dim(2) && v >= 0 && v < x.dim(3)) {
            tap.at((xPlane * x.dim(2) + h) * x.dim(3) + v, (yPlane * y.dim(2) + row) * y.dim(3) + column, k);
          }
        }
      }
    }
  }
}
