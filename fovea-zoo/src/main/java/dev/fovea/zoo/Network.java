package dev.fovea.zoo;

import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Layer;
import dev.fovea.tensor.Shape;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * An entry of the zoo: a network with a name, its input and its training settings.
 *
 * @param name on the command line, {@code lenet5}
 * @param about a description in one line
 * @param input the shape of the input image, C x H x W
 * @param classes the number of classes in the paper; any number is possible
 * @param mean per channel, for pixels from 0 to 1, subtracted by the preprocessing
 * @param std per channel, by which the preprocessing divides after that
 * @param settings the {@link Settings} it supports besides the classes: {@code hidden}, {@code pool}, {@code activation}
 * @param recipe recommended training settings
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

  private static final float GREY_MEAN = 0.449f;
  private static final float GREY_STD = 0.226f;

  /** The options of a network's architecture. */
  public record Settings(int classes, List<Integer> hidden, Pooling pool, Activation activation) {}

  /**
   * Training settings.
   *
   * @param epochs passes over the training set
   * @param schedule a name that {@code --schedule} takes, such as {@code cosine}
   */
  public record Recipe(
      int epochs, int batchSize, String optimizer, double learningRate, double momentum, double weightDecay, String schedule) {}

  Network input(Shape input) {
    return new Network(name, about, input, classes, mean, std, settings, recipe, builder);
  }

  /** The mean per channel; ImageNet's for another number of channels than {@link #input} has. */
  public List<Float> mean(int channels) {
    return mean.size() == channels ? mean : imageNet(channels, Preprocessing.IMAGENET_MEAN, GREY_MEAN);
  }

  /** The std per channel; ImageNet's for another number of channels than {@link #input} has. */
  public List<Float> std(int channels) {
    return std.size() == channels ? std : imageNet(channels, Preprocessing.IMAGENET_STD, GREY_STD);
  }

  private static List<Float> imageNet(int channels, List<Float> colour, float grey) {
    return channels == colour.size() ? colour : Collections.nCopies(channels, grey);
  }

  public Layer layer(Settings settings) {
    return builder.apply(settings);
  }
}
