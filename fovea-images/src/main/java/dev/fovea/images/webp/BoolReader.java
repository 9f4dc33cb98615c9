package dev.fovea.images.webp;

import java.io.EOFException;
import java.io.IOException;

/** Reads the arithmetic code of VP8 (RFC 6386, section 7) from a part of a file. */
final class BoolReader {
  /** A bit that is 0 or 1 with equal probability. */
  private static final int EVEN = 128;

  private final byte[] data;
  private final int end;
  private int at;

  /** The window into the code, of 8 + {@code bits} bits; it is less than {@code range << bits}. */
  private int value;

  private int range = 255;
  private int bits = -8;

  BoolReader(byte[] data, int from, int end) {
    this.data = data;
    this.at = from;
    this.end = end;
  }

  /** The next bit; {@code probability} / 256 is that of a 0. */
  int bit(int probability) throws IOException {
    if (bits < 0) {
      load();
    }
    int split = 1 + (((range - 1) * probability) >> 8);
    int bit = 0;
    if (value >= split << bits) {
      value -= split << bits;
      range -= split;
      bit = 1;
    } else {
      range = split;
    }
    int shift = Integer.numberOfLeadingZeros(range) - 24;
    range <<= shift;
    bits -= shift;
    return bit;
  }

  private void load() throws IOException {
    if (at >= end) {
      throw new EOFException("the VP8 data end early");
    }
    value = value << 8 | (data[at++] & 0xff);
    bits += 8;
  }

  boolean flag() throws IOException {
    return bit(EVEN) != 0;
  }

  /** An unsigned number, its high bit first. */
  int number(int bits) throws IOException {
    int number = 0;
    for (int i = 0; i < bits; i++) {
      number = number << 1 | bit(EVEN);
    }
    return number;
  }

  /** A number followed by its sign. */
  int signed(int bits) throws IOException {
    int number = number(bits);
    return flag() ? -number : number;
  }

  /** As {@link #signed} after a flag; 0 without it. */
  int optionalSigned(int bits) throws IOException {
    return flag() ? signed(bits) : 0;
  }

  /** A leaf of a tree as in section 8.1: positive entries are the index of the next pair, others the leaf negated. */
  int leaf(int[] tree, int[] probabilities, int from) throws IOException {
    int i = 0;
    do {
      i = tree[i + bit(probabilities[from + (i >> 1)])];
    } while (i > 0);
    return -i;
  }
}
