package dev.fovea.cpu.kernel;

import dev.fovea.tensor.Shape;

/** How a tensor lies in memory. */
public enum Layout {
  /** Row-major, NCHW. */
  NCHW,
  /**
   * Images in the lanes: blocks of 16 images, {@code [N/16][C][H][W][16]}, so that odd channel counts and odd sizes waste nothing.
   * The last block is filled up; what its spare lanes hold is arbitrary but finite in activations and zero in gradients.
   */
  NCHW16N,
  /**
   * Channels in the lanes: {@code [N][C/16][H][W][16]}, blocks of 16 channels, so that a single image fills the lanes. The last
   * block is filled up with arbitrary numbers; no kernel lets one channel's lane meet another's.
   */
  NCHW16C;

  /** Images or channels in a block, whatever the machine's vectors are: sums over a batch have this many partial sums. */
  public static final int BLOCK = 16;

  /**
   * The first number of an array that begins a line of the cache, if the array itself does: its header takes the place of four. Vectors
   * that cross lines take nearly twice as long. The launcher has arrays begin with a line (-XX:ObjectAlignmentInBytes=64).
   */
  public static final int LINE_START = 12;

  /** The floats that a tensor takes; {@link #NCHW16C} needs an axis of channels. */
  public long size(Shape shape) {
    return switch (this) {
      case NCHW -> shape.size();
      case NCHW16N -> (long) blocks(shape) * BLOCK * shape.sizeFrom(1);
      case NCHW16C -> (long) shape.dim(0) * channelBlocks(shape) * BLOCK * shape.sizeFrom(2);
    };
  }

  /** The planes of images that lie in lanes of 16. */
  public int planes(Shape shape) {
    return switch (this) {
      case NCHW -> throw new IllegalArgumentException("plain images lie in no lanes");
      case NCHW16N -> blocks(shape) * shape.dim(1);
      case NCHW16C -> shape.dim(0) * channelBlocks(shape);
    };
  }

  /** The blocks of images of {@link #NCHW16N}. */
  public static int blocks(Shape shape) {
    return (shape.dim(0) + BLOCK - 1) / BLOCK;
  }

  /** The blocks of channels of one image of {@link #NCHW16C}. */
  public static int channelBlocks(Shape shape) {
    return (shape.dim(1) + BLOCK - 1) / BLOCK;
  }

  /** Whether a tensor keeps its memory in this layout when it takes another shape of as many numbers. */
  public boolean survives(Shape from, Shape to) {
    return switch (this) {
      case NCHW -> true;
      case NCHW16N -> from.rank() > 0 && to.rank() > 0 && from.dim(0) == to.dim(0);
      case NCHW16C -> to.rank() > 1 && from.dim(0) == to.dim(0) && from.dim(1) == to.dim(1);
    };
  }
}
