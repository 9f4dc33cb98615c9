package dev.fovea.formats.numpy;

import dev.fovea.formats.file.Bytes;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The header of an array in NumPy's format, versions 1 to 3, checked against the array's bytes.
 *
 * @param dims the sizes of its axes, which may be 0
 * @param columnMajor whether the first axis varies fastest (Fortran's order)
 * @param dataStart the position of the first element
 */
record NpyHeader(NpyType type, ByteOrder order, List<Long> dims, boolean columnMajor, int dataStart) {
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** NumPy's own limit is 10,000 bytes. */
  private static final int MAX_BYTES = 1 << 16;

  private static final int FIXED_BYTES = 12;

  /** Reads and checks the header; {@code source} is the array's place for messages. */
  static NpyHeader read(Bytes bytes, String source) {
    ByteBuffer start = ByteBuffer.allocate((int) Math.min(bytes.size(), FIXED_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.read(0, start);
    if (start.limit() < 10 || !start.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
      throw new FoveaException(source + ": not an array in NumPy's format: it does not begin with \\x93NUMPY");
    }
    int version = start.get(6);
    if (version < 1 || version > 3) {
      throw new FoveaException(source + ": is of version " + version + " of NumPy's format; versions 1 to 3 are read");
    }
    if (version > 1 && start.limit() < FIXED_BYTES) {
      throw truncated(source, "its header ends early");
    }
    long length = version == 1 ? Short.toUnsignedLong(start.getShort(8)) : Integer.toUnsignedLong(start.getInt(8));
    int textStart = version == 1 ? 10 : FIXED_BYTES;
    if (length > MAX_BYTES) {
      throw new FoveaException(source + ": has a header of " + length + " bytes; the limit is " + MAX_BYTES);
    }
    if (textStart + length > bytes.size()) {
      throw truncated(source, "its header ends early");
    }
    byte[] text = new byte[(int) length];
    bytes.read(textStart, ByteBuffer.wrap(text));
    Charset charset = version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    NpyHeader header = new NpyHeaderParser(new String(text, charset), source).parse(textStart + (int) length);
    header.checkLength(bytes.size(), source);
    return header;
  }

  private void checkLength(long size, String source) {
    long expected = type.bytes();
    try {
      for (long dim : dims) {
        expected = Math.multiplyExact(expected, dim);
      }
      expected = Math.addExact(expected, dataStart);
    } catch (ArithmeticException e) {
      throw new FoveaException(source + ": the array of " + text() + " has more than 2^63 bytes", e);
    }
    if (expected > size) {
      throw truncated(source, "the array of " + text() + " needs " + expected + " bytes, it has " + size);
    }
    if (expected < size) {
      throw new FoveaException(source + ": has " + (size - expected) + " bytes after the array of " + text());
    }
  }

  private static FoveaException truncated(String source, String how) {
    return new FoveaException(source + ": is truncated: " + how);
  }

  /** Whether a {@link Shape} can represent it. */
  boolean isSupported() {
    return dims.stream().noneMatch(dim -> dim == 0) && dims.stream().reduce(1L, (a, b) -> a * b) <= Integer.MAX_VALUE;
  }

  Shape shape(String source) {
    if (dims.contains(0L)) {
      throw new FoveaException(source + ": the array of " + text() + " is empty, which is not supported");
    }
    if (!isSupported()) {
      throw new FoveaException(source + ": the array of " + text() + " has more than 2^31 - 1 elements; split it");
    }
    return new Shape(dims.stream().map(Math::toIntExact).toList());
  }

  private String text() {
    return dims.isEmpty() ? "one element" : dims.stream().map(String::valueOf).collect(Collectors.joining("x"));
  }

  /** The text of a header for an array in row-major order, padded so that the data start at a multiple of 64. */
  static byte[] bytes(String code, Shape shape) {
    String comma = shape.rank() == 1 ? "," : "";
    String dims = shape.dims().stream().map(String::valueOf).collect(Collectors.joining(", ", "(", comma + ")"));
    String text = "{'descr': '<" + code + "', 'fortran_order': False, 'shape': " + dims + ", }";
    int length = (10 + text.length() + 1 + 63) / 64 * 64 - 10;
    String padded = text + " ".repeat(length - text.length() - 1) + "\n";
    ByteBuffer out = ByteBuffer.allocate(10 + length).order(ByteOrder.LITTLE_ENDIAN);
    out.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) length).put(padded.getBytes(StandardCharsets.ISO_8859_1));
    return out.array();
  }
}
