package dev.fovea.graph;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** The definition of operators that move, crop, concatenate, resize and pool: which elements are paired. */
final class ReferenceMaps {
  private ReferenceMaps() {}

  interface Pair {
    void at(int x, int y);
  }

  interface Counted {
    void at(int x, int y, int count);
  }

  interface Weighted {
    void at(int x, int y, double weight);
  }

  /** The loop nest of convolution with separate weights for each output position, {@code [Ho, Wo, K, C, kh, kw]}. */
  static void local(Window w, Shape x, Shape y, Counted tap) {
    int area = w.kernelH() * w.kernelW();
    for (int yi = 0; yi < y.size(); yi++) {
      int column = yi % y.dim(3);
      int row = yi / y.dim(3) % y.dim(2);
      int k = yi / y.sizeFrom(2) % y.dim(1);
      int n = yi / y.sizeFrom(1);
      for (int t = 0; t < x.dim(1) * area; t++) {
        int h = w.rowOf(row) + t % area / w.kernelW() * w.dilationH();
        int v = w.columnOf(column) + t % w.kernelW() * w.dilationW();
        if (h >= 0 && h < x.dim(2) && v >= 0 && v < x.dim(3)) {
          int position = (row * y.dim(3) + column) * y.dim(1) + k;
          tap.at(((n * x.dim(1) + t / area) * x.dim(2) + h) * x.dim(3) + v, yi, position * x.dim(1) * area + t);
        }
      }
    }
  }

  /** Each pixel with each adaptive window that contains it, and that window's pixel count. */
  static void adaptive(Shape x, Shape y, Counted f) {
    for (int yi = 0; yi < y.size(); yi++) {
      int plane = yi / y.sizeFrom(2);
      int row = yi / y.dim(3) % y.dim(2);
      int column = yi % y.dim(3);
      int top = from(row, x.dim(2), y.dim(2));
      int bottom = to(row, x.dim(2), y.dim(2));
      int left = from(column, x.dim(3), y.dim(3));
      int right = to(column, x.dim(3), y.dim(3));
      for (int h = top; h < bottom; h++) {
        for (int v = left; v < right; v++) {
          f.at((plane * x.dim(2) + h) * x.dim(3) + v, yi, (bottom - top) * (right - left));
        }
      }
    }
  }

  private static int from(int position, int in, int out) {
    return (int) ((long) position * in / out);
  }

  private static int to(int position, int in, int out) {
    return (int) (((position + 1L) * in + out - 1) / out);
  }

  static double[] concat(Shape shape, double[][] in, List<Shape> shapes, int axis) {
    double[] out = new double[shape.size()];
    int at = 0;
    for (int n = 0; n < shape.size() / shape.sizeFrom(axis); n++) {
      for (int k = 0; k < in.length; k++) {
        int size = shapes.get(k).sizeFrom(axis);
        System.arraycopy(in[k], n * size, out, at, size);
        at += size;
      }
    }
    return out;
  }

  /** Each element of y with that of x at the same position, but at another index along an axis: a function of y's index there. */
  static void along(int axis, Shape y, Shape x, IntUnaryOperator index, Pair f) {
    int inner = y.sizeFrom(axis + 1);
    for (int i = 0; i < y.size(); i++) {
      int at = index.applyAsInt(i / inner % y.dim(axis));
      f.at(i, (i / inner / y.dim(axis) * x.dim(axis) + at) * inner + i % inner);
    }
  }

  /** The same with an index for each element. */
  static void byElement(int axis, Shape y, Shape x, double[] indices, Pair f) {
    int inner = y.sizeFrom(axis + 1);
    for (int i = 0; i < y.size(); i++) {
      int at = (int) indices[i];
      if (at != indices[i] || at < 0 || at >= x.dim(axis)) {
        throw new FoveaException("GatherElements expects indices from 0 to " + (x.dim(axis) - 1) + ", got " + indices[i]);
      }
      f.at(i, (i / inner / y.dim(axis) * x.dim(axis) + at) * inner + i % inner);
    }
  }

  static double[] transposed(Shape x, double[] values, Shape y, List<Integer> perm) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      int from = 0;
      for (int axis = 0; axis < y.rank(); axis++) {
        from += i / y.sizeFrom(axis + 1) % y.dim(axis) * x.sizeFrom(perm.get(axis) + 1);
      }
      out[i] = values[from];
    }
    return out;
  }

  static double[] matMul(List<Shape> shapes, double[][] in, Shape y) {
    int rows = y.dim(y.rank() - 2);
    int columns = y.dim(y.rank() - 1);
    int inner = shapes.get(0).dim(shapes.get(0).rank() - 1);
    double[] out = new double[y.size()];
    for (int i = 0; i < out.length; i++) {
      int matrix = i / columns / rows;
      int a = Reference.indexOf(matrix, leading(y), leading(shapes.get(0))) * rows + i / columns % rows;
      int b = Reference.indexOf(matrix, leading(y), leading(shapes.get(1)));
      for (int k = 0; k < inner; k++) {
        out[i] += in[0][a * inner + k] * in[1][(b * inner + k) * columns + i % columns];
      }
    }
    return out;
  }

  private static Shape leading(Shape x) {
    return new Shape(x.dims().subList(0, x.rank() - 2));
  }

  /** The values shifted by {@code by} positions along an axis; values shifted out are dropped, free positions are zero. */
  static double[] shifted(Shape x, double[] values, Shape y, int axis, int by) {
    double[] out = new double[y.size()];
    int inner = y.sizeFrom(axis + 1);
    for (int i = 0; i < out.length; i++) {
      int position = i / inner % y.dim(axis) - by;
      if (position >= 0 && position < x.dim(axis)) {
        out[i] = values[(i / inner / y.dim(axis) * x.dim(axis) + position) * inner + i % inner];
      }
    }
    return out;
  }

  /** Each pixel of the resized image with the pixels that it reads, and their weights. */
  static void resize(Op.Interpolation how, Shape x, Shape y, Weighted f) {
    for (int yi = 0; yi < y.size(); yi++) {
      int plane = yi / y.sizeFrom(2) * x.dim(2) * x.dim(3);
      double row = source(how, yi / y.dim(3) % y.dim(2), x.dim(2), y.dim(2));
      double column = source(how, yi % y.dim(3), x.dim(3), y.dim(3));
      for (int corner = 0; corner < 4; corner++) {
        int h = (int) row + corner / 2;
        int v = (int) column + corner % 2;
        double weight = (1 - Math.abs(row - h)) * (1 - Math.abs(column - v));
        if (weight > 0 && h < x.dim(2) && v < x.dim(3)) {
          f.at(plane + h * x.dim(3) + v, yi, weight);
        }
      }
    }
  }

  private static double source(Op.Interpolation how, int position, int in, int out) {
    return switch (how) {
      case NEAREST -> (double) (int) ((long) position * in / out);
      case BILINEAR -> Math.max(0, Math.min(in - 1.0, (position + 0.5) * in / out - 0.5));
      case BILINEAR_CORNERS -> out == 1 ? 0 : position * (in - 1.0) / (out - 1);
    };
  }

  /** Each element's index with the index of the result of its channel's group of pieces. */
  static void pieces(Shape x, int pieces, Pair f) {
    int inner = x.sizeFrom(2);
    for (int i = 0; i < x.size(); i++) {
      f.at(i, i / inner / pieces * inner + i % inner);
    }
  }
}
