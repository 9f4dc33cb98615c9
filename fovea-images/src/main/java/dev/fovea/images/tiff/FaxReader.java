package dev.fovea.images.tiff;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/** Reads rows of fax data: modified Huffman, and groups 3 (ITU-T T.4) and 4 (T.6). Black is 1. */
final class FaxReader {
  static final int MODIFIED_HUFFMAN = 2;
  static final int GROUP_3 = 3;

  private static final int WHITE = 0;
  /** A change of either colour is looked for, and the one after it. */
  private static final int ENDS = 3;

  /** The length of a mode's code by its zeros at the beginning: vertical 0 and 1, horizontal, pass, vertical 2 and 3. */
  private static final int[] MODE_BITS = {1, 3, 3, 4, 6, 7};

  private static final int LONGEST_FINAL_RUN = 63;

  /** The zeros of an end of line, before its one; no other code has as many. */
  private static final int EOL_ZEROS = 11;

  private final byte[] data;
  private final int columns;
  private final int compression;
  private final boolean twoDimensional;

  /** The next bit. */
  private long at;

  /** Where the colour changes, from white to black first, in the row above and in the current one; then the end. */
  private int[] above;

  private int[] changes;
  private int count;

  /** {@code twoDimensional} matters to group 3 only: a bit after an end of line says whether a row refers to the one above. */
  FaxReader(byte[] data, int columns, int compression, boolean twoDimensional) {
    this.data = data;
    this.columns = columns;
    this.compression = compression;
    this.twoDimensional = twoDimensional;
    above = new int[columns + 2 + ENDS];
    changes = new int[columns + 2 + ENDS];
    Arrays.fill(above, 0, ENDS, columns);
  }

  /** Reads a row into bits that are 0. */
  void row(byte[] to) throws IOException {
    count = 0;
    if (refersToAbove()) {
      changesFromAbove();
    } else {
      runs();
    }
    Arrays.fill(changes, count, count + ENDS, columns);
    for (int i = 0; i < count; i += 2) {
      for (int x = changes[i]; x < changes[i + 1]; x++) {
        to[x / 8] |= (byte) (0x80 >> x % 8);
      }
    }
    int[] row = changes;
    changes = above;
    above = row;
  }

  private boolean refersToAbove() throws IOException {
    if (compression == MODIFIED_HUFFMAN) {
      at = (at + 7) / 8 * 8;
      return false;
    }
    if (compression != GROUP_3) {
      return true;
    }
    boolean marked = peek(EOL_ZEROS) == 0;
    while (marked && bits(1) == 0) {
      // Zeros fill up to a whole byte.
    }
    return marked && twoDimensional && bits(1) == 0;
  }

  /** Runs of white and black in turn. */
  private void runs() throws IOException {
    int x = 0;
    for (int colour = WHITE; x < columns; colour ^= 1) {
      x += run(colour);
      change(x);
    }
  }

  /** Section 4.2.1.3 of T.4: changes relative to those of the row above, or runs. */
  private void changesFromAbove() throws IOException {
    int x = -1;
    int colour = WHITE;
    int next = WHITE;
    while (x < columns) {
      // The first change to the other colour after x; with the other parity it is at most one before the last one.
      next = Math.max(colour, next - ((next ^ colour) & 1));
      while (above[next] <= x && above[next] < columns) {
        next += 2;
      }
      int zeros = Integer.numberOfLeadingZeros(peek(7)) - (Integer.SIZE - 7);
      if (zeros >= MODE_BITS.length) {
        throw new IOException("fax data end early, or are damaged");
      }
      at += MODE_BITS[zeros];
      if (zeros == 3) { // pass
        x = above[next + 1];
      } else if (zeros == 2) { // horizontal
        int first = Math.max(0, x) + run(colour);
        change(first);
        x = first + run(colour ^ 1);
        change(x);
      } else {
        int shift = zeros == 0 ? 0 : Math.max(1, zeros - 2);
        boolean right = zeros > 0 && (bit(at - 1) == 1);
        x = checked(above[next] + (right ? shift : -shift), x);
        change(x);
        colour ^= 1;
      }
    }
    if (at > 8L * data.length) {
      throw new EOFException("fax data end early");
    }
  }

  private static int checked(int change, int after) throws IOException {
    if (change < Math.max(0, after)) {
      throw new IOException("fax data are damaged");
    }
    return change;
  }

  private void change(int x) throws IOException {
    if (x > columns || count >= columns + 2) {
      throw new IOException("a row of fax data that is longer than " + columns + " pixels");
    }
    changes[count++] = x;
  }

  private int run(int colour) throws IOException {
    int length = 0;
    while (true) {
      int code = FaxCodes.run(colour, peek(FaxCodes.BITS));
      if (code == 0 || length > columns) {
        throw new IOException("fax data end early, or are damaged");
      }
      bits(code & 15);
      length += code >> 4;
      if (code >> 4 <= LONGEST_FINAL_RUN) {
        return length;
      }
    }
  }

  private int bits(int number) throws IOException {
    if (at + number > 8L * data.length) {
      throw new EOFException("fax data end early");
    }
    int bits = peek(number);
    at += number;
    return bits;
  }

  /** The next bits; those past the end are 0. */
  private int peek(int number) {
    int bits = 0;
    for (int i = 0; i < number; i++) {
      bits = bits << 1 | bit(at + i);
    }
    return bits;
  }

  private int bit(long index) {
    return index < 8L * data.length ? data[(int) (index >> 3)] >> (7 - (index & 7)) & 1 : 0;
  }
}
