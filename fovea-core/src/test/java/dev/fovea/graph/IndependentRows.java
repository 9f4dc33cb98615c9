package dev.fovea.graph;

import dev.fovea.tensor.Shape;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The part of {@link IndependentReference} on normalisations and on the softmaxes. */
record IndependentRows(IndependentReference s) {
  double responseNorm(Op.Lrn op, int[] at) {
    double squares =
        IntStream.range(0, op.size())
            .map(k -> at[1] - op.size() / 2 + k)
            .mapToDouble(c -> Math.pow(s.get(0, IndependentReference.with(at, 1, c)), 2))
            .sum();
    return s.get(0, at) / Math.pow(op.k() + squares * op.alpha() / op.size(), op.beta());
  }

  /** The line through (mean, bias) whose slope is scale over std. */
  double batchNorm(double epsilon, int[] at) {
    double slope = s.get(1, at[1]) / Math.sqrt(s.get(4, at[1]) + epsilon);
    return s.get(2, at[1]) + slope * (s.get(0, at) - s.get(3, at[1]));
  }

  double[] rowNorm(Op.RowNormalization op) {
    double[] sums = new double[s.out.size()];
    double[] squares = new double[s.out.size()];
    double[] counts = new double[s.out.size()];
    s.gather(at -> counts[row(op, at)]++);
    s.gather(at -> sums[row(op, at)] += s.get(0, at));
    s.gather(at -> squares[row(op, at)] += Math.pow(s.get(0, at) - sums[row(op, at)] / counts[row(op, at)], 2));
    return s.gather(
        at -> {
          int row = row(op, at);
          return (s.get(0, at) - sums[row] / counts[row]) / Math.sqrt(squares[row] / counts[row] + op.epsilon());
        });
  }

  /** The index of the row that an element belongs to. */
  private int row(Op.RowNormalization op, int[] at) {
    int row = 0;
    for (int axis = 0; axis < op.axis(); axis++) {
      row = row * s.out.dim(axis) + at[axis];
    }
    return row * op.groups() + at[op.axis()] / (s.out.dim(op.axis()) / op.groups());
  }

  /** The sum over the elements of the row, y, of exp(y - x) for the element x. */
  double expSum(int axis, int[] at) {
    return exponents(axis, at).map(Math::exp).sum();
  }

  double logSum(int axis, int[] at) {
    double largest = exponents(axis, at).max().orElseThrow();
    return largest + Math.log(exponents(axis, at).map(e -> Math.exp(e - largest)).sum());
  }

  private DoubleStream exponents(int axis, int[] at) {
    double here = s.get(0, at);
    return s.along(axis, at).map(there -> there - here);
  }

  /** The index of the element of a row that this number of elements come before, in descending order. */
  double ofRank(int rank, int axis, int[] at) {
    double[] row = s.along(axis, at).toArray();
    return IntStream.range(0, row.length)
        .filter(k -> IntStream.range(0, row.length).filter(i -> row[i] > row[k] || row[i] == row[k] && i < k).count() == rank)
        .findFirst()
        .orElseThrow();
  }

  /** Cross-entropy between the smoothed labels and softmax, each class's term times its weight; ignored positions have no label. */
  double[] softmaxLoss(Op.SoftmaxCrossEntropyLoss op) {
    Shape labels = s.shapes.get(1);
    int classes = s.shapes.getFirst().dim(1);
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < labels.size(); i++) {
      int label = (int) s.in[1][i];
      if (label != op.ignored()) {
        int[] pixel = IndependentReference.coordinates(i, labels);
        for (int c = 0; c < classes; c++) {
          double oneHot = (c == label ? 1 - (double) op.smoothing() : 0) + (double) op.smoothing() / classes;
          sum += oneHot * weight(c) * logSum(1, withClass(pixel, c));
        }
        weights += weight(label);
      }
    }
    return new double[] {weights == 0 ? 0 : sum / weights};
  }

  private double weight(int label) {
    return s.in.length > 2 ? s.in[2][label] : 1;
  }

  private static int[] withClass(int[] pixel, int label) {
    int[] at = new int[pixel.length + 1];
    at[0] = pixel[0];
    at[1] = label;
    System.arraycopy(pixel, 1, at, 2, pixel.length - 1);
    return at;
  }
}
