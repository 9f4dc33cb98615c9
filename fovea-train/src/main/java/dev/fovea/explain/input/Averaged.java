package dev.fovea.explain.input;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Explainer;
import dev.fovea.tensor.Tensor;

/** The mean gradient over varied inputs, computed in batches. */
final class Averaged {
  private static final Saliency GRADIENT = new Saliency();

  private Averaged() {}

  /** Writes the variant of that index. */
  interface Variants {
    void write(int index, float[] to, int offset);
  }

  /** The sum is in double and in the variants' order. */
  static float[] gradients(Explainer network, Tensor input, Answer answer, int count, Variants variants) {
    int size = input.values().length;
    double[] sum = new double[size];
    int batch = network.batch(count);
    for (int from = 0; from < count; from += batch) {
      int rows = Math.min(batch, count - from);
      float[] values = new float[batch * size];
      for (int r = 0; r < batch; r++) {
        variants.write(Math.min(from + r, count - 1), values, r * size); // what the last batch has too many is not used
      }
      float[] gradients = GRADIENT.map(network, new Tensor(input.shape().with(0, batch), values), answer).values();
      for (int r = 0; r < rows; r++) {
        for (int i = 0; i < size; i++) {
          sum[i] += gradients[r * size + i];
        }
      }
    }
    float[] mean = new float[size];
    for (int i = 0; i < size; i++) {
      mean[i] = (float) (sum[i] / count);
    }
    return mean;
  }
}
