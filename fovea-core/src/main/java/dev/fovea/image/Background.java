package dev.fovea.image;

/**
 * Composites transparent pixels over a background: white, as on a page, or black if the drawing would vanish on white. That is the
 * case if the drawing is light, and at most a hundredth of it differs from white by 64 levels or more. An image without a
 * transparent pixel keeps its samples.
 */
final class Background {
  private static final int WHITE = 255;
  private static final int BLACK = 0;
  private static final int OPAQUE = 255;
  private static final int CONTRAST = 64;
  private static final int MIN_RATIO = 100;

  /** The opacities of a row of pixels, 0 to 255. */
  @FunctionalInterface
  interface Opacity {
    void row(int y, int[] to);
  }

  private Background() {}

  /** Composites the image over its background, in place. */
  static Image composite(Image image, Opacity opacity) {
    int[] row = new int[image.width()];
    long drawn = 0;
    long light = 0;
    long contrasting = 0;
    boolean opaque = true;
    for (int y = 0; y < image.height(); y++) {
      opacity.row(y, row);
      for (int x = 0; x < row.length; x++) {
        int luma = luma(image, (y * row.length + x) * image.channels());
        opaque &= row[x] == OPAQUE;
        drawn += row[x];
        light += (long) row[x] * luma;
        contrasting += row[x] * (WHITE - luma) >= CONTRAST * OPAQUE ? row[x] : 0;
      }
    }
    if (!opaque) {
      boolean vanishes = 2 * light > WHITE * drawn && MIN_RATIO * contrasting <= drawn;
      blend(image, opacity, vanishes ? BLACK : WHITE);
    }
    return image;
  }

  private static int luma(Image image, int at) {
    byte[] pixels = image.pixels();
    return image.channels() == 1
        ? pixels[at] & 0xff
        : (299 * (pixels[at] & 0xff) + 587 * (pixels[at + 1] & 0xff) + 114 * (pixels[at + 2] & 0xff)) / 1000;
  }

  private static void blend(Image image, Opacity opacity, int background) {
    byte[] pixels = image.pixels();
    int[] row = new int[image.width()];
    for (int y = 0, at = 0; y < image.height(); y++) {
      opacity.row(y, row);
      for (int alpha : row) {
        for (int c = 0; c < image.channels(); c++, at++) {
          pixels[at] = (byte) (((pixels[at] & 0xff) * alpha + background * (OPAQUE - alpha) + OPAQUE / 2) / OPAQUE);
        }
      }
    }
  }
}
