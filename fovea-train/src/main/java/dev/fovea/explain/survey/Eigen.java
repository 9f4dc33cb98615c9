package dev.fovea.explain.survey;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations (Golub, Van Loan 2013, Matrix computations, section
 * 8.5.3): slow, but accurate, short, and the same everywhere. For matrices of a few hundred rows.
 *
 * @param values the largest first
 * @param vectors of the same order, each of length 1
 */
@SuppressWarnings("ArrayRecordComponent") // only read
record Eigen(double[] values, double[][] vectors) {
  /** Rounds over all pairs, more than any matrix needs. */
  private static final int MAX_SWEEPS = 60;

  /** The part of the matrix's norm that may be left outside the diagonal. */
  private static final double TOLERANCE = 1e-12;

  /** @param matrix symmetric; its contents are overwritten */
  static Eigen of(double[][] matrix) {
    int n = matrix.length;
    double[][] rotation = new double[n][n]; // rows become the eigenvectors
    for (int i = 0; i < n; i++) {
      rotation[i][i] = 1;
    }
    double norm = norm(matrix, false);
    for (int sweep = 0; sweep < MAX_SWEEPS && norm(matrix, true) > TOLERANCE * norm; sweep++) {
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          if (matrix[p][q] != 0) {
            rotate(matrix, rotation, p, q);
          }
        }
      }
    }
    List<Integer> order =
        IntStream.range(0, n).boxed().sorted(Comparator.comparingDouble((Integer i) -> matrix[i][i]).reversed()).toList();
    return new Eigen(order.stream().mapToDouble(i -> matrix[i][i]).toArray(),
        order.stream().map(i -> rotation[i]).toArray(double[][]::new));
  }

  private static double norm(double[][] matrix, boolean outsideDiagonal) {
    double sum = 0;
    for (int i = 0; i < matrix.length; i++) {
      for (int j = 0; j < matrix.length; j++) {
        sum += outsideDiagonal && i == j ? 0 : matrix[i][j] * matrix[i][j];
      }
    }
    return Math.sqrt(sum);
  }

  /** Makes the element of a pair zero. */
  private static void rotate(double[][] a, double[][] rotation, int p, int q) {
    double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
    double c = 1 / Math.sqrt(t * t + 1);
    double s = t * c;
    for (int k = 0; k < a.length; k++) {
      double kp = a[k][p];
      double kq = a[k][q];
      a[k][p] = c * kp - s * kq;
      a[k][q] = s * kp + c * kq;
    }
    turn(a[p], a[q], c, s);
    turn(rotation[p], rotation[q], c, s);
  }

  private static void turn(double[] p, double[] q, double c, double s) {
    for (int k = 0; k < p.length; k++) {
      double kp = p[k];
      p[k] = c * kp - s * q[k];
      q[k] = s * kp + c * q[k];
    }
  }
}
