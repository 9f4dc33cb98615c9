package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.Optional;

/**
 * Losses as graphs: each computes a scalar from logits {@code [N, C, ...]} and class indices {@code [N, ...]}, integers from 0
 * to {@code C - 1}; a position with an index below 0 has no class and does not count. Those of several labels and of numbers compare
 * {@code [N, C]} outputs with as many targets. None stores the batch size.
 */
public final class Losses {
  private Losses() {}

  /**
   * The mean of -log softmax at the class.
   *
   * @param smoothing the share of the target that is spread evenly over all classes (Szegedy et al. 2016, arXiv 1512.00567,
   *     section 7)
   * @param ignored positions with this class index do not count; -1: all count
   */
  public static Value crossEntropy(GraphBuilder g, Value logits, Value labels, double smoothing, int ignored) {
    return g.op(new Op.SoftmaxCrossEntropyLoss((float) smoothing, ignored), logits, labels);
  }

  /** The same, each position weighted by its class's weight of {@code [C]}, see {@link #vector}; the mean divides by their sum. */
  public static Value crossEntropy(GraphBuilder g, Value logits, Value labels, double smoothing, int ignored, Value weights) {
    return g.op(new Op.SoftmaxCrossEntropyLoss((float) smoothing, ignored), logits, labels, weights);
  }

  /** A constant vector {@code [C]}, such as class weights. */
  public static Value vector(GraphBuilder g, double... values) {
    Shape single = Shape.of(1, 1);
    Value row = g.op(
        new Op.Concat(), Arrays.stream(values).mapToObj(value -> g.op(new Op.Fill(single, (float) value))).toList());
    Value column = g.op(new Op.Gemm(true, false), row, g.op(new Op.Fill(single, 1)));
    return g.op(Op.Reshape.image(Shape.of()), column);
  }

  /**
   * The mean squared error (Rumelhart, Hinton, Williams 1986).
   *
   * @param targets as many values as {@code outputs}; or class indices, which are one-hot encoded
   */
  public static Value mse(GraphBuilder g, Value outputs, Value targets) {
    Shape shape = g.shape(outputs);
    boolean dense = g.shape(targets).size() == shape.size();
    Value expected = dense ? g.op(Op.Reshape.image(shape.withoutBatch()), targets) : oneHot(g, outputs, targets);
    Value distance = g.add(outputs, negative(g, expected));
    Value squares = g.mul(distance, distance);
    return dense ? g.op(new Op.Mean(), squares) : mean(g, squares, expected);
  }

  /**
   * The mean absolute error, PyTorch's L1Loss.
   *
   * @param targets as many values as {@code outputs}
   */
  public static Value l1(GraphBuilder g, Value outputs, Value targets) {
    Value distance = g.add(outputs, negative(g, targets));
    Value relu = g.op(new Op.Relu(), distance);
    return g.op(new Op.Mean(), g.add(relu, g.op(new Op.Relu(), negative(g, distance))));
  }

  /**
   * The mean of {@code d^2 / (2 beta)} where the distance d is at most beta, of {@code |d| - beta / 2} elsewhere: outliers count
   * linearly. PyTorch's SmoothL1Loss, and HuberLoss divided by its delta, here beta (Huber 1964; Girshick 2015, arXiv 1504.08083).
   *
   * @param targets as many values as {@code outputs}
   */
  public static Value smoothL1(GraphBuilder g, Value outputs, Value targets, double beta) {
    if (!(beta > 0 && beta < Float.POSITIVE_INFINITY)) {
      throw new FoveaException("the smooth l1 loss expects a beta above 0, got " + beta);
    }
    Value distance = g.add(outputs, negative(g, targets));
    Value near = g.op(new Op.Clip((float) -beta, (float) beta), distance);
    // near (d - near / 2) / beta is both cases
    return g.op(new Op.Mean(), g.mul(g.mul(near, g.add(distance, g.mul(near, g.number(-0.5)))), g.number(1 / beta)));
  }

  /**
   * The mean over images and classes of {@code -(w t log p + (1 - t) log(1 - p))}, p the sigmoid of the logit: PyTorch's
   * BCEWithLogitsLoss.
   *
   * @param targets t, 0 or 1, as many values as {@code logits}
   * @param positive the weights w of {@code [C]} of the classes' ones, see {@link #vector}; or none
   */
  public static Value binaryCrossEntropy(GraphBuilder g, Value logits, Value targets, Optional<Value> positive) {
    Value one = g.number(1);
    // -log p = softplus(-z), and -log(1 - p) = z + softplus(-z): neither overflows
    Value logOfP = g.op(new Op.Softplus(), negative(g, logits));
    Value zeros = g.mul(g.add(one, negative(g, targets)), logits);
    Optional<Value> factor = positive.map(w -> g.add(one, g.mul(targets, g.add(w, g.number(-1)))));
    return g.op(new Op.Mean(), g.add(zeros, factor.map(f -> g.mul(f, logOfP)).orElse(logOfP)));
  }

