package dev.fovea.explain;

import dev.fovea.data.Dataset;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.stream.IntStream;

/** What the scores of a classifier say of each image of a batch. Of two classes there may be one score: that of the second. */
public final class ClassScores {
  private ClassScores() {}

  /**
   * The predicted classes.
   *
   * @param scores {@code N x classes}, or {@code N x 1} for two classes
   */
  public static int[] classes(Tensor scores) {
    return IntStream.range(0, scores.shape().dim(0)).map(n -> highest(Explainer.row(scores, n), 0, true)).toArray();
  }

  /** The number of images, from index {@code first} on, whose true class was predicted. */
  public static int correct(int[] predicted, Dataset data, int first) {
    return (int) IntStream.range(0, predicted.length).filter(n -> predicted[n] == data.label(first + n)).count();
  }

  /**
   * The class with the highest score of one image at a position, the first of equals.
   *
   * @param scores {@code classes x positions}
   * @param classify whether one score is that of two classes
   */
  static int highest(Tensor scores, int position, boolean classify) {
    int classes = scores.shape().dim(0);
    int positions = scores.shape().sizeFrom(1);
    float[] values = scores.values();
    if (classes == 1) {
      return classify && values[position] > 0 ? 1 : 0;
    }
    int best = 0;
    for (int c = 1; c < classes; c++) {
      best = values[c * positions + position] > values[best * positions + position] ? c : best;
    }
    return best;
  }

  // ---- The derivative of the loss

  /**
   * True classes as a pass's weights, for {@link #lossGradient}: 1 at the class of each image, else 0.
   *
   * @param scores their number for an image; 1 for two classes
   */
  public static Tensor oneHot(int[] labels, int scores) {
    float[] values = new float[labels.length * scores];
    for (int n = 0; n < labels.length; n++) {
      values[n * scores + (scores == 1 ? 0 : labels[n])] = scores == 1 ? labels[n] : 1;
    }
    return new Tensor(Shape.of(labels.length, scores), values);
  }

  /**
   * Appends the derivative of each image's cross-entropy by its scores: the probabilities minus {@link #oneHot}, which are the pass's
   * weights; of images whose class is nearly certain, too.
   */
  public static Value lossGradient(Pass pass) {
    GraphBuilder g = pass.g();
    if (g.shape(pass.output()).dim(1) == 1) {
      Value sign = g.add(g.mul(pass.weights(), g.number(-2)), g.number(1)); // towards the other class
      return g.mul(sign, g.op(new Op.Sigmoid(), g.mul(sign, pass.output())));
    }
    // less 1 a probability of nearly 1 would be 0: what it lacks is what the others have
    Value others = g.add(g.number(1), g.mul(pass.weights(), g.number(-1)));
    Value wrong = g.mul(g.op(new Op.Softmax(), pass.output()), others);
    return g.add(wrong, g.mul(pass.weights(), g.mul(g.op(new Op.Sum(1), wrong), g.number(-1))));
  }
}
