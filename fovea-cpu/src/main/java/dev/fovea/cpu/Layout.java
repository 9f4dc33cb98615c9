package dev.fovea.cpu;

import dev.fovea.tensor.Shape;

/** How a tensor lies in memory. */
public enum Layout {
  /** Row-major, NCHW. */
  PLAIN,
  /**
   * Images in the lanes: blocks of 16 images, {@code [N/16][C][H][W][16]}, so that odd channel counts and odd sizes waste nothing.
   * The last block is filled up; what its spare lanes hold is arbitrary but finite in activations and zero in gradients.
   */
  LANES,
  /** Row-major with each row (a picture, flat) filled up to a multiple of 16 numbers. */
  ROWS;

  /** Images in a block of {@link #LANES}, whatever the machine's vectors are: sums over a batch have this many partial sums. */
  public static final int BLOCK = 16;

  /** The floats that a tensor takes. */
  public long size(Shape shape) {
    return switch (this) {
      case PLAIN -> shape.size();
      case LANES -> (long) blocks(shape) * BLOCK * shape.sizeFrom(1);
      case ROWS -> (long) shape.dim(0) * rowStride(shape);
    };
  }

  /** The blocks of {@link #LANES}. */
  public static int blocks(Shape shape) {
    return (shape.dim(0) + BLOCK - 1) / BLOCK;
  }

  /** The floats from one row of {@link #ROWS} to the next. */
  public static int rowStride(Shape shape) {
    return (shape.sizeFrom(1) + BLOCK - 1) / BLOCK * BLOCK;
  }
}
