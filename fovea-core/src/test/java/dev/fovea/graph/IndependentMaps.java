package dev.fovea.graph;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The part of {@link IndependentReference} that crops, concatenates, resizes and pools maps: an element of the result by its
 * coordinates.
 */
record IndependentMaps(IndependentReference s) {
  private int height(int operand) {
    return s.shapes.get(operand).dim(2);
  }

  private int width(int operand) {
    return s.shapes.get(operand).dim(3);
  }

  double localConv(Window w, int[] at) {
    double sum = 0;
    for (int c = 0; c < s.shapes.getFirst().dim(1); c++) {
      for (int u = 0; u < w.kernelH(); u++) {
        for (int v = 0; v < w.kernelW(); v++) {
          int row = at[2] * w.strideH() - w.top() + u * w.dilationH();
          int column = at[3] * w.strideW() - w.left() + v * w.dilationW();
          sum += s.get(0, at[0], c, row, column) * s.get(1, at[2], at[3], at[1], c, u, v);
        }
      }
    }
    return sum;
  }

  /** The sum of the values of the windows whose maximum is at this position. */
  double unpooled(Window w, int[] at) {
    double sum = 0;
    for (int row = 0; row < height(1); row++) {
      for (int column = 0; column < width(1); column++) {
        if (wins(w, at, row, column)) {
          sum += s.get(1, at[0], at[1], row, column);
        }
      }
    }
    return sum;
  }

  double picked(Window w, int[] at) {
    for (int row = 0; row < height(0); row++) {
      for (int column = 0; column < width(0); column++) {
        if (wins(w, new int[] {at[0], at[1], row, column}, at[2], at[3])) {
          return s.get(1, at[0], at[1], row, column);
        }
      }
    }
    throw new AssertionError("a window without a winner");
  }

  /** Whether a position is the first maximum of that window. */
  private boolean wins(Window w, int[] position, int row, int column) {
    if (!covers(w, position[2], position[3], row, column)) {
      return false;
    }
    double here = s.get(0, position);
    for (int h = 0; h < height(0); h++) {
      for (int v = 0; v < width(0); v++) {
        double there = s.get(0, position[0], position[1], h, v);
        boolean before = h < position[2] || h == position[2] && v < position[3];
        if (covers(w, h, v, row, column) && (there > here || before && there == here)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean covers(Window w, int h, int v, int row, int column) {
    return covers(h + w.top() - row * w.strideH(), w.kernelH(), w.dilationH())
        && covers(v + w.left() - column * w.strideW(), w.kernelW(), w.dilationW());
  }

  private static boolean covers(int distance, int kernel, int dilation) {
    return distance >= 0 && distance % dilation == 0 && distance / dilation < kernel;
  }

  /** The elements of the adaptive window there. */
  DoubleStream adaptive(int[] at) {
    return share(at[2], height(0), s.out.dim(2)).boxed()
        .flatMapToDouble(row -> share(at[3], width(0), s.out.dim(3)).mapToDouble(column -> s.get(0, at[0], at[1], row, column)));
  }

  /** The positions of an axis whose interval, scaled to the result's axis, overlaps the interval of the result's position. */
  private static IntStream share(int position, int in, int out) {
    return IntStream.range(0, in).filter(i -> (i + 1) * out > position * in && i * out < (position + 1) * in);
  }

  double concat(int[] at, int axis) {
    int operand = 0;
    int position = at[axis];
    while (position >= s.shapes.get(operand).dim(axis)) {
      position -= s.shapes.get(operand).dim(axis);
      operand++;
    }
    return s.get(operand, IndependentReference.with(at, axis, position));
  }

  double maxout(int pieces, int[] at) {
    return IntStream.range(0, pieces)
        .mapToDouble(piece -> s.get(0, IndependentReference.with(at, 1, at[1] * pieces + piece)))
        .max()
        .orElseThrow();
  }

  double resized(Op.Interpolation how, int[] at) {
    double row = source(how, at[2], height(0), s.out.dim(2));
    double column = source(how, at[3], width(0), s.out.dim(3));
    double above = between(at, (int) Math.floor(row), column);
    double below = between(at, (int) Math.ceil(row), column);
    return above + (row - Math.floor(row)) * (below - above);
  }

  private double between(int[] at, int row, double column) {
    double left = s.get(0, at[0], at[1], row, (int) Math.floor(column));
    double right = s.get(0, at[0], at[1], row, (int) Math.ceil(column));
    return left + (column - Math.floor(column)) * (right - left);
  }

  private static double source(Op.Interpolation how, int position, int in, int out) {
    return switch (how) {
      case NEAREST -> Math.floorDiv(position * in, out);
      case BILINEAR -> Math.clamp((2.0 * position + 1) * in / (2.0 * out) - 0.5, 0.0, in - 1.0);
      case BILINEAR_CORNERS -> position == 0 ? 0 : (double) position * (in - 1) / (out - 1);
    };
  }
}
