package dev.fovea.cpu.vector.packing;

import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;

/**
 * The output positions along an axis of a convolution, {@code from} up to but not including {@code to}, at which one element of the
 * window reads inside the image: at output position p it reads input position {@code first + p * stride}.
 */
public record WindowSpan(int from, int to, int first, int stride) {

  public static WindowSpan rows(Window w, int element, Shape x, Shape y) {
    return of(w.rowOf(0) + element * w.dilationH(), w.strideH(), x.dim(2), y.dim(2));
  }

  public static WindowSpan columns(Window w, int element, Shape x, Shape y) {
    return of(w.columnOf(0) + element * w.dilationW(), w.strideW(), x.dim(3), y.dim(3));
  }

  private static WindowSpan of(int first, int stride, int size, int outputs) {
    int from = Math.min(outputs, Math.max(0, Math.ceilDiv(-first, stride)));
    int to = Math.max(from, Math.min(outputs, Math.ceilDiv(size - first, stride)));
    return new WindowSpan(from, to, first, stride);
  }

  public int count() {
    return to - from;
  }

  /** The input position that the element reads at an output position. */
  public int inputPosition(int output) {
    return first + output * stride;
  }
}
