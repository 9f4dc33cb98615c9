package dev.fovea.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** The types of elements that are read as floats: half and bfloat16 exactly, double rounded to the nearest float. */
public enum FloatType {
  F16(2), BF16(2), F32(4), F64(8),
  F8_E4M3(Float8.E4M3), F8_E5M2(Float8.E5M2), F8_E4M3FNUZ(Float8.E4M3FNUZ), F8_E5M2FNUZ(Float8.E5M2FNUZ), F8_E8M0(Float8.E8M0);

  private final int bytes;
  private final Optional<Float8> small;

  FloatType(int bytes) {
    this.bytes = bytes;
    this.small = Optional.empty();
  }

  FloatType(Float8 small) {
    this.bytes = 1;
    this.small = Optional.of(small);
  }

  /** The bytes of an element. */
  public int bytes() {
    return bytes;
  }

  /** Converts the first {@code count} elements of a buffer, which has the elements' byte order. */
  public void widen(ByteBuffer from, float[] to, int offset, int count) {
    switch (this) {
      case F32 -> from.asFloatBuffer().get(to, offset, count);
      case F64 -> {
        for (int i = 0; i < count; i++) {
          to[offset + i] = (float) from.getDouble(i * Double.BYTES);
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          to[offset + i] = Float.float16ToFloat(from.getShort(i * Short.BYTES));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          to[offset + i] = Float.intBitsToFloat(from.getShort(i * Short.BYTES) << Short.SIZE);
        }
      }
      case F8_E4M3, F8_E5M2, F8_E4M3FNUZ, F8_E5M2FNUZ, F8_E8M0 -> {
        for (int i = 0; i < count; i++) {
          to[offset + i] = small.orElseThrow().value(from.get(i));
        }
      }
    }
  }

  /** The element at byte {@code position}. */
  public float at(MemorySegment from, long position, ByteOrder order) {
    return switch (this) {
      case F32 -> from.get(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(order), position);
      case F64 -> (float) from.get(ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(order), position);
      case F16 -> Float.float16ToFloat(from.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order), position));
      case BF16 -> Float.intBitsToFloat(from.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order), position) << Short.SIZE);
      case F8_E4M3, F8_E5M2, F8_E4M3FNUZ, F8_E5M2FNUZ, F8_E8M0 ->
          small.orElseThrow().value(from.get(ValueLayout.JAVA_BYTE, position));
    };
  }
}