  /**
   * The mean over positions of {@code sum over j != y of max(0, 1 - z_y + z_j)^p / C}: Weston and Watkins 1999, PyTorch's
   * MultiMarginLoss; squared in Tang 2013 (arXiv 1306.0239).
   *
   * @param p 1 or 2
   */
  public static Value hinge(GraphBuilder g, Value logits, Value labels, int p) {
    if (p != 1 && p != 2) {
      throw new FoveaException("the hinge loss expects a power of 1 or 2, got " + p);
    }
    Value labelled = oneHot(g, logits, labels);
    Value margin = g.op(new Op.Relu(), g.add(g.add(logits, negative(g, atClass(g, logits, labelled))), g.number(1)));
    Value others = g.mul(margin, g.add(negative(g, labelled), g.number(1)));
    return mean(g, p == 1 ? others : g.mul(others, others), labelled);
  }

  /**
   * The mean of {@code -(1 - p)^gamma log p}, p the softmax at the class: well classified positions count less. Lin et al. 2017
   * (arXiv 1708.02002).
   *
   * @param gamma 0 is cross-entropy, the paper's is 2
   */
  public static Value focal(GraphBuilder g, Value logits, Value labels, double gamma) {
    if (!(gamma >= 0 && gamma < Float.POSITIVE_INFINITY)) {
      throw new FoveaException("the focal loss expects a gamma of 0 or more, got " + gamma);
    }
    Value labelled = oneHot(g, logits, labels);
    Value log = atClass(g, g.op(new Op.LogSoftmax(), logits), labelled);
    // exp(log p) - 1 without cancellation for p near 1
    Value rest = negative(g, g.op(new Op.Elu(1), log));
    // a power below 1 has an infinite slope at zero, so values below the smallest normal number are clamped to it
    Value factor = g.op(new Op.Pow((float) gamma), g.op(new Op.Clip(Float.MIN_NORMAL, Float.MAX_VALUE), rest));
    return negative(g, mean(g, g.mul(factor, log), labelled));
  }

  /**
   * One minus the mean over classes of {@code (2 sum p t + 1) / (sum p + sum t + 1)}, p the softmax, t the one-hot labels, sums
   * over images and positions: it measures the overlap independently of the size of a class. Milletari et al. 2016 (arXiv
   * 1606.04797, section 3).
   */
  public static Value dice(GraphBuilder g, Value logits, Value labels) {
    Value labelled = oneHot(g, logits, labels);
    Value p = g.mul(g.op(new Op.Softmax(), logits), known(g, labelled));
    Value one = g.number(1);
    Value both = g.add(g.mul(sumOverPositions(g, g.mul(p, labelled)), g.number(2)), one);
    Value either = g.add(sumOverPositions(g, g.add(p, labelled)), one);
    return g.add(negative(g, g.op(new Op.Mean(), g.mul(both, g.op(new Op.Pow(-1), either)))), one);
  }

  /**
   * Cross-entropy with one more class, whose logit is the constant {@code -j}: LeCun et al. 1998, equation 9. Logits are the
   * negative squared distances of radial basis functions; a wrong class whose distance exceeds about j gets no further gradient.
   */
  public static Value rbfCrossEntropy(GraphBuilder g, Value logits, Value labels, double j) {
    // ones of the labels' shape with a class axis, for any batch size
    Value ones = g.op(new Op.OneHot(1), g.mul(labels, g.number(0)));
    Value rejection = g.mul(ones, g.number(-j));
    return crossEntropy(g, g.op(new Op.Concat(), logits, rejection), labels, 0, -1);
  }

  private static Value oneHot(GraphBuilder g, Value logits, Value labels) {
    return g.op(new Op.OneHot(g.shape(logits).dim(1)), labels);
  }

  /** The element at the class: {@code [N, 1, ...]}. */
  private static Value atClass(GraphBuilder g, Value x, Value labelled) {
    return g.op(new Op.Sum(1), g.mul(x, labelled));
  }

  /** The mean over the positions that have a class; 0 if none has. */
  private static Value mean(GraphBuilder g, Value x, Value labelled) {
    Value known = known(g, labelled);
    Value share = g.op(new Op.Clip(Float.MIN_NORMAL, 1), g.op(new Op.Mean(), known));
    return g.mul(g.op(new Op.Mean(), g.mul(x, known)), g.op(new Op.Pow(-1), share));
  }

  /** 1 at the positions that have a class, else 0: {@code [N, 1, ...]}. */
  private static Value known(GraphBuilder g, Value labelled) {
    return g.op(new Op.Sum(1), labelled);
  }

  private static Value sumOverPositions(GraphBuilder g, Value x) {
    Value sum = g.op(new Op.Sum(0), x);
    for (int axis = 2; axis < g.shape(x).rank(); axis++) {
      sum = g.op(new Op.Sum(axis), sum);
    }
    return sum;
  }

  private static Value negative(GraphBuilder g, Value x) {
    return g.mul(x, g.number(-1));
  }
}
