package dev.fovea.cpu.kernel;

import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Which positions of a plane each position of the pooled plane reads, or the adjoint of that. */
public record PoolGeometry(int planes, int inH, int inW, Axis rows, Axis columns) {

  /** Each window reads the image under it. */
  public static PoolGeometry forward(Window w, Shape x, Shape y) {
    return new PoolGeometry(
        x.dim(0) * x.dim(1),
        x.dim(2),
        x.dim(3),
        Axis.forward(x.dim(2), y.dim(2), w.kernelH(), w.strideH(), w.top(), w.dilationH()),
        Axis.forward(x.dim(3), y.dim(3), w.kernelW(), w.strideW(), w.left(), w.dilationW()));
  }

  /** Each pixel reads the windows that contain it. */
  public static PoolGeometry backward(Window w, Shape x, Shape y) {
    return new PoolGeometry(
        x.dim(0) * x.dim(1),
        y.dim(2),
        y.dim(3),
        Axis.backward(y.dim(2), x.dim(2), w.kernelH(), w.strideH(), w.top(), w.dilationH()),
        Axis.backward(y.dim(3), x.dim(3), w.kernelW(), w.strideW(), w.left(), w.dilationW()));
  }

  /** Adaptive pooling: each position of y reads its part of x. */
  public static PoolGeometry adaptive(Shape x, Shape y) {
    return new PoolGeometry(
        x.dim(0) * x.dim(1),
        x.dim(2),
        x.dim(3),
        Axis.adaptive(x.dim(2), y.dim(2)),
        Axis.adaptive(x.dim(3), y.dim(3)));
  }

  /** The adjoint of {@link #adaptive}: each pixel of x reads the positions of y that read it. */
  public static PoolGeometry adaptiveBackward(Shape x, Shape y) {
    return new PoolGeometry(
        x.dim(0) * x.dim(1),
        y.dim(2),
        y.dim(3),
        Axis.adaptiveBackward(y.dim(2), x.dim(2)),
        Axis.adaptiveBackward(y.dim(3), x.dim(3)));
  }

  /** What each position's sum is multiplied by to give the mean of all that it reads. */
  public float[] scales() {
    return scales(rows.tapCounts(), columns.tapCounts());
  }

  public int outH() {
    return rows.size();
  }

  public int outW() {
    return columns.size();
  }

  /** What each window's sum is multiplied by to give its mean: one over the number of pixels that count. */
  public static float[] scales(Window w, boolean countPadding, Shape x, Shape y) {
    int padding = countPadding ? 1 : 0;
    int[] rows = counts(w::rowOf, y.dim(2), w.kernelH(), w.dilationH(), padding * w.top(), x.dim(2) + padding * w.bottom());
    int[] columns =
        counts(w::columnOf, y.dim(3), w.kernelW(), w.dilationW(), padding * w.left(), x.dim(3) + padding * w.right());
    return scales(rows, columns);
  }

  /** For each window the number of its elements from {@code -before} up to, not including, {@code end}. */
  private static int[] counts(IntUnaryOperator first, int windows, int kernel, int dilation, int before, int end) {
    return IntStream.range(0, windows)
        .map(first)
        .map(at -> Math.min(kernel, Math.ceilDiv(end - at, dilation)) - Math.ceilDiv(Math.max(0, -before - at), dilation))
        .map(count -> Math.max(0, count))
        .toArray();
  }

  private static float[] scales(int[] rows, int[] columns) {
    float[] scales = new float[rows.length * columns.length];
    for (int row = 0, position = 0; row < rows.length; row++) {
      for (int column : columns) {
        scales[position++] = 1f / Math.max(1, rows[row] * column);
      }
    }
    return scales;
  }
}
