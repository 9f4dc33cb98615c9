package dev.fovea.formats.torch.pickle;

import dev.fovea.formats.file.Bytes;
import dev.fovea.tensor.FoveaException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads a pickle's bytes in order, little-endian. A length is compared with what is left before memory is taken. */
public final class PickleInput {
  private static final int WINDOW = 1 << 16;
  private static final int MAX_LINE = 4096;

  /** The limit of all texts together, which can need five bytes of memory for each of the file. */
  private static final int MAX_TEXT = 1 << 23;

  private final Bytes bytes;
  private final String source;
  private final ByteBuffer window;
  private long windowStart;
  private int texts;

  /** From byte {@code position} on; {@code source} starts every message about it. */
  public PickleInput(Bytes bytes, long position, String source) {
    this.bytes = bytes;
    this.source = source;
    this.windowStart = position;
    this.window = ByteBuffer.allocate((int) Math.min(WINDOW, bytes.size())).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  }

  /** The position of the next byte. */
  public long position() {
    return windowStart + window.position();
  }

  /** The number of bytes that are left. */
  long remaining() {
    return bytes.size() - position();
  }

  /** Makes the next {@code count} bytes available in the window. */
  private void require(long count) {
    if (count > remaining()) {
      throw invalid("it ends early, is the file truncated?");
    }
    if (window.remaining() < count) {
      windowStart = position();
      window.clear().limit((int) Math.min(window.capacity(), bytes.size() - windowStart));
      bytes.read(windowStart, window);
    }
  }

  int u1() {
    require(1);
    return Byte.toUnsignedInt(window.get());
  }

  int u2() {
    require(Short.BYTES);
    return Short.toUnsignedInt(window.getShort());
  }

  int i4() {
    require(Integer.BYTES);
    return window.getInt();
  }

  long u4() {
    return Integer.toUnsignedLong(i4());
  }

  long i8() {
    require(Long.BYTES);
    return window.getLong();
  }

  double bigEndianDouble() {
    require(Double.BYTES);
    return Double.longBitsToDouble(Long.reverseBytes(window.getLong()));
  }

  /** The next {@code length} bytes in a new array. */
  byte[] bytes(long length) {
    if (length < 0 || length > Math.min(remaining(), Integer.MAX_VALUE - 8)) {
      throw invalid(
          "a value of " + Long.toUnsignedString(length) + " bytes does not fit into the " + remaining() + " that are left");
    }
    byte[] value = new byte[(int) length];
    int buffered = Math.min(value.length, window.remaining());
    window.get(value, 0, buffered);
    if (buffered < value.length) {
      long start = position();
      bytes.read(start, ByteBuffer.wrap(value, buffered, value.length - buffered).slice());
      windowStart = start + value.length - buffered;
      window.limit(0);
    }
    return value;
  }

  /** The next {@code length} bytes as UTF-8. */
  String text(long length) {
    return new String(textBytes(length), StandardCharsets.UTF_8);
  }

  /** The next {@code length} bytes, each a character. */
  String latin(long length) {
    return new String(textBytes(length), StandardCharsets.ISO_8859_1);
  }

  private byte[] textBytes(long length) {
    if (length > MAX_TEXT - texts && length <= remaining()) {
      throw invalid("its texts have more than " + MAX_TEXT + " bytes");
    }
    byte[] bytes = bytes(length);
    texts += bytes.length;
    return bytes;
  }

  /** The text up to the end of the line, which is consumed. */
  String line() {
    StringBuilder line = new StringBuilder();
    for (int c = u1(); c != '\n'; c = u1()) {
      if (line.length() == MAX_LINE) {
        throw invalid("a line has more than " + MAX_LINE + " bytes");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  /** An error at the current position. */
  public FoveaException invalid(String what) {
    return new FoveaException(source + ": not a valid pickle: at byte " + position() + ": " + what);
  }

  String source() {
    return source;
  }
}
