package dev.fovea.augment;

import dev.fovea.augment.pixels.Colors;
import dev.fovea.data.Sample;
import dev.fovea.image.Image;
import dev.fovea.tensor.Rng;

/**
 * Brightness, contrast, saturation and hue changed, in a random order: PyTorch's ColorJitter. The factors are uniform from
 * {@code max(0, 1 - value)} to {@code 1 + value}.
 *
 * @param brightness from 0 to 4
 * @param contrast from 0 to 4
 * @param saturation from 0 to 4
 * @param hue the largest turn to either side, as a fraction of the circle, from 0 to 0.5
 */
public record ColorJitter(double brightness, double contrast, double saturation, double hue) implements Transform {
  private static final String NAME = "color-jitter";
  private static final int CHANGES = 4;
  private static final double MAX = 4;

  public ColorJitter {
    Steps.require(NAME, "brightness", brightness, 0, MAX);
    Steps.require(NAME, "contrast", contrast, 0, MAX);
    Steps.require(NAME, "saturation", saturation, 0, MAX);
    Steps.require(NAME, "hue", hue, 0, 0.5);
    Steps.requireChange(NAME, brightness != 0 || contrast != 0 || saturation != 0 || hue != 0);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    return Canvas.coloured(sample, image -> {
      Image changed = image;
      for (int change : random.at("order").permutation(CHANGES)) {
        changed = changed(changed, change, random);
      }
      return changed;
    });
  }

  private Image changed(Image image, int change, Rng random) {
    return switch (change) {
      case 0 -> brightness == 0 ? image : Colors.brightness(image, factor(brightness, random.at("brightness")));
      case 1 -> contrast == 0 ? image : Colors.contrast(image, factor(contrast, random.at("contrast")));
      case 2 -> saturation == 0 ? image : Colors.saturation(image, factor(saturation, random.at("saturation")));
      default -> hue == 0 ? image : Colors.hue(image, Range.around(hue).draw(random.at("hue")));
    };
  }

  private static double factor(double value, Rng random) {
    return new Range(Math.max(0, 1 - value), 1 + value).draw(random);
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(brightness), Range.of(contrast), Range.of(saturation), Range.of(hue));
  }
}
