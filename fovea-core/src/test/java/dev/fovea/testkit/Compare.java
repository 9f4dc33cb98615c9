package dev.fovea.testkit;

import java.util.Arrays;
import java.util.Map;

/**
 * Fails if two arrays differ by more than a tolerance, and reports where they differ most. NaN differs from everything, and nothing
 * is close by a tolerance that is infinite, as that of an overflow would be.
 */
public final class Compare {
  private Compare() {}

  public static void values(String what, double[] expected, double[] got, double tolerance) {
    if (expected.length != got.length) {
      throw new AssertionError(what + ": expected " + expected.length + " numbers, got " + got.length);
    }
    int worst = -1;
    double worstBy = tolerance;
    for (int i = 0; i < expected.length; i++) {
      double by = expected[i] == got[i] ? 0 : Math.abs(expected[i] - got[i]);
      if (!Double.isFinite(by) || by > worstBy) {
        worst = i;
        worstBy = Double.isNaN(by) ? Double.POSITIVE_INFINITY : by;
      }
    }
    if (worst >= 0) {
      value(what + " at element " + worst + " of " + expected.length, expected[worst], got[worst], tolerance);
    }
  }

  public static void value(String what, double expected, double got, double tolerance) {
    double by = Math.abs(expected - got);
    if (expected != got && !(by <= tolerance && Double.isFinite(by))) {
      throw new AssertionError(
          what + ": expected " + expected + ", got " + got + ", off by " + by + ", allowed " + tolerance);
    }
  }

  public static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  public static double sum(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    return sum;
  }

  /** The L2 norm. */
  public static double norm(double[] values) {
    double sum = 0;
    for (double v : values) {
      sum += v * v;
    }
    return Math.sqrt(sum);
  }

  /** The value that is there by that name. */
  public static double[] output(Map<String, double[]> outputs, String name) {
    double[] values = outputs.get(name);
    if (values == null) {
      throw new AssertionError("no output " + name + " among " + outputs.keySet());
    }
    return values;
  }
}
