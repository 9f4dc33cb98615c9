package dev.fovea.explain;

import dev.fovea.model.Prediction;
import dev.fovea.tensor.Tensor;

/** The scores of many variants of an input, computed in batches. */
public final class MaskedScores {
  private MaskedScores() {}

  /** Writes the variant of that index; called on several threads. */
  @FunctionalInterface
  public interface Variants {
    void write(int index, float[] to, int offset);
  }

  /** In their order. */
  public static double[] of(Explainer network, Tensor input, Answer answer, int count, Variants variants) {
    return of(network, input, count, variants, answer::scoreOf);
  }

  /** The probabilities of the answer's class, instead of its scores. */
  public static double[] probabilities(Explainer network, Tensor input, Answer answer, int count, Variants variants) {
    int classes = answer.weights().values().length;
    return of(network, input, count, variants,
        (outputs, row) -> Prediction.probabilities(outputs.values(), row * classes, classes,
            network.model().card().temperature())[answer.index()]);
  }

  /** Reads a number off the outputs for an image of a batch. */
  @FunctionalInterface
  private interface Reader {
    double read(Tensor outputs, int row);
  }

  private static double[] of(Explainer network, Tensor input, int count, Variants variants, Reader reader) {
    double[] read = new double[count];
    int size = input.values().length;
    int batch = network.batch(count);
    float[] values = new float[batch * size];
    Tensor inputs = new Tensor(input.shape().with(0, batch), values);
    for (int from = 0; from < count; from += batch) {
      int first = from;
      int rows = Math.min(batch, count - from); // the rows after them keep what they held, and are not used
      network.loop(rows, row -> variants.write(first + row, values, row * size));
      Tensor outputs = network.outputs(inputs);
      for (int row = 0; row < rows; row++) {
        read[from + row] = reader.read(outputs, row);
      }
    }
    return read;
  }
}
