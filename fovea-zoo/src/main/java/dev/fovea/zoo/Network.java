package dev.fovea.zoo;

import dev.fovea.layer.Activation;
import dev.fovea.layer.Layer;
import dev.fovea.tensor.Shape;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * An entry of the zoo: a network under a name, with what a good run of it needs.
 *
 * @param name as the command line spells it, {@code lenet5}
 * @param about one line for people
 * @param input the image it reads, C x H x W
 * @param classes how many the paper's has; it takes any number
 * @param mean per channel, of pixels from 0 to 1, taken off before the network sees them
 * @param std per channel, divided by after that
 * @param settings which of {@link Settings} it understands beside the classes: {@code hidden}, {@code pool}, {@code activation}
 * @param recipe the training settings that work for it
 */
public record Network(
    String name,
    String about,
    Shape input,
    int classes,
    List<Float> mean,
    List<Float> std,
    Set<String> settings,
    Recipe recipe,
    Function<Settings, Layer> builder) {

  /** What ImageNet's pixels measure, red, green, blue. */
  static final List<Float> COLOUR_MEAN = List.of(0.485f, 0.456f, 0.406f);

  static final List<Float> COLOUR_DEVIATION = List.of(0.229f, 0.224f, 0.225f);
  private static final float GREY_MEAN = 0.449f;
  private static final float GREY_DEVIATION = 0.226f;

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
    return new Network(name, about, input, classes, mean, std, settings, recipe, builder);
  }

  /** As many means as channels: where it reads another number of them, what images of that kind usually measure. */
  public List<Float> mean(int channels) {
    return mean.size() == channels ? mean : usual(channels, COLOUR_MEAN, GREY_MEAN);
  }

  /** As many stds as channels, likewise. */
  public List<Float> std(int channels) {
    return std.size() == channels ? std : usual(channels, COLOUR_DEVIATION, GREY_DEVIATION);
  }

  private static List<Float> usual(int channels, List<Float> colour, float grey) {
    return channels == colour.size() ? colour : Collections.nCopies(channels, grey);
  }

  public Layer layer(Settings settings) {
    return builder.apply(settings);
  }
}
