package dev.fovea.train;

import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * The results of the parts of a batch as those of the whole batch. What is computed of several images at once is that of each part:
 * a batch normalisation's statistics, mixing, and a loss that is no mean over labels, such as dice.
 */
final class GradientSum {
  private final float[] gradients;

  GradientSum(int size) {
    gradients = new float[size];
  }

  long bytes() {
    return (long) Float.BYTES * gradients.length;
  }

  /**
   * Computes the parts one after the other; the result is valid until the next.
   *
   * @param part the mean gradients of a part, from 0, which count by the weight of its labels
   */
  TrainingBatches.StepResult of(int parts, IntFunction<TrainingBatches.StepResult> part) {
    Arrays.fill(gradients, 0);
    double loss = 0;
    long correct = 0;
    long labels = 0;
    double weight = 0;
    for (int p = 0; p < parts; p++) {
      TrainingBatches.StepResult mean = part.apply(p);
      for (int i = 0; i < gradients.length; i++) {
        gradients[i] += (float) mean.weight() * mean.gradients()[i];
      }
      loss += mean.weight() * mean.loss();
      correct += mean.correct();
      labels += mean.labels();
      weight += mean.weight();
    }
    double share = weight == 0 ? 0 : 1 / weight; // a batch may have no labelled pixel
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] *= (float) share;
    }
    return new TrainingBatches.StepResult(loss * share, correct, labels, weight, gradients);
  }
}
