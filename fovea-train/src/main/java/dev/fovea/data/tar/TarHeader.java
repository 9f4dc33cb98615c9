package dev.fovea.data.tar;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fovea.tensor.FoveaException;

/** A header block: POSIX.1-1988 (ustar) with the extensions of GNU tar. */
record TarHeader(byte[] block) {
  static final int SIZE = 512;

  private static final int NAME = 100;
  private static final int LENGTH = 124;
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_END = 156;
  private static final int TYPE = 156;
  private static final int MAGIC = 257;
  private static final int EXTENDED = 482;
  private static final int PREFIX = 345;
  private static final int PREFIX_END = 500;
  private static final int MORE_EXTENDED = 504;

  boolean isZero() {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether the stored checksum is the sum of the bytes; some old programs summed signed ones. */
  boolean isValid() {
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < SIZE; i++) {
      byte value = i >= CHECKSUM && i < CHECKSUM_END ? (byte) ' ' : block[i];
      unsigned += value & 0xff;
      signed += value;
    }
    try {
      long stored = number(CHECKSUM, CHECKSUM_END);
      return stored == unsigned || stored == signed;
    } catch (FoveaException e) {
      return false;
    }
  }

  char type() {
    return (char) (block[TYPE] & 0xff);
  }

  long size() {
    return number(LENGTH, LENGTH + 12);
  }

  /** The name, behind the folders that ustar stores apart. */
  String name() {
    boolean ustar = text(MAGIC, MAGIC + 6).equals("ustar");
    String folders = ustar && block[MAGIC + 5] == 0 ? text(PREFIX, PREFIX_END) : "";
    return folders.isEmpty() ? text(0, NAME) : folders + "/" + text(0, NAME);
  }

  /** Whether GNU's map of a sparse file goes on in a block after this one. */
  boolean isExtended() {
    return block[EXTENDED] != 0;
  }

  /** The same of such a block. */
  boolean isExtendedAgain() {
    return block[MORE_EXTENDED] != 0;
  }

  private String text(int from, int end) {
    int length = 0;
    while (from + length < end && block[from + length] != 0) {
      length++;
    }
    return new String(block, from, length, UTF_8);
  }

  /** Octal digits between blanks, or GNU's binary form, which begins with a byte of 0x80. */
  private long number(int from, int end) {
    if (block[from] < 0) {
      long value = block[from] & 0x7f;
      for (int i = from + 1; i < end; i++) {
        if (value >= 1L << 55) {
          throw new FoveaException("a number beyond 64 bits");
        }
        value = value << 8 | block[i] & 0xff;
      }
      return value;
    }
    String digits = text(from, end).strip();
    if (!digits.matches("[0-7]{0,12}")) {
      throw new FoveaException("no octal number");
    }
    return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
  }
}
