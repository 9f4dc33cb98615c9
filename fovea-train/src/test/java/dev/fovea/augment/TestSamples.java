package dev.fovea.augment;

import dev.fovea.data.Sample;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.tensor.Rng;
import java.util.List;
import java.util.Optional;

/** Images for the tests of transforms. */
final class TestSamples {
  static final Canvas CANVAS = new Canvas(20, 16, List.of(124, 116, 104));

  private TestSamples() {}

  /** Colours that change smoothly, with noise. */
  static Image image(int width, int height, int channels) {
    byte[] pixels = new byte[width * height * channels];
    Rng noise = Rng.of(3).at("noise");
    for (int i = 0; i < pixels.length; i++) {
      int x = i / channels % width;
      int y = i / channels / width;
      pixels[i] = (byte) (20 + (150 * x / width + 60 * y / height + 40 * (i % channels)) % 200 + noise.below(i, 20));
    }
    return new Image(width, height, channels, pixels);
  }

  static Sample of(Image image) {
    return new Sample(image, Optional.empty());
  }

  /** Each pixel's class is half its red sample, so that an image and its map can be compared. */
  static Sample labelled(int width, int height) {
    Image image = image(width, height, 3);
    byte[] classes = new byte[width * height];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = (byte) ((image.pixels()[3 * i] & 0xff) / 2);
    }
    return new Sample(image, Optional.of(new LabelMap(width, height, classes)));
  }

  static Rng random(int index) {
    return Augmentation.random(1, 0, index);
  }
}
