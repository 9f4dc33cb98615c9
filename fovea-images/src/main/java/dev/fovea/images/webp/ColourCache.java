package dev.fovea.images.webp;

/** The latest pixels, by a hash of their colour (RFC 9649, section 5.2.3). */
final class ColourCache {
  private final int[] colours;
  private final int shift;

  /** No cache if {@code bits} is 0. */
  ColourCache(int bits) {
    colours = new int[bits == 0 ? 0 : 1 << bits];
    shift = Integer.SIZE - bits;
  }

  int size() {
    return colours.length;
  }

  void add(int argb) {
    if (colours.length > 0) {
      colours[(0x1e35a7bd * argb) >>> shift] = argb;
    }
  }

  int get(int index) {
    return colours[index];
  }
}
