package dev.fovea.cpu.kernel;

import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** Which places of a plane each place of a pooled plane reads, or the other way round. */
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

  /** Each pixel reads the windows that it lies in. */
  public static PoolGeometry backward(Window w, Shape x, Shape y) {
    return new PoolGeometry(
        x.dim(0) * x.dim(1),
        y.dim(2),
        y.dim(3),
        Axis.backward(y.dim(2), x.dim(2), w.kernelH(), w.strideH(), w.top(), w.dilationH()),
        Axis.backward(y.dim(3), x.dim(3), w.kernelW(), w.strideW(), w.left(), w.dilationW()));
  }

  /** Each of y's places reads its share of x. */
  public static PoolGeometry adaptive(Shape x, Shape y) {
    return new PoolGeometry(
        x.dim(0) * x.dim(1),
        x.dim(2),
        x.dim(3),
        Axis.adaptive(x.dim(2), y.dim(2)),
        Axis.adaptive(x.dim(3), y.dim(3)));
  }

  /** Each pixel of x reads the places of y that it has a share in. */
  public static PoolGeometry adaptiveBackward(Shape x, Shape y) {
    return new PoolGeometry(
        x.dim(0) * x.dim(1),
        y.dim(2),
        y.dim(3),
        Axis.adaptiveBackward(y.dim(2), x.dim(2)),
        Axis.adaptiveBackward(y.dim(3), x.dim(3)));
  }

  /** What each place's sum is multiplied by to be the mean of all that it reads. */
  public float[] shares() {
    return shares(rows.reads(), columns.reads());
  }

  public int outH() {
    return rows.size();
  }

  public int outW() {
    return columns.size();
  }

  /** What each window's sum is multiplied by to be its mean: one over the pixels that count. */
  public static float[] shares(Window w, boolean countPadding, Shape x, Shape y) {
    int padding = countPadding ? 1 : 0;
    int[] rows = counts(w::rowOf, y.dim(2), w.kernelH(), w.dilationH(), padding * w.top(), x.dim(2) + padding * w.bottom());
    int[] columns =
        counts(w::columnOf, y.dim(3), w.kernelW(), w.dilationW(), padding * w.left(), x.dim(3) + padding * w.right());
    return shares(rows, columns);
  }

  /** For each window how many of its elements lie from {@code -before} up to, not including, {@code end}. */
  private static int[] counts(IntUnaryOperator first, int windows, int kernel, int dilation, int before, int end) {
    return IntStream.range(0, windows)
        .map(first)
        .map(at -> Math.min(kernel, Math.ceilDiv(end - at, dilation)) - Math.ceilDiv(Math.max(0, -before - at), dilation))
        .map(count -> Math.max(0, count))
        .toArray();
  }

  private static float[] shares(int[] rows, int[] columns) {
    float[] shares = new float[rows.length * columns.length];
    for (int row = 0, position = 0; row < rows.length; row++) {
      for (int column : columns) {
        shares[position++] = 1f / Math.max(1, rows[row] * column);
      }
    }
    return shares;
  }
}
