package dev.fovea.cpu.kernel;

import dev.fovea.tensor.Shape;

/** The memory layout of a tensor. */
public enum Layout {
  /** Row-major, NCHW. */
  NCHW,
  /**
   * Blocks of 16 images, {@code [N/16][C][H][W][16]}: a vector holds the same pixel of 16 images, so that odd channel counts and
   * odd sizes waste nothing. The last block is padded; its padding lanes are arbitrary but finite in activations and zero in
   * gradients.
   */
  NCHW16N,
  /**
   * Blocks of 16 channels, {@code [N][C/16][H][W][16]}, oneDNN's nChw16c: a single image fills the vector lanes. The padding lanes
   * of the last block are arbitrary; no kernel combines them with the lanes of real channels.
   */
  NCHW16C;

  /** Images or channels in a block, independent of the machine's vector width: sums over a batch have this many partial sums. */
  public static final int BLOCK = 16;

  /**
   * The index of the first float at the start of a cache line, in an array object that is aligned to one: the array's header takes
   * the space of four floats. Vectors that cross cache lines take nearly twice as long. The launcher aligns arrays to cache lines
   * (-XX:ObjectAlignmentInBytes=64).
   */
  public static final int CACHE_LINE_START = 12;

  /** The floats that a tensor needs; {@link #NCHW16C} needs an axis of channels. */
  public long size(Shape shape) {
    return switch (this) {
      case NCHW -> shape.size();
      case NCHW16N -> (long) imageBlocks(shape) * BLOCK * shape.sizeFrom(1);
      case NCHW16C -> (long) shape.dim(0) * channelBlocks(shape) * BLOCK * shape.sizeFrom(2);
    };
  }

  /** The planes, each 16 floats wide, of a tensor in a blocked layout. */
  public int planes(Shape shape) {
    return switch (this) {
      case NCHW -> throw new IllegalArgumentException("NCHW has no blocks");
      case NCHW16N -> imageBlocks(shape) * shape.dim(1);
      case NCHW16C -> shape.dim(0) * channelBlocks(shape);
    };
  }

  /** The blocks of images in {@link #NCHW16N}. */
  public static int imageBlocks(Shape shape) {
    return (shape.dim(0) + BLOCK - 1) / BLOCK;
  }

  /** The blocks of channels of one image in {@link #NCHW16C}. */
  public static int channelBlocks(Shape shape) {
    return (shape.dim(1) + BLOCK - 1) / BLOCK;
  }

  /** Whether a tensor has the same memory in another layout: whole blocks of channels of maps of one pixel are rows. */
  public boolean isSameMemory(Layout other, Shape shape) {
    return this == other
        || this != NCHW16N && other != NCHW16N && shape.rank() > 1 && shape.dim(1) % BLOCK == 0 && shape.sizeFrom(2) == 1;
  }

  /** Whether a tensor in this layout can be reshaped without moving an element. */
  public boolean allowsReshape(Shape from, Shape to) {
    return switch (this) {
      case NCHW -> true;
      case NCHW16N -> from.rank() > 0 && to.rank() > 0 && from.dim(0) == to.dim(0);
      case NCHW16C -> to.rank() > 1 && from.dim(0) == to.dim(0) && from.dim(1) == to.dim(1);
    };
  }
}
