package dev.fovea.formats.onnx.proto;

import dev.fovea.tensor.FoveaException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/**
 * Reads the fields of one message in <a href="https://protobuf.dev/programming-guides/encoding/">protobuf's wire format</a>: each is a
 * tag, the field's number and a wire type, and a value. A field that the caller does not know is skipped.
 */
final class WireReader {
  /** Messages within messages; ten graphs within each other, as nested conditions have, take 31. */
  private static final int MAX_DEPTH = 64;

  /** The memory of a message's record and of its place in a list. */
  private static final int MESSAGE_BYTES = 256;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private final Source source;
  private final ByteBuffer bytes;
  private final String message;
  private final int depth;
  private final long end;
  private long at;
  private long start;
  private int field;
  private int wireType;

  private WireReader(Source source, String message, int depth, long from, long end) {
    this.source = source;
    this.bytes = source.buffer();
    this.message = message;
    this.depth = depth;
    this.at = from;
    this.start = from;
    this.end = end;
  }

  /** A reader of all bytes as one message; its name is for errors. */
  static WireReader of(Source source, String message) {
    return new WireReader(source, message, 1, 0, source.buffer().limit());
  }

  /** A second reader of the part of this message from {@code from} to {@code to}. */
  WireReader part(long from, long to) {
    return new WireReader(source, message, depth, from, to);
  }

  Source source() {
    return source;
  }

  /** The position of the next byte. */
  long at() {
    return at;
  }

  /** The position behind the message. */
  long end() {
    return end;
  }

  /** Goes to the next field; the value of the one before must have been read or skipped. False at the message's end. */
  boolean next() {
    start = at;
    if (at == end) {
      return false;
    }
    long tag = varint();
    wireType = (int) tag & 7;
    if (tag >>> 3 == 0 || tag >>> 32 != 0) {
      throw error("a field has the number " + Long.toUnsignedString(tag >>> 3) + ", which protobuf does not allow");
    }
    field = (int) (tag >>> 3);
    if (wireType != VARINT && wireType != FIXED64 && wireType != LENGTH && wireType != FIXED32) {
      throw error("field " + field + " has the wire type " + wireType + (wireType == 3 || wireType == 4
          ? ", a group, which ONNX does not use"
          : ", which protobuf does not have"));
    }
    return true;
  }

  /** The number of the current field. */
  int field() {
    return field;
  }

  /** Skips the current field's value. */
  void skip() {
    switch (wireType) {
      case VARINT -> varint();
      case FIXED64 -> fixed(Long.BYTES);
      case FIXED32 -> fixed(Integer.BYTES);
      default -> segment();
    }
  }

  long int64() {
    expect(VARINT, "an integer");
    return varint();
  }

  float float32() {
    expect(FIXED32, "a float");
    return bytes.getFloat((int) fixed(Float.BYTES));
  }

  String text() {
    byte[] encoded = textBytes();
    for (byte unit : encoded) {
      if (unit < 0) {
        return unicode(encoded);
      }
    }
    return source.shared(new String(encoded, StandardCharsets.ISO_8859_1), start);
  }

  private String unicode(byte[] encoded) {
    try {
      return source.shared(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(encoded)).toString(), start);
    } catch (CharacterCodingException e) {
      throw error("the text of field " + field + " is not UTF-8");
    }
  }

  /** A text that may be any bytes: those that are not UTF-8 become replacement characters. */
  String looseText() {
    return source.shared(new String(textBytes(), StandardCharsets.UTF_8), start);
  }

  private byte[] textBytes() {
    expect(LENGTH, "a text");
    long length = length();
    source.charge(2 * length, start);
    byte[] encoded = new byte[(int) length];
    bytes.get((int) at, encoded);
    at += length;
    return encoded;
  }

  /** A reader of the current field's message. */
  WireReader message(String name) {
    expect(LENGTH, "a message");
    if (depth == MAX_DEPTH) {
      throw error("messages are nested more than " + MAX_DEPTH + " levels deep");
    }
    source.charge(MESSAGE_BYTES, start);
    long length = length();
    at += length;
    return new WireReader(source, name, depth + 1, at - length, at);
  }

  /** The bytes of the current field. */
  MemorySegment segment() {
    expect(LENGTH, "bytes");
    long length = length();
    at += length;
    return source.bytes().asSlice(at - length, length);
  }

  /** The current field of a list of integers: one of them or, packed, any number. */
  void integers(LongConsumer each) {
    if (wireType == VARINT) {
      each.accept(varint());
      return;
    }
    WireReader packed = packed("integers");
    while (packed.at < packed.end) {
      each.accept(packed.varint());
    }
  }

  /** The current field of a list of numbers of {@code Float.BYTES} or {@code Double.BYTES}, as bits: one of them or, packed, any number. */
  void fixed(int size, LongConsumer each) {
    if (wireType == (size == Float.BYTES ? FIXED32 : FIXED64)) {
      each.accept(bits(size));
      return;
    }
    WireReader packed = packed("floats");
    while (packed.at < packed.end) {
      each.accept(packed.bits(size));
    }
  }

  /** The numbers of the current field's list, without reading their values; {@code size} is 0 for integers. */
  long count(int size) {
    if (wireType != LENGTH) {
      expect(size == 0 ? VARINT : size == Float.BYTES ? FIXED32 : FIXED64, size == 0 ? "integers" : "floats");
      skip();
      return 1;
    }
    WireReader packed = packed("numbers");
    if (size > 0) {
      long length = packed.end - packed.at;
      if (length % size != 0) {
        throw error("the " + length + " bytes of field " + field + " are no multiple of the " + size + " of a number");
      }
      return length / size;
    }
    long count = 0;
    for (; packed.at < packed.end; count++) {
      packed.varint();
    }
    return count;
  }

  /** Whether the current field is a packed list, text or message. */
  boolean hasLength() {
    return wireType == LENGTH;
  }

  private WireReader packed(String kind) {
    expect(LENGTH, kind);
    long length = length();
    at += length;
    return new WireReader(source, message, depth, at - length, at);
  }

  private long bits(int size) {
    long position = fixed(size);
    return size == Float.BYTES ? bytes.getInt((int) position) : bytes.getLong((int) position);
  }

  /** The position of a number of that many bytes, which are then behind the reader. */
  private long fixed(int size) {
    if (size > end - at) {
      throw error("it ends within a number of field " + field);
    }
    at += size;
    return at - size;
  }

  /** The length of the current field's value, all of which must be there. */
  private long length() {
    long length = varint();
    if (length < 0 || length > end - at) {
      throw error(
          "field " + field + " has a length of " + Long.toUnsignedString(length) + ", there are " + (end - at) + " bytes left");
    }
    return length;
  }

  /** Seven bits in each byte, the lowest first; the top bit says that another byte follows. */
  private long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (at == end) {
        throw error("it ends within a number");
      }
      byte next = bytes.get((int) at++);
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw error("a number has more than 10 bytes");
  }

  private void expect(int expected, String kind) {
    if (wireType != expected) {
      throw error("field " + field + " must be " + kind + ", got the wire type " + wireType);
    }
  }

  /** A failure at the current field. */
  FoveaException error(String what) {
    return source.error(start, "in " + message + ": " + what + "; the file is damaged, or not of ONNX");
  }
}
