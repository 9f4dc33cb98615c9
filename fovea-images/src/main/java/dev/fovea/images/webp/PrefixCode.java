package dev.fovea.images.webp;

import java.io.IOException;

/**
 * A canonical prefix code (Huffman code). Codes of up to 8 bits are looked up in a table, longer ones are found by counting, so that the
 * memory of a file's many codes stays in proportion to what it says of them.
 */
final class PrefixCode {
  private static final int MAX_LENGTH = 15;
  private static final int TABLE_BITS = 8;

  /** In this order the lengths of a code's lengths are stored. */
  private static final int[] ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

  /** The symbols by length of code, then by number. */
  private final int[] symbols;

  /** The number of codes of each length. */
  private final int[] counts = new int[MAX_LENGTH + 1];

  /** By the next bits: the symbol times 16 plus the length of its code; 0 if the code is longer. */
  private final int[] table;

  private final int tableBits;

  /** The code in which each symbol's code has this length; a single symbol has no bits. */
  PrefixCode(int[] lengths) throws IOException {
    int longest = 0;
    int used = 0;
    for (int length : lengths) {
      counts[length]++;
      longest = Math.max(longest, length);
      used += length > 0 ? 1 : 0;
    }
    counts[0] = 0;
    symbols = sorted(lengths, used);
    if (used == 1) {
      counts[longest] = 0;
      tableBits = 0;
      table = new int[0];
      return;
    }
    int open = 1;
    for (int length = 1; length <= MAX_LENGTH; length++) {
      open = 2 * open - counts[length];
      if (open < 0) {
        throw new IOException("a prefix code with too many symbols");
      }
    }
    if (open > 0) {
      throw new IOException(used == 0 ? "a prefix code without symbols" : "a prefix code that is incomplete");
    }
    tableBits = Math.min(longest, TABLE_BITS);
    table = table();
  }

  private int[] sorted(int[] lengths, int used) {
    int[] next = new int[MAX_LENGTH + 2];
    for (int length = 1; length <= MAX_LENGTH; length++) {
      next[length + 1] = next[length] + counts[length];
    }
    int[] sorted = new int[used];
    for (int symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] > 0) {
        sorted[next[lengths[symbol]]++] = symbol;
      }
    }
    return sorted;
  }

  private int[] table() {
    int[] table = new int[1 << tableBits];
    int code = 0;
    int index = 0;
    for (int length = 1; length <= tableBits; length++) {
      for (int i = 0; i < counts[length]; i++, code++, index++) {
        // The first bit of a code is read first, thus the lowest.
        int low = Integer.reverse(code) >>> (Integer.SIZE - length);
        for (int entry = low; entry < table.length; entry += 1 << length) {
          table[entry] = symbols[index] << 4 | length;
        }
      }
      code <<= 1;
    }
    return table;
  }

  int read(BitReader in) throws IOException {
    if (table.length == 0) {
      return symbols[0];
    }
    int bits = in.peek(MAX_LENGTH);
    int entry = table[bits & (table.length - 1)];
    if (entry != 0) {
      in.skip(entry & 15);
      return entry >> 4;
    }
    int code = 0;
    int first = 0;
    int index = 0;
    for (int length = 1;; length++) {
      code |= bits >> (length - 1) & 1;
      if (code - first < counts[length]) {
        in.skip(length);
        return symbols[index + code - first];
      }
      index += counts[length];
      first = (first + counts[length]) << 1;
      code <<= 1;
    }
  }

  /** Reads the lengths of a code of {@code size} symbols (RFC 9649, section 6.2.1), and makes the code. */
  static PrefixCode of(BitReader in, int size) throws IOException {
    int[] lengths = new int[size];
    if (in.flag()) {
      boolean two = in.flag();
      set(lengths, in.number(in.flag() ? 8 : 1));
      if (two) {
        set(lengths, in.number(8));
      }
    } else {
      readLengths(in, lengths);
    }
    return new PrefixCode(lengths);
  }

  private static void set(int[] lengths, int symbol) throws IOException {
    if (symbol >= lengths.length) {
      throw new IOException("symbol " + symbol + " of a prefix code of " + lengths.length);
    }
    lengths[symbol] = 1;
  }

  private static void readLengths(BitReader in, int[] lengths) throws IOException {
    int[] lengthsOfLengths = new int[ORDER.length];
    int count = 4 + in.number(4);
    for (int i = 0; i < count; i++) {
      lengthsOfLengths[ORDER[i]] = in.number(3);
    }
    PrefixCode code = new PrefixCode(lengthsOfLengths);
    int left = in.flag() ? 2 + in.number(2 + 2 * in.number(3)) : lengths.length;
    if (left > lengths.length) {
      throw new IOException(left + " lengths of a prefix code of " + lengths.length);
    }
    int previous = 8;
    for (int i = 0; i < lengths.length && left > 0; left--) {
      int length = code.read(in);
      if (length < 16) {
        lengths[i++] = length;
        previous = length == 0 ? previous : length;
        continue;
      }
      int repeats = length == 16 ? 3 + in.number(2) : length == 17 ? 3 + in.number(3) : 11 + in.number(7);
      if (repeats > lengths.length - i) {
        throw new IOException("too many lengths of a prefix code");
      }
      for (int end = i + repeats; i < end; i++) {
        lengths[i] = length == 16 ? previous : 0;
      }
    }
  }
}
