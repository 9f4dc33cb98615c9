package dev.fovea.cpu.vector.microkernel;

import static dev.fovea.cpu.vector.microkernel.Lanes.COUNT;

/**
 * The kernel of a convolution's weight gradient with images in the lanes: for up to six filters and some taps, the sums over blocks of
 * images and places of input times gradient. Lanes stay apart; {@link dev.fovea.cpu.kernel.Sums} adds them up afterwards. The loops are
 * generated.
 */
public final class WeightGradTile16n extends WeightGradTile16nLoops {
  /** The taps that one call takes: as many sums as fit the registers. */
  public static final int TAPS = COUNT == 16 ? 4 : 2;

  /** The sums of {@code filters} filters, six, four, two or one. */
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
