package dev.fovea.images.webp;

import java.io.EOFException;
import java.io.IOException;

/** Reads the bits of a part of a file, the low bits of a byte first. */
final class BitReader {
  private final byte[] data;
  private final int end;
  private int at;
  private long bits;
  private int count;

  BitReader(byte[] data, int from, int end) {
    this.data = data;
    this.at = from;
    this.end = end;
  }

  /** The next bits without reading them, up to 32; those past the end are 0. */
  int peek(int number) {
    while (count <= 56 && at < end) {
      bits |= (data[at++] & 0xffL) << count;
      count += 8;
    }
    return (int) (bits & ((1L << number) - 1));
  }

  void skip(int number) throws IOException {
    if (number > count) {
      throw new EOFException("the VP8L data end early");
    }
    bits >>>= number;
    count -= number;
  }

  int number(int bits) throws IOException {
    int number = peek(bits);
    skip(bits);
    return number;
  }

  boolean flag() throws IOException {
    return number(1) == 1;
  }
}
