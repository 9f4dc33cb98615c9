package dev.fovea.images.tiff;

import dev.fovea.tensor.FoveaException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The first directory of a TIFF file (TIFF 6.0, section 2). Every value is inside the file: a library that takes array sizes from a
 * directory would take gigabytes for a few bytes.
 */
final class TiffDirectory {
  private static final int ENTRY_BYTES = 12;
  private static final int MAGIC = 42;

  /** The bytes of a value by its type: byte, ASCII, short, long, rational, signed byte, undefined, ... */
  private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};

  private static final int BYTE = 1;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private final ByteBuffer file;
  private final int start;

  /** The offsets of the entries, by their tag. */
  private final Map<Integer, Integer> entries = new LinkedHashMap<>();

  TiffDirectory(byte[] bytes) throws IOException {
    if (bytes.length < 8) {
      throw new EOFException("the TIFF header ends early");
    }
    file = ByteBuffer.wrap(bytes).order(bytes[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    if (file.getShort(2) != MAGIC) {
      throw new FoveaException("BigTIFF is not supported; save it as a TIFF of less than 4 GB");
    }
    long offset = Integer.toUnsignedLong(file.getInt(4));
    start = inFile(offset, 2);
    int count = Short.toUnsignedInt(file.getShort(start));
    // After the entries comes the offset of the next directory.
    inFile(offset + 2, (long) count * ENTRY_BYTES + 4);
    for (int i = 0; i < count; i++) {
      int entry = start + 2 + i * ENTRY_BYTES;
      if (type(entry) > 0 && type(entry) < TYPE_BYTES.length) {
        entries.putIfAbsent(Short.toUnsignedInt(file.getShort(entry)), entry);
      }
    }
  }

  /** An offset from which on the file has this number of bytes. */
  private int inFile(long offset, long bytes) throws IOException {
    if (bytes > file.capacity() - offset) {
      throw new EOFException("what the TIFF directory names is outside the file");
    }
    return (int) offset;
  }

  private int type(int entry) {
    return Short.toUnsignedInt(file.getShort(entry + 2));
  }

  private long bytes(int entry) {
    return Integer.toUnsignedLong(file.getInt(entry + 4)) * TYPE_BYTES[type(entry)];
  }

  /** Where the value is. */
  private int value(int entry) throws IOException {
    long bytes = bytes(entry);
    return bytes <= 4 ? entry + 8 : inFile(Integer.toUnsignedLong(file.getInt(entry + 8)), bytes);
  }

  boolean has(int tag) {
    return entries.containsKey(tag);
  }

  /** Unsigned numbers; none if the tag is missing. */
  long[] numbers(int tag) throws IOException {
    Integer entry = entries.get(tag);
    if (entry == null) {
      return new long[0];
    }
    int type = type(entry);
    if (type != BYTE && type != SHORT && type != LONG) {
      throw new IOException("TIFF tag " + tag + " of type " + type + " instead of numbers");
    }
    int size = TYPE_BYTES[type];
    int from = value(entry);
    long[] numbers = new long[(int) (bytes(entry) / size)];
    Arrays.setAll(numbers, i -> switch (size) {
      case 1 -> file.get(from + i) & 0xff;
      case 2 -> Short.toUnsignedLong(file.getShort(from + 2 * i));
      default -> Integer.toUnsignedLong(file.getInt(from + 4 * i));
    });
    return numbers;
  }

  /** The first number, or {@code missing}. */
  long number(int tag, long missing) throws IOException {
    long[] numbers = numbers(tag);
    return numbers.length == 0 ? missing : numbers[0];
  }

  /** The bytes of a value; none if the tag is missing. */
  byte[] bytesOf(int tag) throws IOException {
    Integer entry = entries.get(tag);
    if (entry == null) {
      return new byte[0];
    }
    int from = value(entry);
    return Arrays.copyOfRange(file.array(), from, from + (int) bytes(entry));
  }

  /**
   * The file with only these tags in its only directory, followed by zeros up to {@code size} bytes: no colour profile, no metadata, no
   * other page.
   */
  byte[] reduced(Set<Integer> tags, int size) throws IOException {
    ByteBuffer reduced = ByteBuffer.wrap(Arrays.copyOf(file.array(), Math.max(size, file.capacity()))).order(file.order());
    int to = start + 2;
    for (Map.Entry<Integer, Integer> entry : entries.entrySet()) {
      if (tags.contains(entry.getKey())) {
        value(entry.getValue());
        reduced.put(to, file.array(), entry.getValue(), ENTRY_BYTES);
        to += ENTRY_BYTES;
      }
    }
    reduced.putShort(start, (short) ((to - start - 2) / ENTRY_BYTES));
    reduced.putInt(to, 0);
    return reduced.array();
  }
}
