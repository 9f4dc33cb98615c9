package dev.fovea.cpu.vector.packing;

import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;

/**
 * Windows that all lie inside the images, so that all places read alike.
 *
 * @param x the images' shape, {@link #covered} by the windows unless they were {@link #inside} before
 * @param dy the shape of what comes out, a place a window
 */
public record CoveredWindows(Window window, Shape x, Shape dy) {
  /** Whether all windows lie inside the images. */
  public static boolean inside(Window window, Shape x, Shape dy) {
    Shape covered = covered(window, x, dy);
    return window.top() == 0 && window.left() == 0 && covered.dim(2) <= x.dim(2) && covered.dim(3) <= x.dim(3);
  }

  /**
   * The shape of what the windows cover. Images are cut to it and filled with zeros where a window reaches outside: a product with zero
   * adds nothing, and then all places read alike.
   */
  public static Shape covered(Window window, Shape x, Shape dy) {
    int height = (dy.dim(2) - 1) * window.strideH() + (window.kernelH() - 1) * window.dilationH() + 1;
    int width = (dy.dim(3) - 1) * window.strideW() + (window.kernelW() - 1) * window.dilationW() + 1;
    return Shape.of(x.dim(0), x.dim(1), height, width);
  }

  /** Where each tap, a channel with an element of the window, reads behind a place; a number of an image takes {@code unit} floats. */
  public int[] taps(int channels, int unit) {
    int area = window.kernelH() * window.kernelW();
    int[] taps = new int[channels * area];
    for (int tap = 0; tap < taps.length; tap++) {
      int row = tap % area / window.kernelW() * window.dilationH();
      int column = tap % window.kernelW() * window.dilationW();
      taps[tap] = ((tap / area * x.dim(2) + row) * x.dim(3) + column) * unit;
    }
    return taps;
  }

  /** Where the places of the first rows read. */
  public int[] positions(int rows, int unit) {
    int[] positions = new int[rows * dy.dim(3)];
    for (int position = 0; position < positions.length; position++) {
      int row = position / dy.dim(3) * window.strideH();
      int column = position % dy.dim(3) * window.strideW();
      positions[position] = (row * x.dim(3) + column) * unit;
    }
    return positions;
  }
}
