package dev.fovea.explain.survey;

import dev.fovea.tensor.Tensor;
import java.util.function.IntUnaryOperator;

/** The derivative of each image's cross-entropy by its scores: the probabilities minus the true class. */
public final class LossGradient {
  private LossGradient() {}

  /**
   * For a batch.
   *
   * @param scores logits, {@code N x classes}
   * @param labels the true class of each row
   */
  public static Tensor of(Tensor scores, IntUnaryOperator labels) {
    int classes = scores.shape().sizeFrom(1);
    float[] gradient = scores.values().clone();
    for (int n = 0; n < scores.shape().dim(0); n++) {
      int from = n * classes;
      float largest = Float.NEGATIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        largest = Math.max(largest, gradient[from + c]);
      }
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        sum += StrictMath.exp(gradient[from + c] - largest);
      }
      int label = labels.applyAsInt(n);
      for (int c = 0; c < classes; c++) {
        gradient[from + c] = (float) (StrictMath.exp(gradient[from + c] - largest) / sum - (c == label ? 1 : 0));
      }
    }
    return new Tensor(scores.shape(), gradient);
  }
}
