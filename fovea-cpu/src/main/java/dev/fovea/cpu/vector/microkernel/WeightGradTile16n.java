package dev.fovea.cpu.vector.microkernel;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;

/**
 * The multiply-add kernel of convolution weight gradients in NCHW16n: for up to six filters and some taps, the sums over blocks of
 * images and positions of input times gradient. Each lane has its own sum; {@link dev.fovea.cpu.kernel.PartialSums} adds them up
 * afterwards. The loops are generated.
 */
public final class WeightGradTile16n extends WeightGradTile16nLoops {
  /** The number of taps of one call: as many as have sums in registers. */
  public static final int TAPS = COUNT == 16 ? 4 : 2;

  /** Computes the sums of {@code filters} filters: 6, 4, 2 or 1. */
  public void run(int filters, int firstX, int firstDy) {
    if (COUNT == 16) {
      switch (filters) {
        case 6 -> strided6x4(firstX, firstDy);
        case 4 -> strided4x4(firstX, firstDy);
        case 2 -> strided2x4(firstX, firstDy);
        default -> strided1x4(firstX, firstDy);
      }
    } else {
      switch (filters) {
        case 6 -> strided6x2(firstX, firstDy);
        case 4 -> strided4x2(firstX, firstDy);
        case 2 -> strided2x2(firstX, firstDy);
        default -> strided1x2(firstX, firstDy);
      }
    }
  }
}
