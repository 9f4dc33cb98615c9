package dev.fovea.explain.attack;

import dev.fovea.data.Dataset;
import dev.fovea.explain.ClassScores;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.survey.ImageBatches;
import dev.fovea.tensor.Tensor;
import java.util.stream.IntStream;

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

  /** Attacks all images of a data set, each once, in order; {@link Explainer#listen} tells how far it is. */
  public static AttackResult of(Explainer network, Attack attack, Dataset data, Reader reader) {
    int[] before = new int[data.size()];
    int[] after = new int[data.size()];
    new ImageBatches(network, data).forEach((first, inputs) -> {
      int count = inputs.shape().dim(0);
      Tensor attacked = attack.of(network, inputs, IntStream.range(first, first + count).map(data::label).toArray(), first);
      System.arraycopy(ClassScores.classes(network.outputs(inputs)), 0, before, first, count);
      System.arraycopy(ClassScores.classes(network.outputs(attacked)), 0, after, first, count);
      reader.read(first, inputs, attacked);
    }, _ -> {});
    return new AttackResult(before, after, (double) ClassScores.correct(before, data, 0) / data.size(),
        (double) ClassScores.correct(after, data, 0) / data.size());
  }

  /** The number of times that the network is run on an image: for each step, and before and after the attack. */
  public static int passes(Attack attack) {
    return attack.steps() + 2;
  }
}
