package dev.fovea.formats.onnx.constant;

import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.tensor.FoveaException;

/** The ranges and the rounding of ONNX's element types. */
public final class Numbers {
  private Numbers() {}

  /** The least value of an integer type; for those of 64 bits that of a long. */
  public static long min(OnnxType type) {
    return switch (type) {
      case INT2 -> -2;
      case INT4 -> -8;
      case INT8 -> Byte.MIN_VALUE;
      case INT16 -> Short.MIN_VALUE;
      case INT32 -> Integer.MIN_VALUE;
      case INT64, UINT64 -> Long.MIN_VALUE;
      default -> 0;
    };
  }

  /** The largest value of an integer type; for those of 64 bits that of a long. */
  public static long max(OnnxType type) {
    return switch (type) {
      case BOOL -> 1;
      case INT2 -> 1;
      case UINT2 -> 3;
      case INT4 -> 7;
      case UINT4 -> 15;
      case INT8 -> Byte.MAX_VALUE;
      case UINT8 -> 255;
      case INT16 -> Short.MAX_VALUE;
      case UINT16 -> 65535;
      case INT32 -> Integer.MAX_VALUE;
      case UINT32 -> 0xFFFFFFFFL;
      default -> Long.MAX_VALUE;
    };
  }

  /** The integer as the type holds it: upper bits are cut off, as conversions in C do. */
  static long wrap(OnnxType type, long value) {
    return switch (type) {
      case BOOL -> value == 0 ? 0 : 1;
      case INT2 -> value << 62 >> 62;
      case UINT2 -> value & 3;
      case INT4 -> value << 60 >> 60;
      case UINT4 -> value & 15;
      case INT8 -> (byte) value;
      case UINT8 -> value & 0xFF;
      case INT16 -> (short) value;
      case UINT16 -> value & 0xFFFF;
      case INT32 -> (int) value;
      case UINT32 -> value & 0xFFFFFFFFL;
      default -> value;
    };
  }

  /** The integer limited to the type's range. */
  static long saturate(OnnxType type, double value) {
    return (long) Math.max((double) min(type), Math.min((double) max(type), value));
  }

  /** The number rounded to the float type. */
  static double round(OnnxType type, double value) {
    return switch (type) {
      case FLOAT -> (float) value;
      case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16((float) value));
      case BFLOAT16 -> bfloat16((float) value);
      case FLOAT8E4M3FN -> small(value, 3, -6, 448);
      case FLOAT8E4M3FNUZ -> small(value, 3, -7, 240);
      case FLOAT8E5M2 -> small(value, 2, -14, 57344);
      case FLOAT8E5M2FNUZ -> small(value, 2, -15, 57344);
      case FLOAT4E2M1 -> small(value, 1, 0, 6);
      case FLOAT8E8M0 -> throw new FoveaException("rounding to " + type + " is not supported");
      default -> value;
    };
  }

  /** Rounds to the nearest bfloat16, halves to the even one. */
  private static float bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.isNaN(value) ? value : Float.intBitsToFloat((bits + 0x7FFF + (bits >>> 16 & 1)) & 0xFFFF0000);
  }

  /** Rounds to a float of that number of bits in the mantissa and that least exponent, limited to {@code max}. */
  private static double small(double value, int mantissa, int leastExponent, double max) {
    if (Double.isNaN(value)) {
      return value;
    }
    double step = Math.scalb(1.0, Math.max(Math.getExponent(value), leastExponent) - mantissa);
    return Math.max(-max, Math.min(max, Math.rint(value / step) * step));
  }
}
