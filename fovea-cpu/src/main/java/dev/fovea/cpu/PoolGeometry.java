package dev.fovea.cpu;

import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;

/** Which places of a plane each place of a pooled plane reads, or the other way round. */
public record PoolGeometry(int planes, int inH, int inW, Axis rows, Axis columns) {

  /** Each window reads the picture under it. */
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
    float[] shares = new float[outH() * outW()];
    for (int place = 0; place < shares.length; place++) {
      int count = rows.taps(rows.classOf(place / outW())).size() * columns.taps(columns.classOf(place % outW())).size();
      shares[place] = 1f / count;
    }
    return shares;
  }

  public int outH() {
    return rows.size();
  }

  public int outW() {
    return columns.size();
  }

  /** What each window's sum is multiplied by to be its mean: one over the pixels that count. */
  public static float[] shares(Window w, boolean countPadding, Shape x, Shape y) {
    float[] shares = new float[y.dim(2) * y.dim(3)];
    for (int place = 0; place < shares.length; place++) {
      int rows = counted(w.rowOf(place / y.dim(3)), w.kernelH(), w.dilationH(), x.dim(2), countPadding ? w.top() : 0,
          countPadding ? w.bottom() : 0);
      int columns =
          counted(w.columnOf(place % y.dim(3)), w.kernelW(), w.dilationW(), x.dim(3), countPadding ? w.left() : 0,
              countPadding ? w.right() : 0);
      shares[place] = 1f / Math.max(1, rows * columns);
    }
    return shares;
  }

  private static int counted(int first, int kernel, int dilation, int size, int before, int after) {
    int count = 0;
    for (int k = 0; k < kernel; k++) {
      int at = first + k * dilation;
      count += at >= -before && at < size + after ? 1 : 0;
    }
    return count;
  }
}
