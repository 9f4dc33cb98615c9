package dev.fovea.images.webp;

import java.io.IOException;

/** Reads the coefficients of 4x4 blocks (RFC 6386, section 13). */
final class Vp8Tokens {
  /** Kinds of blocks: luma without its average, the averages of luma, chroma, luma with its average. */
  static final int LUMA_AFTER_AVERAGE = 0;

  static final int AVERAGES = 1;
  static final int CHROMA = 2;
  static final int LUMA = 3;

  /** The band of each position; one more, so that there is a next one after the last. */
  private static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};

  private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};

  /** The probabilities of the additional bits of large values, by category. */
  private static final int[][] ADDITIONAL = {
      {173, 148, 140}, {176, 155, 140, 135}, {180, 157, 141, 134, 130},
      {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
  };

  private static final int PROBABILITIES = 11;
  private static final int CONTEXTS = 3;
  private static final int BANDS_OF_KIND = 8;

  private final int[] probabilities;

  Vp8Tokens(int[] probabilities) {
    this.probabilities = probabilities;
  }

  /**
   * Reads the coefficients of a block, times their steps, into {@code to} from {@code at} on.
   *
   * @param context the number of blocks, of the one above and the one to the left, that have coefficients
   * @param first the position of the first coefficient
   * @return the position after the last coefficient that is coded
   */
  int read(BoolReader in, int kind, int context, int first, int dcStep, int acStep, int[] to, int at) throws IOException {
    int p = index(kind, first, context);
    for (int n = first; n < 16; n++) {
      if (in.bit(probabilities[p]) == 0) {
        return n;
      }
      while (in.bit(probabilities[p + 1]) == 0) {
        n++;
        if (n == 16) {
          return 16;
        }
        p = index(kind, n, 0);
      }
      int value = 1;
      if (in.bit(probabilities[p + 2]) != 0) {
        value = large(in, p);
      }
      p = index(kind, n + 1, value == 1 ? 1 : 2);
      to[at + ZIGZAG[n]] = (in.flag() ? -value : value) * (n == 0 ? dcStep : acStep);
    }
    return 16;
  }

  private static int index(int kind, int position, int context) {
    return ((kind * BANDS_OF_KIND + BANDS[position]) * CONTEXTS + context) * PROBABILITIES;
  }

  /** A value of 2 or more. */
  private int large(BoolReader in, int p) throws IOException {
    if (in.bit(probabilities[p + 3]) == 0) {
      return in.bit(probabilities[p + 4]) == 0 ? 2 : 3 + in.bit(probabilities[p + 5]);
    }
    if (in.bit(probabilities[p + 6]) == 0) {
      return in.bit(probabilities[p + 7]) == 0 ? 5 + in.bit(159) : 7 + 2 * in.bit(165) + in.bit(145);
    }
    int high = in.bit(probabilities[p + 8]);
    int category = 2 * high + in.bit(probabilities[p + 9 + high]);
    int more = 0;
    for (int probability : ADDITIONAL[category]) {
      more = 2 * more + in.bit(probability);
    }
    return 3 + (8 << category) + more;
  }
}
