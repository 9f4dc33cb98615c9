package dev.fovea.train;

import java.util.Arrays;

/** The results of the parts of a batch, as if it had been computed at once; running statistics are those of each part in turn. */
final class GradientSum {
  private final float[] gradients;
  private double loss;
  private long correct;
  private long labels;
  private int images;

  GradientSum(int size) {
    gradients = new float[size];
  }

  long bytes() {
    return (long) Float.BYTES * gradients.length;
  }

  /** Begins another batch. */
  void clear() {
    Arrays.fill(gradients, 0);
    loss = 0;
    correct = 0;
    labels = 0;
    images = 0;
  }

  /** Adds the mean gradients of a part of {@code count} images. */
  void add(TrainingBatches.StepResult part, int count) {
    float[] mean = part.gradients();
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] += count * mean[i];
    }
    loss += part.loss() * part.labels();
    correct += part.correct();
    labels += part.labels();
    images += count;
  }

  TrainingBatches.StepResult mean() {
    float share = 1f / images;
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] *= share;
    }
    return new TrainingBatches.StepResult(loss / Math.max(1, labels), correct, labels, gradients);
  }
}
