package dev.fovea.cpu.kernel;

/**
 * exp and related functions in float, from additions, multiplications and fma alone. The vector kernels have the same operations in
 * the same order, so that they and every machine get the same bits. Errors stay below 2 units in the last place (ulp).
 */
public final class Elementary {
  /** Below this exp is zero: the result would be subnormal. */
  public static final float EXP_UNDERFLOW = -87.33f;

  /** Above this exp is infinite, a factor of about 1.4 before the end of float's range. */
  public static final float EXP_OVERFLOW = 88.37f;

  /** From here on tanh is 1 in float. */
  public static final float TANH_SATURATION = 9.02f;

  /** Adding and subtracting it rounds to an integer, for values below 2^22. */
  public static final float ROUND = 12582912f;

  public static final float LOG2_E = 0x1.715476p0f;

  /** ln 2 in two parts, the first short enough that a multiple of it is exact. */
  public static final float LN2_HIGH = 0x1.62e4p-1f;

  public static final float LN2_LOW = 0x1.7f7d1cp-20f;

  /** Taylor coefficients of (exp(r) - 1 - r) / r^2; up to |r| = ln 2 / 2 the truncation error is 5e-9. */
  public static final float C2 = 1 / 2f;

  public static final float C3 = 1 / 6f;
  public static final float C4 = 1 / 24f;
  public static final float C5 = 1 / 120f;
  public static final float C6 = 1 / 720f;
  public static final float C7 = 1 / 5040f;

  /** The bits of the square root of 1/2, the least mantissa that {@link #log} takes the logarithm of. */
  public static final int SQRT_HALF = 0x3f3504f3;

  /** Below this a float has less than 24 bits; times {@link #LOG_SCALE} it has all. */
  public static final float LOG_SMALL = Float.MIN_NORMAL;

  /** Two to the power of 23. */
  public static final float LOG_SCALE = 0x1p23f;

  /** Moshier's Cephes, logf: coefficients of (log(1 + f) - f + f^2 / 2) / f^3, up to |f| = sqrt(2) - 1. */
  public static final float L3 = 0.3333333f;

  public static final float L4 = -0.24999994f;
  public static final float L5 = 0.20000714f;
  public static final float L6 = -0.16668057f;
  public static final float L7 = 0.14249323f;
  public static final float L8 = -0.12420141f;
  public static final float L9 = 0.116769984f;
  public static final float L10 = -0.1151461f;
  public static final float L11 = 0.070376836f;

  /** Press et al., Numerical Recipes, section 6.2: erfc's exponent as a polynomial in {@code 1 / (1 + x / 2)}. */
  private static final double[] ERFC = {
      -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277
  };

  /** From here on the error function is 1 in double. */
  public static final double ERF_SATURATION = 6;

  /** Terms of the error function's series, of the fit beyond it, and of the exponential's series. */
  public static final int ERF_TERMS = 13;

  public static final int ERFC_TERMS = ERFC.length;
  public static final int EXP_TERMS = 14;

  /** Terms of the series of the inverse hyperbolic tangent: up to 1/3 the truncation error is 1e-17. */
  public static final int ATANH_TERMS = 17;

  /** Below this exp is zero in float, not yet in double. */
  public static final double DOUBLE_EXP_MIN = -700;

  /** Adding and subtracting it rounds a double to an integer, which is in the last bits of the sum. */
  public static final double DOUBLE_ROUND = 0x1.8p52;

  public static final double DOUBLE_LOG2_E = 0x1.71547652b82fep0;
  public static final double DOUBLE_LN2_HIGH = 0x1.62e42feep-1;
  public static final double DOUBLE_LN2_LOW = 0x1.a39ef35793c76p-33;

  /** The bits of 1. */
  public static final long DOUBLE_ONE = 1023L << 52;

  private static final double[] EXP = new double[EXP_TERMS];
  private static final double[] ERF = new double[ERF_TERMS];
  private static final double[] ATANH = new double[ATANH_TERMS];

  static {
    double factorial = 1;
    for (int k = 0; k < EXP_TERMS; k++) {
      factorial *= Math.max(1, k);
      EXP[k] = 1 / factorial;
    }
    for (int k = 0; k < ATANH_TERMS; k++) {
      ATANH[k] = 1.0 / (2 * k + 1);
    }
    for (int k = 0; k < ERF_TERMS; k++) {
      ERF[k] = (k % 2 == 0 ? 2 : -2) / Math.sqrt(Math.PI) * EXP[k] / (2 * k + 1);
    }
  }

  private Elementary() {}

  public static float exp(float x) {
    if (x < EXP_UNDERFLOW) {
      return 0;
    }
    if (x > EXP_OVERFLOW) {
      return Float.POSITIVE_INFINITY;
    }
    float n = multiple(x);
    float scale = powerOfTwo(n);
    return Math.fma(scale, expMinusOne(remainder(x, n)), scale);
  }

  /** {@code exp(x) - 1}, without the cancellation near zero that the difference would have. */
  public static float expm1(float x) {
    float y = Math.max(EXP_UNDERFLOW, x);
    float n = multiple(y);
    float scale = powerOfTwo(n);
    return Math.fma(scale, expMinusOne(remainder(y, n)), scale - 1);
  }

