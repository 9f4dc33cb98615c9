package dev.fovea.explain.attack;

import dev.fovea.data.Dataset;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.survey.ImageBatches;
import dev.fovea.tensor.Tensor;
import java.util.function.IntConsumer;

/**
 * How a classifier stands an attack.
 *
 * @param before the predicted class of each image
 * @param after the same of the attacked image
 * @param accuracy before
 * @param underAttack the accuracy on attacked images
 */
@SuppressWarnings("ArrayRecordComponent") // only read
public record AttackResult(int[] before, int[] after, double accuracy, double underAttack) {
  /** Receives attacked inputs, from that image on, with what they were before. */
  public interface Reader {
    void read(int first, Tensor inputs, Tensor attacked);
  }

  /** Attacks all images of a data set, each once, in order. */
  public static AttackResult of(Explainer network, Attack attack, Dataset data, Reader reader, IntConsumer progress) {
    int[] before = new int[data.size()];
    int[] after = new int[data.size()];
    new ImageBatches(network, data).forEach((first, inputs) -> {
      Tensor attacked = attack.of(network, inputs, n -> data.label(first + n), first);
      int count = inputs.shape().dim(0);
      System.arraycopy(Explainer.classes(network.outputs(inputs)), 0, before, first, count);
      System.arraycopy(Explainer.classes(network.outputs(attacked)), 0, after, first, count);
      reader.read(first, inputs, attacked);
    }, progress);
    return new AttackResult(before, after, accuracy(before, data), accuracy(after, data));
  }

  private static double accuracy(int[] predicted, Dataset data) {
    int correct = 0;
    for (int i = 0; i < predicted.length; i++) {
      correct += predicted[i] == data.label(i) ? 1 : 0;
    }
    return (double) correct / predicted.length;
  }
}
