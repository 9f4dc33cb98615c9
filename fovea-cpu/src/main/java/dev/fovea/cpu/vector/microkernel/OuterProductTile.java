package dev.fovea.cpu.vector.microkernel;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;

/**
 * Adds up outer products: for up to eight rows and three vectors, the sums over a list of places of a row's number times the vectors.
 * In a weight's gradient rows are input channels and vectors the gradients of filters; in matrix products rows are outputs or
 * images, and vectors the other factor. Each call goes on with the sums of the one before, so that long lists may be cut to fit the
 * cache. Rows that lie side by side are a third faster than rows apart. The loops are generated.
 */
public final class OuterProductTile extends OuterProductTileLoops {
  /** The most rows that one call takes. */
  public static final int MOST = COUNT == 16 ? 8 : 4;

  /** The most vectors for rows side by side: what fits the registers. Rows apart take two. */
  public static final int VECTORS = COUNT == 16 ? 3 : 2;

  /** How many rows the next call takes when {@code left} are to be computed; beyond those it may compute some twice. */
  public static int width(int left) {
    return left >= MOST ? MOST : left > 4 ? 8 : left > 1 ? 4 : 1;
  }

  /** Adds the products at the first {@code count} places for {@link #MOST} rows side by side. */
  public void contiguous(int vectors, int numbersAt, int vectorsAt, int count) {
    if (COUNT == 16) {
      switch (vectors) {
        case 3 -> contiguous8x3(numbersAt, vectorsAt, count);
        case 2 -> contiguous8x2(numbersAt, vectorsAt, count);
        default -> contiguous8x1(numbersAt, vectorsAt, count);
      }
    } else if (vectors == 2) {
      contiguous4x2(numbersAt, vectorsAt, count);
    } else {
      contiguous4x1(numbersAt, vectorsAt, count);
    }
  }

  /** The same for {@code width} rows apart, with one vector or two. */
  public void strided(int width, int vectors, int numbersAt, int vectorsAt, int count) {
    if (vectors == 2) {
      switch (width) {
        case 8 -> strided8x2(numbersAt, vectorsAt, count);
        case 4 -> strided4x2(numbersAt, vectorsAt, count);
        default -> strided1x2(numbersAt, vectorsAt, count);
      }
    } else {
      switch (width) {
        case 8 -> strided8x1(numbersAt, vectorsAt, count);
        case 4 -> strided4x1(numbersAt, vectorsAt, count);
        default -> strided1x1(numbersAt, vectorsAt, count);
      }
    }
  }
}
