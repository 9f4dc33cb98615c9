package dev.fovea.formats.onnx.proto;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The element types of tensors, with ONNX's numbers ({@code TensorProto.DataType}). Types smaller than a byte are packed, low bits first. */
public enum OnnxType {
  /** No type is given, or one that this version does not know. */
  UNDEFINED(0, 0), FLOAT(1, 32), UINT8(2, 8), INT8(3, 8), UINT16(4, 16), INT16(5, 16), INT32(6, 32), INT64(7, 64), STRING(8, 0),
  BOOL(9, 8),
  FLOAT16(10, 16), DOUBLE(11, 64), UINT32(12, 32), UINT64(13, 64), COMPLEX64(14, 64), COMPLEX128(15, 128), BFLOAT16(16, 16),
  FLOAT8E4M3FN(17, 8), FLOAT8E4M3FNUZ(18, 8), FLOAT8E5M2(19, 8), FLOAT8E5M2FNUZ(20, 8), UINT4(21, 4), INT4(22, 4),
  FLOAT4E2M1(23, 4),
  FLOAT8E8M0(24, 8), UINT2(25, 2), INT2(26, 2);

  private final int number;
  private final int bits;

  OnnxType(int number, int bits) {
    this.number = number;
    this.bits = bits;
  }

  /** The type of that number, {@link #UNDEFINED} if it is unknown. */
  public static OnnxType of(long number) {
    return number > 0 && number < values().length ? values()[(int) number] : UNDEFINED;
  }

  /** ONNX's number of the type. */
  public int number() {
    return number;
  }

  /** The bits of one element; 0 where elements have no fixed size. */
  public int bits() {
    return bits;
  }

  /** Whether elements are integers or booleans. */
  public boolean isInteger() {
    return switch (this) {
      case UINT8, INT8, UINT16, INT16, INT32, INT64, BOOL, UINT32, UINT64, UINT4, INT4, UINT2, INT2 -> true;
      default -> false;
    };
  }

  /** Whether elements are single real numbers. */
  public boolean isFloat() {
    return switch (this) {
      case FLOAT, DOUBLE, FLOAT16, BFLOAT16, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT4E2M1, FLOAT8E8M0 ->
          true;
      default -> false;
    };
  }

  /** The field of a TensorProto that holds elements of this type where raw_data does not. */
  @Nullable DataField field() {
    return switch (this) {
      case FLOAT, COMPLEX64 -> DataField.FLOAT_DATA;
      case DOUBLE, COMPLEX128 -> DataField.DOUBLE_DATA;
      case INT64 -> DataField.INT64_DATA;
      case UINT32, UINT64 -> DataField.UINT64_DATA;
      case STRING -> DataField.STRING_DATA;
      case UNDEFINED -> null;
      default -> DataField.INT32_DATA;
    };
  }

  /** The integer that an element's bits mean; the bits above the element's size are ignored. */
  long toLong(long bits) {
    return switch (this) {
      case UINT8 -> bits & 0xff;
      case INT8 -> (byte) bits;
      case UINT16 -> bits & 0xffff;
      case INT16 -> (short) bits;
      case INT32 -> (int) bits;
      case UINT32 -> bits & 0xffffffffL;
      case INT64, UINT64 -> bits;
      case BOOL -> (bits & 0xff) == 0 ? 0 : 1;
      case UINT4 -> bits & 0xf;
      case INT4 -> bits << 60 >> 60;
      case UINT2 -> bits & 3;
      case INT2 -> bits << 62 >> 62;
      default -> throw new IllegalArgumentException("not a type of integers: " + this);
    };
  }

  /** The number that an element's bits mean; exact but for integers beyond 2^53. */
  double toDouble(long bits) {
    return switch (this) {
      case FLOAT -> Float.intBitsToFloat((int) bits);
      case DOUBLE -> Double.longBitsToDouble(bits);
      case FLOAT16 -> Float.float16ToFloat((short) bits);
      case BFLOAT16 -> Float.intBitsToFloat((int) bits << 16);
      case FLOAT8E4M3FN -> (bits & 0x7f) == 0x7f ? Double.NaN : small(bits, 4, 3, 7);
      case FLOAT8E4M3FNUZ -> (bits & 0xff) == 0x80 ? Double.NaN : small(bits, 4, 3, 8);
      case FLOAT8E5M2 -> (bits & 0x7f) > 0x7c ? Double.NaN : (bits & 0x7f) == 0x7c ? infinity(bits) : small(bits, 5, 2, 15);
      case FLOAT8E5M2FNUZ -> (bits & 0xff) == 0x80 ? Double.NaN : small(bits, 5, 2, 16);
      case FLOAT4E2M1 -> small(bits, 2, 1, 1);
      case FLOAT8E8M0 -> (bits & 0xff) == 0xff ? Double.NaN : Math.scalb(1.0, (int) (bits & 0xff) - 127);
      case UINT64 -> bits >= 0 ? bits : (bits >>> 1 | bits & 1) * 2.0;
      default -> toLong(bits);
    };
  }

  /** The same rounded to the nearest float, once. */
  float toFloat(long bits) {
    return switch (this) {
      case FLOAT -> Float.intBitsToFloat((int) bits);
      case INT64 -> (float) bits;
      case UINT64 -> bits >= 0 ? (float) bits : (bits >>> 1 | bits & 1) * 2f;
      default -> (float) toDouble(bits);
    };
  }

  /** A finite number of a sign, an exponent and a mantissa; an exponent of zero marks a subnormal number. */
  private static double small(long bits, int exponentBits, int mantissaBits, int bias) {
    int mantissa = (int) bits & (1 << mantissaBits) - 1;
    int exponent = (int) (bits >> mantissaBits) & (1 << exponentBits) - 1;
    int significand = exponent == 0 ? mantissa : mantissa | 1 << mantissaBits;
    double size = Math.scalb((double) significand, Math.max(exponent, 1) - bias - mantissaBits);
    return (bits >> mantissaBits + exponentBits & 1) == 0 ? size : -size;
  }

  private static double infinity(long bits) {
    return (bits & 0x80) == 0 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }

  /** The field of a TensorProto that holds the elements: its number, and its name in ONNX's definition. */
  enum DataField {
    FLOAT_DATA(4), INT32_DATA(5), STRING_DATA(6), INT64_DATA(7), RAW_DATA(9), DOUBLE_DATA(10), UINT64_DATA(11);

    private final int number;

    DataField(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }

    /** The bytes of an element, or 0 for integers of variable length. */
    int bytes() {
      return switch (this) {
        case FLOAT_DATA -> Float.BYTES;
        case DOUBLE_DATA -> Double.BYTES;
        case INT32_DATA, INT64_DATA, UINT64_DATA -> 0;
        case STRING_DATA, RAW_DATA -> throw new IllegalArgumentException("not a field of numbers: " + this);
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