  public static float sigmoid(float x) {
    return 1 / (1 + exp(-x));
  }

  public static float tanh(float x) {
    float y = Math.max(-2 * TANH_SATURATION, Math.min(2 * TANH_SATURATION, 2 * x));
    float n = multiple(y);
    float scale = powerOfTwo(n);
    float e = Math.fma(scale, expMinusOne(remainder(y, n)), scale - 1);
    return e / (e + 2);
  }

  /** The natural logarithm; minus infinity at 0, not a number below. */
  public static float log(float x) {
    if (!(x > 0) || x == Float.POSITIVE_INFINITY) {
      return x == 0 ? Float.NEGATIVE_INFINITY : x > 0 ? x : Float.NaN;
    }
    boolean small = x < LOG_SMALL;
    int bits = Float.floatToRawIntBits(small ? x * LOG_SCALE : x) - SQRT_HALF;
    float exponent = (bits >> 23) - (small ? 23 : 0);
    float f = Float.intBitsToFloat((bits & 0x7fffff) + SQRT_HALF) - 1;
    float square = f * f;
    float q = Math.fma(f, L11, L10);
    q = Math.fma(f, q, L9);
    q = Math.fma(f, q, L8);
    q = Math.fma(f, q, L7);
    q = Math.fma(f, q, L6);
    q = Math.fma(f, q, L5);
    q = Math.fma(f, q, L4);
    q = Math.fma(f, q, L3);
    float rest = Math.fma(exponent, LN2_LOW, f * square * q);
    return Math.fma(exponent, LN2_HIGH, f + Math.fma(square, -0.5f, rest));
  }

  /** {@code log(1 + exp(x))}, computed in double, as {@code max(x, 0) + log(1 + exp(-|x|))}, by log((1 + s) / (1 - s)) = 2 atanh(s). */
  public static float softplus(float x) {
    double e = exp(Math.max(DOUBLE_EXP_MIN, -Math.abs((double) x)));
    double s = e / (e + 2);
    double square = s * s;
    double sum = 0;
    for (int k = ATANH_TERMS - 1; k >= 0; k--) {
      sum = Math.fma(sum, square, ATANH[k]);
    }
    return (float) (Math.max((double) x, 0) + 2 * s * sum);
  }

  /** The coefficient of {@code x^(2k + 1)} in the series of the inverse hyperbolic tangent. */
  public static double atanh(int k) {
    return ATANH[k];
  }

  /**
   * The error function, in double: its series up to 1 (truncation error 1e-9), beyond it the fit of Numerical Recipes (error
   * 1.2e-7).
   */
  public static float erf(float x) {
    double a = Math.min(ERF_SATURATION, Math.abs((double) x));
    double square = a * a;
    if (a < 1) {
      double sum = 0;
      for (int k = ERF_TERMS - 1; k >= 0; k--) {
        sum = Math.fma(sum, square, ERF[k]);
      }
      return (float) (x * sum);
    }
    double t = 1 / (1 + a / 2);
    double fit = 0;
    for (int k = ERFC_TERMS - 1; k >= 0; k--) {
      fit = Math.fma(fit, t, ERFC[k]);
    }
    return (float) Math.copySign(1 - t * exp(fit - square), x);
  }

  /** The coefficient of {@code x^(2k + 1)} in the error function's series. */
  public static double erf(int k) {
    return ERF[k];
  }

  /** The coefficient of {@code t^k} in the fit. */
  public static double erfc(int k) {
    return ERFC[k];
  }

  /** {@code 1 / k!}. */
  public static double inverseFactorial(int k) {
    return EXP[k];
  }

  /** exp of a double from -700 to 0; the truncation error is below a unit in the last place. */
  private static double exp(double x) {
    double shifted = Math.fma(x, DOUBLE_LOG2_E, DOUBLE_ROUND);
    double n = shifted - DOUBLE_ROUND;
    double r = Math.fma(n, -DOUBLE_LN2_LOW, Math.fma(n, -DOUBLE_LN2_HIGH, x));
    double sum = 0;
    for (int k = EXP_TERMS - 1; k >= 0; k--) {
      sum = Math.fma(sum, r, EXP[k]);
    }
    return sum * Double.longBitsToDouble((Double.doubleToRawLongBits(shifted) << 52) + DOUBLE_ONE);
  }

  /** A power; the roots and reciprocals that networks use are computed in float, any other exponent in double. */
  public static float pow(float x, float exponent) {
    if (exponent == -0.75f) {
      float root = 1 / (float) Math.sqrt(x);
      return root * (float) Math.sqrt(root);
    }
    if (exponent == -0.5f) {
      return 1 / (float) Math.sqrt(x);
    }
    if (exponent == 0.5f) {
      return (float) Math.sqrt(x);
    }
    if (exponent == -1) {
      return 1 / x;
    }
    return exponent == 2 ? x * x : (float) StrictMath.pow(x, exponent);
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
