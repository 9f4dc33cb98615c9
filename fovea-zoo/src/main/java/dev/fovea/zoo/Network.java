package dev.fovea.zoo;

import dev.fovea.layer.Activation;
import dev.fovea.layer.Layer;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * An entry of the zoo: a network under a name, with what a good run of it needs.
 *
 * @param name as the command line spells it, {@code lenet5}
 * @param about one line for people
 * @param input the picture it reads, C x H x W
 * @param mean per channel, of pixels from 0 to 1, taken off before the network sees them
 * @param deviation per channel, divided by after that
 * @param settings which of {@link Settings} it understands beside the classes: {@code hidden}, {@code pool}, {@code activation}
 * @param recipe the training settings that work for it
 */
public record Network(
    String name,
    String about,
    Shape input,
    List<Float> mean,
    List<Float> deviation,
    Set<String> settings,
    Recipe recipe,
    Function<Settings, Layer> builder) {

  /** What a user may choose of a network's form. */
  public record Settings(int classes, List<Integer> hidden, Pooling pool, Activation activation) {}

  /**
   * How to train it.
   *
   * @param epochs passes over the training set
   * @param schedule {@code constant}, {@code step} or {@code cosine}
   */
  public record Recipe(
      int epochs, int batchSize, String optimizer, double learningRate, double momentum, double weightDecay, String schedule) {}

  Network input(Shape input) {
    return new Network(name, about, input, mean, deviation, settings, recipe, builder);
  }

  public Layer layer(Settings settings) {
    return builder.apply(settings);
  }
}
