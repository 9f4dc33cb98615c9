package dev.fovea.image;

/** Refuses BMP headers that the JDK's reader would accept although they are invalid, or that hold another format. */
final class BmpHeader {
  private static final int RLE4 = 2;
  private static final int BITFIELDS = 3;
  private static final int ALPHA_BITFIELDS = 6;

  private BmpHeader() {}

  static void check(FileBytes file) {
    if (file.u32le(14) == 12) {
      return;
    }
    // The reader refuses these itself, but its message lacks the size.
    file.checkSize(file.u32le(18), Math.abs((long) (int) file.u32le(22)));
    int depth = file.u8(28);
    long compression = file.u32le(30);
    boolean masked = compression == BITFIELDS || compression == ALPHA_BITFIELDS;
    if (compression > RLE4 && !masked) {
      throw file.error("format not supported: BMP with compression " + compression + "; save it as PNG");
    }
    long colours = file.u32le(46);
    if (depth <= 8 && colours > 256) {
      throw file.error("damaged BMP: a palette of " + colours + " colours for " + depth + " bits");
    }
    for (int at = 54; masked && depth == 32 && at < 66; at += 4) {
      int mask = (int) file.u32le(at);
      int shift = Integer.numberOfTrailingZeros(mask);
      if (mask >>> shift != 0xff || shift % 8 != 0) {
        throw file.error("format not supported: BMP with colours that are not whole bytes of its 32 bits; save it as PNG");
      }
    }
  }
}
