package dev.fovea.graph;

import dev.fovea.tensor.Shape;
import java.util.function.IntToDoubleFunction;

/** The definition of normalisations and of the softmax loss. */
final class ReferenceRows {
  private ReferenceRows() {}

  static double[] channelMean(Shape x, IntToDoubleFunction f) {
    double[] out = new double[x.dim(1)];
    int inner = x.sizeFrom(2);
    for (int i = 0; i < x.size(); i++) {
      out[i / inner % out.length] += f.applyAsDouble(i) * out.length / x.size();
    }
    return out;
  }

  private static int rowSize(Shape shape, int axis, int groups) {
    return shape.sizeFrom(axis) / groups;
  }

  static double[] normalized(Shape shape, int axis, int groups, double epsilon, double[] x) {
    double[] out = new double[x.length];
    int size = rowSize(shape, axis, groups);
    for (int from = 0; from < x.length; from += size) {
      double mean = mean(x, from, size);
      double std = std(x, from, size, mean, epsilon);
      for (int i = from; i < from + size; i++) {
        out[i] = (x[i] - mean) / std;
      }
    }
    return out;
  }

  static double[] normalizedGrad(Shape shape, int axis, int groups, double epsilon, double[] x, double[] dy) {
    double[] y = normalized(shape, axis, groups, epsilon, x);
    double[] out = new double[x.length];
    int size = rowSize(shape, axis, groups);
    for (int from = 0; from < x.length; from += size) {
      double std = std(x, from, size, mean(x, from, size), epsilon);
      double sum = 0;
      double dot = 0;
      for (int i = from; i < from + size; i++) {
        sum += dy[i] / size;
        dot += dy[i] * y[i] / size;
      }
      for (int i = from; i < from + size; i++) {
        out[i] = (dy[i] - sum - y[i] * dot) / std;
      }
    }
    return out;
  }

  private static double mean(double[] x, int from, int size) {
    double sum = 0;
    for (int i = from; i < from + size; i++) {
      sum += x[i];
    }
    return sum / size;
  }

  private static double std(double[] x, int from, int size, double mean, double epsilon) {
    double sum = 0;
    for (int i = from; i < from + size; i++) {
      sum += (x[i] - mean) * (x[i] - mean);
    }
    return Math.sqrt(sum / size + epsilon);
  }

  /** {@code k + alpha / size * sum of x^2} at each position. */
  private static double[] lrnScales(int size, double alpha, double k, Shape shape, double[] x) {
    double[] scales = new double[x.length];
    int inner = shape.sizeFrom(2);
    for (int i = 0; i < x.length; i++) {
      int c = i / inner % shape.dim(1);
      double sum = 0;
      for (int other = Math.max(0, c - size / 2); other <= Math.min(shape.dim(1) - 1, c + (size - 1) / 2); other++) {
        double value = x[i + (other - c) * inner];
        sum += value * value;
      }
      scales[i] = k + alpha / size * sum;
    }
    return scales;
  }

  static double[] lrn(Op.Lrn op, Shape shape, double[] x) {
    double[] out = lrnScales(op.size(), op.alpha(), op.k(), shape, x);
    for (int i = 0; i < x.length; i++) {
      out[i] = x[i] * Math.pow(out[i], -op.beta());
    }
    return out;
  }

  static double[] lrnGrad(Op.LrnGrad op, Shape shape, double[] x, double[] dy) {
    double[] scales = lrnScales(op.size(), op.alpha(), op.k(), shape, x);
    double[] out = new double[x.length];
    int inner = shape.sizeFrom(2);
    for (int i = 0; i < x.length; i++) {
      int c = i / inner % shape.dim(1);
      double sum = 0;
      for (int y = Math.max(0, c - (op.size() - 1) / 2); y <= Math.min(shape.dim(1) - 1, c + op.size() / 2); y++) {
        int at = i + (y - c) * inner;
        sum += dy[at] * x[at] * Math.pow(scales[at], -op.beta() - 1.0);
      }
      out[i] = dy[i] * Math.pow(scales[i], -op.beta()) - 2.0 * op.alpha() / op.size() * op.beta() * x[i] * sum;
    }
    return out;
  }

