package dev.fovea.explain;

/** The cosine of the angle between rows of numbers, in double precision. */
public final class Cosine {
  private Cosine() {}

  /** Of two rows of that size, from those places on; 0 if one of them is zero. */
  public static double of(float[] a, int fromA, float[] b, int fromB, int size) {
    double product = product(a, fromA, b, fromB, size);
    return product == 0 ? 0 : product / (length(a, fromA, size) * length(b, fromB, size));
  }

  /** The Euclidean length of a row. */
  public static double length(float[] row, int from, int size) {
    return Math.sqrt(product(row, from, row, from, size));
  }

  private static double product(float[] a, int fromA, float[] b, int fromB, int size) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += (double) a[fromA + i] * b[fromB + i];
    }
    return sum;
  }
}
