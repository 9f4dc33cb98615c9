package dev.fovea.image;

import java.awt.image.Raster;

/**
 * Converts CMYK to RGB by the formula of the Pillow library, R = (255 - C) (255 - K) / 255, without a colour profile: an embedded one is
 * ignored, as for every other image, and one of the machine would make results depend on it.
 */
final class Cmyk {
  static final int BANDS = 4;

  /** The conversion of BT.601 in 16-bit fixed point, as in libjpeg's jdcolor.c. */
  private static final int CR_TO_R = 91881;
  private static final int CB_TO_G = 22554;
  private static final int CR_TO_G = 46802;
  private static final int CB_TO_B = 116130;
  private static final int HALF = 1 << 15;

  /** Changes the samples of a pixel, in place, to C, M, Y and K. */
  private interface Samples {
    void toCmyk(int[] row, int at);
  }

  private Cmyk() {}

  /** The image of samples C, M, Y, K, of which the upper 8 bits are kept. */
  static Image image(Raster raster) {
    int shift = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
    return image(raster, (row, at) -> {
      for (int c = at; c < at + BANDS; c++) {
        row[c] >>= shift;
      }
    });
  }

  /**
   * The image of a JPEG's samples. They are taken to be inverted, as Adobe's programs write them and nearly every such file has them.
   *
   * @param ycck whether the first three are Y, Cb and Cr, whose red, green and blue are C, M and Y
   */
  static Image imageOfJpeg(Raster raster, boolean ycck) {
    return image(raster, ycck ? Cmyk::invertYcck : Cmyk::invert);
  }

  private static void invert(int[] row, int at) {
    for (int c = 0; c < BANDS; c++) {
      row[at + c] = 255 - row[at + c];
    }
  }

  private static void invertYcck(int[] row, int at) {
    int y = row[at];
    int cb = row[at + 1] - 128;
    int cr = row[at + 2] - 128;
    row[at] = Math.clamp(y + ((CR_TO_R * cr + HALF) >> 16), 0, 255);
    row[at + 1] = Math.clamp(y + ((HALF - CB_TO_G * cb - CR_TO_G * cr) >> 16), 0, 255);
    row[at + 2] = Math.clamp(y + ((CB_TO_B * cb + HALF) >> 16), 0, 255);
    row[at + 3] = 255 - row[at + 3];
  }

  private static Image image(Raster raster, Samples samples) {
    int width = raster.getWidth();
    byte[] pixels = new byte[ImageFile.samples(width, raster.getHeight(), 3)];
    int[] row = new int[width * BANDS];
    for (int y = 0, to = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int at = 0; at < row.length; at += BANDS) {
        samples.toCmyk(row, at);
        int light = 255 - row[at + 3];
        for (int c = 0; c < 3; c++) {
          pixels[to++] = (byte) (light - dividedBy255(row[at + c] * light));
        }
      }
    }
    return new Image(width, raster.getHeight(), 3, pixels);
  }

  /** Rounded; exact for products of two bytes. */
  private static int dividedBy255(int product) {
    int sum = product + 128;
    return ((sum >> 8) + sum) >> 8;
  }
}
