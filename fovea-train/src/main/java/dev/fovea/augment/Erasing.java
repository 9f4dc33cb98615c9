package dev.fovea.augment;

import dev.fovea.data.Sample;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.tensor.Rng;
import java.util.Arrays;
import java.util.Optional;

/**
 * A rectangle replaced by random samples: Zhong et al. 2017 (Random erasing, arXiv 1708.04896, algorithm 1). Its pixels have no
 * class afterwards.
 *
 * @param probability from 0 to 1, 1/2 by default
 * @param area of the rectangle, as a fraction of the image's; 0.02 to 0.4 by default
 * @param ratio width to height of the rectangle, the logarithm uniform; 0.3 to 1/0.3 by default
 */
public record Erasing(double probability, Range area, Range ratio) implements Transform {
  /** As in the paper. */
  public static final Erasing STANDARD = new Erasing(0.5, new Range(0.02, 0.4), new Range(0.3, 1 / 0.3));

  private static final String NAME = "erasing";
  private static final int TRIES = 10;

  public Erasing {
    Steps.require(NAME, "probability", probability, 0, 1);
    Steps.require(NAME, "area", area, 1e-4, 1);
    Steps.require(NAME, "ratio", ratio, 1e-2, 100);
  }

  @Override
  public String name() {
    return NAME;
  }

  /** The first of ten random rectangles that is smaller than the image; if none is, nothing is erased. */
  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    if (random.at("chance").uniform(0) >= probability) {
      return sample;
    }
    Image image = sample.image();
    double pixels = (double) image.width() * image.height();
    for (int i = 0; i < TRIES; i++) {
      double size = pixels * area.draw(random.at("area").at(i));
      double shape = ratio.drawRatio(random.at("ratio").at(i));
      int width = (int) Math.rint(Math.sqrt(size * shape));
      int height = (int) Math.rint(Math.sqrt(size / shape));
      if (width > 0 && width < image.width() && height > 0 && height < image.height()) {
        int x = random.at("x").below(0, image.width() - width + 1);
        int y = random.at("y").below(0, image.height() - height + 1);
        return erased(sample, new Rectangle(x, y, width, height), random.at("noise"));
      }
    }
    return sample;
  }

  private record Rectangle(int x, int y, int width, int height) {}

  private static Sample erased(Sample sample, Rectangle at, Rng noise) {
    Image image = sample.image();
    byte[] pixels = image.pixels().clone();
    Optional<byte[]> classes = sample.labels().map(map -> map.classes().clone());
    int samples = at.width * image.channels();
    for (int row = 0; row < at.height; row++) {
      int start = (at.y + row) * image.width() + at.x;
      for (int i = 0; i < samples; i++) {
        pixels[start * image.channels() + i] = (byte) noise.bits((long) row * samples + i);
      }
      classes.ifPresent(map -> Arrays.fill(map, start, start + at.width, (byte) LabelMap.VOID));
    }
    return new Sample(new Image(image.width(), image.height(), image.channels(), pixels),
        classes.map(map -> new LabelMap(image.width(), image.height(), map)));
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(probability), area, ratio);
  }
}
