package dev.fovea.explain;

import dev.fovea.tensor.Tensor;

/**
 * What a network says of an image, as far as it is explained: a score, which is a weighted sum of the network's outputs. For a
 * classifier it is the class's logit; for a model that labels pixels the sum of the class's logits where it is predicted.
 *
 * @param label of the class or number, or its index if it has no name
 * @param weights of the outputs, {@code 1 x outputs}
 */
public record Answer(int index, String label, double score, Tensor weights) {
  /** The score that other outputs have, those of that row of a batch. */
  double scoreOf(Tensor outputs, int row) {
    float[] of = weights.values();
    double score = 0;
    for (int i = 0; i < of.length; i++) {
      score += of[i] == 0 ? 0 : (double) of[i] * outputs.values()[row * of.length + i];
    }
    return score;
  }
}
