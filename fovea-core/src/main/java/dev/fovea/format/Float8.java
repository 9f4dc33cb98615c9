package dev.fovea.format;

/**
 * Floats of 8 bits. Micikevicius et al.: FP8 formats for deep learning, 2022 (<a
 * href="https://arxiv.org/abs/2209.05433">arXiv 2209.05433</a>), and Noune et al.: 8-bit numerical formats for deep neural networks,
 * 2022 (arXiv 2206.02915), whose forms (FNUZ) have no infinity and one zero.
 */
public enum Float8 {
  /** 4 bits of exponent, 3 of mantissa, no infinity. */
  E4M3(3, 7),
  /** 5 bits of exponent, 2 of mantissa: the upper half of a float16. */
  E5M2(2, 15),
  E4M3FNUZ(3, 8),
  E5M2FNUZ(2, 16),
  /** A power of two without a sign. */
  E8M0(0, 127);

  private static final byte SIGN = Byte.MIN_VALUE;

  private final int mantissaBits;
  private final int bias;

  Float8(int mantissaBits, int bias) {
    this.mantissaBits = mantissaBits;
    this.bias = bias;
  }

  /** The value of these bits, exactly. */
  public float value(byte bits) {
    return switch (this) {
      case E4M3 -> (bits & 0x7f) == 0x7f ? Float.NaN : finite(bits);
      case E5M2 -> Float.float16ToFloat((short) (bits << 8));
      case E4M3FNUZ, E5M2FNUZ -> bits == SIGN ? Float.NaN : finite(bits);
      case E8M0 -> bits == -1 ? Float.NaN : Math.scalb(1f, (bits & 0xff) - bias);
    };
  }

  private float finite(byte bits) {
    int exponent = (bits & 0x7f) >> mantissaBits;
    int mantissa = bits & (1 << mantissaBits) - 1;
    float value = exponent == 0
        ? Math.scalb((float) mantissa, 1 - bias - mantissaBits)
        : Math.scalb((float) (mantissa | 1 << mantissaBits), exponent - bias - mantissaBits);
    return bits < 0 ? -value : value;
  }
}
