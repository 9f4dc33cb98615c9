package dev.fovea.cpu.vector.packing;

import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;

/**
 * Windows that are all inside the images, so that all output positions are of one class.
 *
 * @param x the images' shape: {@link #coveredShape}, unless all windows are {@link #inside} the original images
 * @param dy the shape of the output, one position per window
 */
public record ValidWindows(Window window, Shape x, Shape dy) {
  /** Whether all windows are inside the images. */
  public static boolean inside(Window window, Shape x, Shape dy) {
    Shape coveredShape = coveredShape(window, x, dy);
    return window.top() == 0 && window.left() == 0 && coveredShape.dim(2) <= x.dim(2) && coveredShape.dim(3) <= x.dim(3);
  }

  /**
   * The shape of what the windows cover. Images are cropped or padded with zeros to it: a product with zero adds nothing, and then
   * all positions are of one class.
   */
  public static Shape coveredShape(Window window, Shape x, Shape dy) {
    int height = (dy.dim(2) - 1) * window.strideH() + (window.kernelH() - 1) * window.dilationH() + 1;
    int width = (dy.dim(3) - 1) * window.strideW() + (window.kernelW() - 1) * window.dilationW() + 1;
    return Shape.of(x.dim(0), x.dim(1), height, width);
  }

  /**
   * The offset of each tap (a channel and an element of the window) from a position; one pixel of a channel takes {@code unit}
   * floats.
   */
  public int[] tapOffsets(int channels, int unit) {
    int area = window.kernelH() * window.kernelW();
    int[] tapOffsets = new int[channels * area];
    for (int tap = 0; tap < tapOffsets.length; tap++) {
      int row = tap % area / window.kernelW() * window.dilationH();
      int column = tap % window.kernelW() * window.dilationW();
      tapOffsets[tap] = ((tap / area * x.dim(2) + row) * x.dim(3) + column) * unit;
    }
    return tapOffsets;
  }

  /** The input offsets of the output positions of the first {@code rows} rows. */
  public int[] offsets(int rows, int unit) {
    int[] offsets = new int[rows * dy.dim(3)];
    for (int position = 0; position < offsets.length; position++) {
      int row = position / dy.dim(3) * window.strideH();
      int column = position % dy.dim(3) * window.strideW();
      offsets[position] = (row * x.dim(3) + column) * unit;
    }
    return offsets;
  }
}
