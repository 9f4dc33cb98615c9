package dev.fovea.cpu.kernel;

/**
 * Sums over a batch have one shape, whatever the machine's vectors are and however many threads there are: sixteen partial sums,
 * the image's number modulo 16 telling which, and a fixed tree over them.
 */
public final class Sums {
  private Sums() {}

  /** The tree: first the halves, then the quarters, the eighths, the rest. */
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
