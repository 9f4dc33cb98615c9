package dev.fovea.cpu.vector.packing;

import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;

/**
 * The places along an axis of a convolution's output, {@code from} up to but not {@code to}, at which one element of the window
 * reads inside the image: at place p it reads {@code first + p * stride}.
 */
public record WindowSpan(int from, int to, int first, int stride) {

  public static WindowSpan rows(Window w, int element, Shape x, Shape y) {
    return of(w.rowOf(0) + element * w.dilationH(), w.strideH(), x.dim(2), y.dim(2));
  }

  public static WindowSpan columns(Window w, int element, Shape x, Shape y) {
    return of(w.columnOf(0) + element * w.dilationW(), w.strideW(), x.dim(3), y.dim(3));
  }

  private static WindowSpan of(int first, int stride, int size, int positions) {
    int from = Math.min(positions, Math.max(0, Math.ceilDiv(-first, stride)));
    int to = Math.max(from, Math.min(positions, Math.ceilDiv(size - first, stride)));
    return new WindowSpan(from, to, first, stride);
  }

  public int count() {
    return to - from;
  }

  /** Where the element reads at a place. */
  public int at(int position) {
    return first + position * stride;
  }
}
