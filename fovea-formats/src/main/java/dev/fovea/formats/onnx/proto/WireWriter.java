package dev.fovea.formats.onnx.proto;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Builds one message in protobuf's wire format. A message stands behind its length, so it is built before it is written; tensors'
 * elements, which are nearly all of a model, are only counted until then.
 */
final class WireWriter {
  private static final int VARINT = 0;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private final List<Part> parts = new ArrayList<>();
  private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long size;

  /** A part of the message: bytes, or what writes a known number of them. */
  private record Part(long size, Body body) {}

  /** Writes the bytes that were announced. */
  @FunctionalInterface
  interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  WireWriter integer(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  WireWriter float32(int field, float value) {
    tag(field, FIXED32);
    fixed(value);
    return this;
  }

  WireWriter text(int field, String value) {
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    tag(field, LENGTH);
    varint(encoded.length);
    bytes.writeBytes(encoded);
    size += encoded.length;
    return this;
  }

  /** A text that is left out if it is empty, as readers take an absent one. */
  WireWriter optional(int field, String value) {
    return value.isEmpty() ? this : text(field, value);
  }

  WireWriter texts(int field, List<String> values) {
    values.forEach(value -> text(field, value));
    return this;
  }

  /** A packed list. */
  WireWriter integers(int field, Collection<Long> values) {
    WireWriter packed = new WireWriter();
    values.forEach(packed::varint);
    return values.isEmpty() ? this : message(field, packed);
  }

  /** A packed list. */
  WireWriter floats(int field, Collection<Float> values) {
    WireWriter packed = new WireWriter();
    values.forEach(packed::fixed);
    return values.isEmpty() ? this : message(field, packed);
  }

  WireWriter message(int field, WireWriter message) {
    tag(field, LENGTH);
    varint(message.size);
    for (Part part : message.parts) {
      endPart();
      parts.add(part);
    }
    bytes.writeBytes(message.bytes.toByteArray());
    size += message.size;
    return this;
  }

  /** Bytes that are written later. */
  WireWriter body(int field, long length, Body body) {
    tag(field, LENGTH);
    varint(length);
    endPart();
    parts.add(new Part(length, body));
    size += length;
    return this;
  }

  /** The number of bytes of the message. */
  long size() {
    return size;
  }

  void writeTo(OutputStream out) throws IOException {
    for (Part part : parts) {
      part.body.writeTo(out);
    }
    bytes.writeTo(out);
  }

  private void endPart() {
    if (bytes.size() > 0) {
      ByteArrayOutputStream ended = bytes;
      parts.add(new Part(ended.size(), ended::writeTo));
      bytes = new ByteArrayOutputStream();
    }
  }

  private void tag(int field, int wireType) {
    varint((long) field << 3 | wireType);
  }

  private void fixed(float value) {
    int bits = Float.floatToRawIntBits(value);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      bytes.write(bits >> shift);
    }
    size += Integer.BYTES;
  }

  private void varint(long value) {
    long rest = value;
    for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
      bytes.write((int) rest | 0x80);
      size++;
    }
    bytes.write((int) rest);
    size++;
  }
}
