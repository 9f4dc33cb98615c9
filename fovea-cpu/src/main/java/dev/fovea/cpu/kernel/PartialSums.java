package dev.fovea.cpu.kernel;

/**
 * Sums over a batch have one order, independent of vector width and thread count: sixteen partial sums, where an image adds to the
 * one with its index modulo 16, and a fixed reduction tree over them.
 */
public final class PartialSums {
  private PartialSums() {}

  /** The reduction tree: adds the two halves elementwise, then the two halves of that, until one sum is left. */
  public static float tree(float[] partial, int at) {
    float a = quarter(partial, at);
    float b = quarter(partial, at + 1);
    float c = quarter(partial, at + 2);
    float d = quarter(partial, at + 3);
    return (a + c) + (b + d);
  }

  private static float quarter(float[] p, int i) {
    return (p[i] + p[i + 8]) + (p[i + 4] + p[i + 12]);
  }

  /** The same tree over doubles. */
  public static double tree(double[] partial, int at) {
    double a = quarter(partial, at);
    double b = quarter(partial, at + 1);
    double c = quarter(partial, at + 2);
    double d = quarter(partial, at + 3);
    return (a + c) + (b + d);
  }

  private static double quarter(double[] p, int i) {
    return (p[i] + p[i + 8]) + (p[i + 4] + p[i + 12]);
  }
}