  static double[] logSoftmax(Shape x, double[] values, int axis) {
    int inner = x.sizeFrom(axis + 1);
    int count = x.dim(axis);
    double[] out = new double[values.length];
    for (int row = 0; row < out.length / count; row++) {
      int first = row / inner * count * inner + row % inner;
      double max = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < count; c++) {
        max = Math.max(max, values[first + c * inner]);
      }
      double sum = 0;
      for (int c = 0; c < count; c++) {
        sum += Math.exp(values[first + c * inner] - max);
      }
      for (int c = 0; c < count; c++) {
        out[first + c * inner] = values[first + c * inner] - max - Math.log(sum);
      }
    }
    return out;
  }

  static double[] topK(Shape x, double[] values, int axis, int k) {
    int inner = x.sizeFrom(axis + 1);
    int count = x.dim(axis);
    double[] out = new double[values.length / count * k];
    for (int row = 0; row < values.length / count; row++) {
      int first = row / inner * count * inner + row % inner;
      boolean[] taken = new boolean[count];
      for (int rank = 0; rank < k; rank++) {
        int best = -1;
        for (int c = 0; c < count; c++) {
          if (!taken[c] && (best < 0 || greater(values[first + c * inner], values[first + best * inner]))) {
            best = c;
          }
        }
        taken[best] = true;
        out[row / inner * k * inner + rank * inner + row % inner] = best;
      }
    }
    return out;
  }

  private static boolean greater(double a, double b) {
    return a > b || Double.isNaN(a) && !Double.isNaN(b);
  }

  static double[] softmaxLoss(Op.SoftmaxCrossEntropyLoss op, Shape logits, double[][] in) {
    double[] logs = logSoftmax(logits, in[0], 1);
    int classes = logits.dim(1);
    int inner = logits.sizeFrom(2);
    double loss = 0;
    double weights = 0;
    for (int row = 0; row < in[1].length; row++) {
      int label = (int) in[1][row];
      if (label == op.ignored()) {
        continue;
      }
      int first = row / inner * classes * inner + row % inner;
      double even = 0;
      for (int c = 0; c < classes; c++) {
        even -= logs[first + c * inner] * weight(in, 2, c) / classes;
      }
      loss += -logs[first + label * inner] * weight(in, 2, label) * (1 - (double) op.smoothing()) + even * op.smoothing();
      weights += weight(in, 2, label);
    }
    return new double[] {weights == 0 ? 0 : loss / weights};
  }

  static double[] softmaxLossGrad(Op.SoftmaxCrossEntropyGrad op, Shape logits, double[][] in) {
    double[] logs = logSoftmax(logits, in[0], 1);
    int classes = logits.dim(1);
    int inner = logits.sizeFrom(2);
    double weights = 0;
    for (double label : in[1]) {
      weights += label == op.ignored() ? 0 : weight(in, 3, (int) label);
    }
    double all = 0;
    for (int c = 0; c < classes; c++) {
      all += weight(in, 3, c);
    }
    double[] out = new double[logs.length];
    for (int i = 0; i < out.length; i++) {
      int c = i / inner % classes;
      int label = (int) in[1][i / inner / classes * inner + i % inner];
      if (label != op.ignored() && weights != 0) {
        double p = Math.exp(logs[i]);
        double sharp = (1 - (double) op.smoothing()) * weight(in, 3, label) * (p - (c == label ? 1 : 0));
        double even = op.smoothing() / classes * (p * all - weight(in, 3, c));
        out[i] = (sharp + even) * in[2][0] / weights;
      }
    }
    return out;
  }

  private static double weight(double[][] in, int operand, int c) {
    return in.length > operand ? in[operand][c] : 1;
  }

  /** Series near zero, continued fraction for large arguments: Abramowitz and Stegun 7.1.6 and 7.1.14. */
  static double erf(double x) {
    double a = Math.abs(x);
    if (a > 6) {
      return Math.signum(x);
    }
    if (a < 2.5) {
      double term = a;
      double sum = a;
      for (int n = 1; n < 100; n++) {
        term *= 2 * a * a / (2 * n + 1);
        sum += term;
      }
      return Math.signum(x) * 2 / Math.sqrt(Math.PI) * Math.exp(-a * a) * sum;
    }
    double fraction = 0;
    for (int n = 120; n >= 1; n--) {
      fraction = n / 2.0 / (a + fraction);
    }
    return Math.signum(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
  }
}
