package dev.fovea.formats.numpy;

import dev.fovea.format.FloatType;
import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;

/** The element types that are read, under NumPy's names and codes. */
enum NpyType {
  FLOAT16("f2", FloatType.F16),
  FLOAT32("f4", FloatType.F32),
  FLOAT64("f8", FloatType.F64),
  BOOL("b1"),
  INT8("i1"),
  INT16("i2"),
  INT32("i4"),
  INT64("i8"),
  UINT8("u1"),
  UINT16("u2"),
  UINT32("u4"),
  UINT64("u8");

  private final String code;
  private final Optional<FloatType> floats;

  NpyType(String code) {
    this.code = code;
    this.floats = Optional.empty();
  }

  NpyType(String code, FloatType floats) {
    this.code = code;
    this.floats = Optional.of(floats);
  }

  /** How its elements are read as floats, if they are floats. */
  Optional<FloatType> floats() {
    return floats;
  }

  /** The bytes of an element. */
  int bytes() {
    return code.charAt(1) - '0';
  }

  /** Converts integers exactly to 64 bits, true to 1; throws for a uint64 of 2^63 or more. */
  void widen(ByteBuffer from, long[] to, String source) {
    for (int i = 0; i < to.length; i++) {
      to[i] = switch (this) {
        case BOOL, UINT8 -> Byte.toUnsignedLong(from.get());
        case INT8 -> from.get();
        case INT16 -> from.getShort();
        case UINT16 -> Short.toUnsignedLong(from.getShort());
        case INT32 -> from.getInt();
        case UINT32 -> Integer.toUnsignedLong(from.getInt());
        case INT64 -> from.getLong();
        case UINT64 -> signed(from.getLong(), source);
        case FLOAT16, FLOAT32, FLOAT64 -> throw new IllegalArgumentException("not a type of integers: " + this);
      };
    }
  }

  private static long signed(long value, String source) {
    if (value < 0) {
      throw new FoveaException(source + ": has the element " + Long.toUnsignedString(value) + "; the limit is 2^63 - 1");
    }
    return value;
  }

  /** NumPy's name, such as {@code float32}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The type of a code without its byte order, such as {@code f4}. */
  static NpyType of(String code, String source) {
    for (NpyType type : values()) {
      if (type.code.equals(code)) {
        return type;
      }
    }
    throw new FoveaException(source + ": has elements of the type " + Quote.quote(code) + kind(code)
        + "; read are bool, int8 to int64, uint8 to uint64, float16, float32 and float64: convert it with astype");
  }

  private static String kind(String code) {
    return switch (code.isEmpty() ? ' ' : code.charAt(0)) {
      case 'O' -> " (pickled Python objects, of which nothing was executed)";
      case 'U', 'S', 'a' -> " (text)";
      case 'V' -> " (structured or raw bytes)";
      case 'c' -> " (complex numbers)";
      case 'M', 'm' -> " (times)";
      default -> "";
    };
  }
}
