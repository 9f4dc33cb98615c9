package dev.fovea.cpu.vector.microkernel;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;

/**
 * Adds up outer products: for up to eight rows and three vectors, the sums over a list of positions of a row's value times the
 * vectors. In a weight gradient rows are input channels and vectors the gradients of filters; in matrix products rows are outputs
 * or images, and vectors the other factor. Each call adds to the sums of the one before, so that long lists may be split to fit
 * the cache. Contiguous rows are a third faster than strided ones. The loops are generated.
 */
public final class OuterProductTile extends OuterProductTileLoops {
  /** The maximum number of rows of one call. */
  public static final int MAX_ROWS = COUNT == 16 ? 8 : 4;

  /** The maximum number of vectors for contiguous rows: what fits the registers. Strided rows take two. */
  public static final int MAX_VECTORS = COUNT == 16 ? 3 : 2;

  /** The number of rows of the next call if {@code left} remain; it may be larger, and then computes some rows twice. */
  public static int width(int left) {
    return left >= MAX_ROWS ? MAX_ROWS : left > 4 ? 8 : left > 1 ? 4 : 1;
  }

  /** Adds the products at the first {@code count} positions for {@link #MAX_ROWS} contiguous rows. */
  public void contiguous(int vectors, int scalarsAt, int vectorsAt, int count) {
    if (COUNT == 16) {
      switch (vectors) {
        case 3 -> contiguous8x3(scalarsAt, vectorsAt, count);
        case 2 -> contiguous8x2(scalarsAt, vectorsAt, count);
        default -> contiguous8x1(scalarsAt, vectorsAt, count);
      }
    } else if (vectors == 2) {
      contiguous4x2(scalarsAt, vectorsAt, count);
    } else {
      contiguous4x1(scalarsAt, vectorsAt, count);
    }
  }

  /** The same for {@code width} strided rows, with one vector or two. */
  public void strided(int width, int vectors, int scalarsAt, int vectorsAt, int count) {
    if (vectors == 2) {
      switch (width) {
        case 8 -> strided8x2(scalarsAt, vectorsAt, count);
        case 4 -> strided4x2(scalarsAt, vectorsAt, count);
        default -> strided1x2(scalarsAt, vectorsAt, count);
      }
    } else {
      switch (width) {
        case 8 -> strided8x1(scalarsAt, vectorsAt, count);
        case 4 -> strided4x1(scalarsAt, vectorsAt, count);
        default -> strided1x1(scalarsAt, vectorsAt, count);
      }
    }
  }
}
