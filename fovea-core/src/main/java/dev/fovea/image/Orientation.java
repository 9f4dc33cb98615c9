package dev.fovea.image;

/** Image orientation: EXIF 2.3, tag 0x0112. If it cannot be read, the image counts as upright. */
final class Orientation {
  static final int UPRIGHT = 1;
  private static final int TAG = 0x0112;

  private Orientation() {}

  /** The orientation in a TIFF block (after EXIF's six bytes of identifier), 1 to 8. */
  static int exif(byte[] data, int from, int to) {
    if (to - from < 8 || data[from] != data[from + 1] || (data[from] != 'I' && data[from] != 'M')) {
      return UPRIGHT;
    }
    boolean little = data[from] == 'I';
    long directory = from + number(data, from + 4, 4, little);
    if (directory + 2 > to) {
      return UPRIGHT;
    }
    long count = number(data, (int) directory, 2, little);
    for (long i = 0; i < count && directory + 14 + 12 * i <= to; i++) {
      int entry = (int) (directory + 2 + 12 * i);
      if (number(data, entry, 2, little) == TAG) {
        boolean isLong = number(data, entry + 2, 2, little) == 4;
        long value = number(data, entry + 8, isLong ? 4 : 2, little);
        return value >= 1 && value <= 8 ? (int) value : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  private static long number(byte[] data, int at, int bytes, boolean little) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | (data[little ? at + bytes - 1 - i : at + i] & 0xff);
    }
    return value;
  }

  static Image upright(ImageFile.Stored stored) {
    Image image = stored.image();
    int orientation = stored.orientation();
    if (orientation == UPRIGHT) {
      return image;
    }
    boolean swapped = orientation >= 5;
    boolean mirrorX = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean mirrorY = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int width = swapped ? image.height() : image.width();
    int height = swapped ? image.width() : image.height();
    int channels = image.channels();
    byte[] from = image.pixels();
    byte[] to = new byte[from.length];
    // The source pixel of output (x, y) is at start + x * stepX + y * stepY.
    int right = (mirrorX ? -1 : 1) * channels;
    int down = (mirrorY ? -1 : 1) * channels * image.width();
    int start =
        ((mirrorY ? image.height() - 1 : 0) * image.width() + (mirrorX ? image.width() - 1 : 0)) * channels;
    int stepX = swapped ? down : right;
    int stepY = swapped ? right : down;
    for (int y = 0, at = 0; y < height; y++) {
      int source = start + y * stepY;
      for (int x = 0; x < width; x++, source += stepX) {
        for (int c = 0; c < channels; c++) {
          to[at++] = from[source + c];
        }
      }
    }
    return new Image(width, height, channels, to);
  }
}
