package dev.fovea.cpu.vector;

import static dev.fovea.cpu.vector.Lanes.COUNT;

/**
 * The kernel of a convolution's weight gradient with images in the lanes: for up to six filters and some taps, the sums over blocks of
 * images and places of input times gradient. Lanes stay apart; {@link dev.fovea.cpu.Sums} adds them up afterwards. The loops are
 * generated.
 */
final class GradTile extends GradLoops {
  /** The taps that one call takes: as many sums as fit the registers. */
  static final int TAPS = COUNT == 16 ? 4 : 2;

  /** The sums of {@code filters} filters, six, four, two or one. */
  void run(int filters, int firstX, int firstDy) {
    if (COUNT == 16) {
      switch (filters) {
        case 6 -> apart6x4(firstX, firstDy);
        case 4 -> apart4x4(firstX, firstDy);
        case 2 -> apart2x4(firstX, firstDy);
        default -> apart1x4(firstX, firstDy);
      }
    } else {
      switch (filters) {
        case 6 -> apart6x2(firstX, firstDy);
        case 4 -> apart4x2(firstX, firstDy);
        case 2 -> apart2x2(firstX, firstDy);
        default -> apart1x2(firstX, firstDy);
      }
    }
  }
}
