package dev.fovea.cpu;

/**
 * exp and its relatives in float, from additions, multiplications and fma alone, so that every machine and the vector kernels,
 * which do the same in the same order, get the same bits. Errors stay below 2 units in the last place.
 */
public final class Elementary {
  /** Below this exp is zero (it would be subnormal); above the other it is infinite, a third of the float range early. */
  public static final float EXP_LEAST = -87.33f;

  public static final float EXP_MOST = 88.37f;

  /** From here on tanh is 1 in float. */
  public static final float TANH_MOST = 9.02f;

  /** Adding and subtracting it rounds to a whole number, for less than 2^22. */
  public static final float ROUND = 12582912f;

  public static final float LOG2_E = 0x1.715476p0f;

  /** ln 2 in two parts, the first short enough that a multiple of it is exact. */
  public static final float LN2_HIGH = 0x1.62e4p-1f;

  public static final float LN2_LOW = 0x1.7f7d1cp-20f;

  /** Taylor's coefficients of (exp(r) - 1 - r) / r^2; up to |r| = ln 2 / 2 what is left out is 5e-9. */
  public static final float C2 = 1 / 2f;

  public static final float C3 = 1 / 6f;
  public static final float C4 = 1 / 24f;
  public static final float C5 = 1 / 120f;
  public static final float C6 = 1 / 720f;
  public static final float C7 = 1 / 5040f;

  private Elementary() {}

  public static float exp(float x) {
    if (x < EXP_LEAST) {
      return 0;
    }
    if (x > EXP_MOST) {
      return Float.POSITIVE_INFINITY;
    }
    float n = multiple(x);
    float scale = powerOfTwo(n);
    return Math.fma(scale, expMinusOne(remainder(x, n)), scale);
  }

  public static float sigmoid(float x) {
    return 1 / (1 + exp(-x));
  }

  public static float tanh(float x) {
    float y = Math.max(-2 * TANH_MOST, Math.min(2 * TANH_MOST, 2 * x));
    float n = multiple(y);
    float scale = powerOfTwo(n);
    float e = Math.fma(scale, expMinusOne(remainder(y, n)), scale - 1);
    return e / (e + 2);
  }

  private static float multiple(float x) {
    return Math.fma(x, LOG2_E, ROUND) - ROUND;
  }

  private static float remainder(float x, float n) {
    return Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
  }

  private static float expMinusOne(float r) {
    float q = Math.fma(r, C7, C6);
    q = Math.fma(r, q, C5);
    q = Math.fma(r, q, C4);
    q = Math.fma(r, q, C3);
    q = Math.fma(r, q, C2);
    return Math.fma(r * r, q, r);
  }

  private static float powerOfTwo(float n) {
    return Float.intBitsToFloat(((int) n + 127) << 23);
  }
}
