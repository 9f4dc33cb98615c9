package dev.fovea.explain.survey;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The principal components of rows of numbers, from the rows' products, of which there are fewer than of numbers in a row: Bishop 2006
 * (Pattern recognition and machine learning), section 12.1.4.
 *
 * @param mean of all rows
 * @param centred the rows that the components were computed of, less the mean
 * @param eigen of their products: its values are the squares of their matrix's singular values
 */
@SuppressWarnings("ArrayRecordComponent") // only read
record PrincipalComponents(double[] mean, double[][] centred, Eigen eigen) {
  /** The rows that are used, evenly chosen. */
  private static final int MAX_ROWS = 256;

  static PrincipalComponents of(List<float[]> rows) {
    double[] mean = new double[rows.getFirst().length];
    for (float[] row : rows) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += row[i] / (double) rows.size();
      }
    }
    int count = Math.min(rows.size(), MAX_ROWS);
    double[][] centred = IntStream.range(0, count).mapToObj(i -> less(rows.get((int) ((long) i * rows.size() / count)), mean))
        .toArray(double[][]::new);
    double[][] products = new double[count][count];
    for (int a = 0; a < count; a++) {
      for (int b = 0; b <= a; b++) {
        products[a][b] = product(centred[a], centred[b]);
        products[b][a] = products[a][b];
      }
    }
    return new PrincipalComponents(mean, centred, Eigen.of(products));
  }

  /** The share of the variance that a component has. */
  double share(int component) {
    double total = Arrays.stream(eigen.values()).filter(value -> value > 0).sum();
    return total == 0 ? 0 : Math.max(0, eigen.values()[component]) / total;
  }

  /** The exponential of the entropy of the singular values, 0 if all are: Roy and Vetterli 2007 (The effective rank), definition 1. */
  double effectiveRank() {
    double[] singular = Arrays.stream(eigen.values()).map(value -> Math.sqrt(Math.max(0, value))).toArray();
    double sum = Arrays.stream(singular).sum();
    return sum == 0 ? 0
        : Math.exp(Arrays.stream(singular).filter(value -> value > 0).map(value -> value / sum)
            .map(share -> -share * Math.log(share)).sum());
  }

  /** Where rows lie along the first components. */
  double[][] places(List<float[]> rows, int components) {
    List<double[]> axes = IntStream.range(0, Math.min(components, centred.length)).mapToObj(this::axis).toList();
    return rows.stream().map(row -> less(row, mean))
        .map(row -> axes.stream().mapToDouble(axis -> product(axis, row)).toArray()).toArray(double[][]::new);
  }

  /** A principal axis, of length 1 unless the rows do not vary along it. */
  private double[] axis(int component) {
    double[] axis = new double[mean.length];
    double value = eigen.values()[component];
    double scale = value > 0 ? 1 / Math.sqrt(value) : 0;
    for (int row = 0; row < centred.length; row++) {
      for (int i = 0; i < axis.length; i++) {
        axis[i] += scale * eigen.vectors()[component][row] * centred[row][i];
      }
    }
    return axis;
  }

  private static double[] less(float[] row, double[] mean) {
    return IntStream.range(0, row.length).mapToDouble(i -> row[i] - mean[i]).toArray();
  }

  private static double product(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
