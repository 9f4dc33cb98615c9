package dev.fovea.check;

import dev.fovea.format.Sha256;
import dev.fovea.image.Image;
import java.util.HexFormat;

/**
 * Hashes of an image by which duplicates are found.
 *
 * @param first half of a hash of the decoded pixels, with the image's size: equal for the same image in files that differ
 * @param second the other half
 * @param difference dHash (Krawetz: Kind of like that, 2013): 64 bits that say, in 8 rows of 9 grey values, which of two neighbours is
 *     brighter; similar images differ in few of them
 * @param flat whether the grey values are so similar that {@code difference} is noise
 */
record ImageHashes(long first, long second, long difference, boolean flat) {
  private static final int ROWS = 8;
  private static final int COLUMNS = 9;

  /** The range of the grey values, of 255, below which an image is flat. */
  private static final int MIN_RANGE = 8;

  private static final int HALF_DIGITS = 16;

  static ImageHashes of(Image image) {
    String pixels = new Sha256().text(image.toString()).bytes(image.pixels()).hex();
    byte[] grey = image.grey().resize(COLUMNS, ROWS).pixels();
    long bits = 0;
    int min = 255;
    int max = 0;
    for (int y = 0; y < ROWS; y++) {
      for (int x = 0; x < COLUMNS; x++) {
        int value = grey[y * COLUMNS + x] & 0xff;
        min = Math.min(min, value);
        max = Math.max(max, value);
        if (x > 0) {
          bits = bits << 1 | (value > (grey[y * COLUMNS + x - 1] & 0xff) ? 1 : 0);
        }
      }
    }
    return new ImageHashes(HexFormat.fromHexDigitsToLong(pixels, 0, HALF_DIGITS),
        HexFormat.fromHexDigitsToLong(pixels, HALF_DIGITS, 2 * HALF_DIGITS), bits, max - min < MIN_RANGE);
  }
}
