package dev.fovea.image;

import dev.fovea.tensor.FoveaException;

/**
 * A file's bytes and its name; a read past the end throws a FoveaException with the file's name, not an IndexOutOfBoundsException.
 */
final class FileBytes {
  private static final long MAX_PIXELS = 100_000_000;
  private static final int MAX_SIDE = 1_000_000;

  private final String name;
  private final byte[] data;

  FileBytes(String name, byte[] data) {
    this.name = name;
    this.data = data;
  }

  byte[] data() {
    return data;
  }

  int size() {
    return data.length;
  }

  boolean has(long at, long count) {
    return at >= 0 && count >= 0 && at + count <= data.length;
  }

  int u8(long at) {
    if (!has(at, 1)) {
      throw endsEarly();
    }
    return data[(int) at] & 0xff;
  }

  int u16be(long at) {
    return u8(at) << 8 | u8(at + 1);
  }

  long u32be(long at) {
    return (long) u16be(at) << 16 | u16be(at + 2);
  }

  long u32le(long at) {
    return Integer.toUnsignedLong(Integer.reverseBytes((int) u32be(at)));
  }

  /** Whether the bytes from {@code at} on are {@code text}, each character one byte. */
  boolean holds(long at, String text) {
    if (!has(at, text.length())) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if ((data[(int) at + i] & 0xff) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  FoveaException endsEarly() {
    return error("truncated: the file ends at byte " + data.length + ", before the image does; download it again");
  }

  FoveaException error(String what) {
    return new FoveaException(name + ": " + what);
  }

  FoveaException error(String what, Throwable cause) {
    return new FoveaException(name + ": " + what, cause);
  }

  FoveaException noMemory(Throwable cause) {
    return error("not enough memory to decode it; give the JVM more memory with -Xmx, or scale the image down", cause);
  }

  /** Refuses an image without pixels, or with more than the limit. */
  void checkSize(long width, long height) {
    if (width < 1 || height < 1) {
      throw error("an image of " + width + "x" + height + " pixels is empty");
    }
    if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS) {
      throw error(width + "x" + height + " pixels are more than the limit of 100 megapixels (and " + MAX_SIDE
          + " per side); scale it down first");
    }
  }

  /** Refuses an image of more pixels than the file can encode; its size has been checked. */
  void checkLength(long width, long height, int maxPixelsPerByte) {
    if (width * height / maxPixelsPerByte > data.length) {
      throw error("truncated: " + width + "x" + height + " pixels do not fit into a file of " + data.length
          + " bytes; download it again");
    }
  }

  /** Refuses an image that would leave too little memory for the rest of the program; its size has been checked. */
  void checkMemory(long width, long height, int bytesPerPixel) {
    long memory = Runtime.getRuntime().maxMemory();
    if (width * height * bytesPerPixel > memory / 2) {
      throw error(width + "x" + height + " pixels need more than half of the JVM's memory (" + (memory >> 20)
          + " MiB); give it more with -Xmx, or scale the image down");
    }
  }
}
