package dev.fovea.augment;

import dev.fovea.augment.pixels.Projection;
import dev.fovea.data.Sample;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.tensor.Rng;
import java.util.Optional;

/**
 * A random part of the image, resized to the network's input with antialiasing: Szegedy et al. 2014 (Going deeper with
 * convolutions, section 6), PyTorch's RandomResizedCrop.
 *
 * @param area of the part, as a fraction of the image's; above 0, at most 1; 0.08 to 1 by default
 * @param ratio width to height of the part, the logarithm uniform; 3/4 to 4/3 by default
 */
public record ResizedCrop(Range area, Range ratio) implements Transform {
  /** As in the paper. */
  public static final ResizedCrop STANDARD = new ResizedCrop(new Range(0.08, 1), new Range(3 / 4.0, 4 / 3.0));

  private static final String NAME = "resized-crop";
  private static final int TRIES = 10;

  public ResizedCrop {
    Steps.require(NAME, "area", area, 1e-4, 1);
    Steps.require(NAME, "ratio", ratio, 1e-2, 100);
  }

  /** A rectangle inside an image, in pixels. */
  private record Part(int x, int y, int width, int height) {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean resizes() {
    return true;
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    Image image = sample.image();
    Part part = part(image, random);
    Image resized = image.crop(part.x, part.y, part.width, part.height).resize(canvas.width(), canvas.height());
    Optional<LabelMap> labels = sample.labels().map(map -> resized(map, part, canvas));
    return new Sample(resized, labels);
  }

  private static LabelMap resized(LabelMap map, Part part, Canvas canvas) {
    Projection into = Projection.affine((double) part.width / canvas.width(), 0, part.x, 0,
        (double) part.height / canvas.height(), part.y);
    Image classes = into.nearest(
        new Image(map.width(), map.height(), 1, map.classes()), canvas.width(), canvas.height(),
        new byte[] {(byte) LabelMap.VOID});
    return new LabelMap(canvas.width(), canvas.height(), classes.pixels());
  }

  /** The first of ten random parts that fits into the image; if none does, the largest one in its middle. */
  private Part part(Image image, Rng random) {
    double pixels = (double) image.width() * image.height();
    for (int i = 0; i < TRIES; i++) {
      double size = pixels * area.draw(random.at("area").at(i));
      double shape = ratio.drawRatio(random.at("ratio").at(i));
      int width = (int) Math.rint(Math.sqrt(size * shape));
      int height = (int) Math.rint(Math.sqrt(size / shape));
      if (width > 0 && width <= image.width() && height > 0 && height <= image.height()) {
        return new Part(random.at("x").below(0, image.width() - width + 1), random.at("y").below(0, image.height() - height + 1),
            width, height);
      }
    }
    double shape = Math.clamp((double) image.width() / image.height(), ratio.low(), ratio.high());
    int width = (int) Math.clamp(Math.rint(image.height() * shape), 1, image.width());
    int height = (int) Math.clamp(Math.rint(image.width() / shape), 1, image.height());
    return new Part((image.width() - width) / 2, (image.height() - height) / 2, width, height);
  }

  @Override
  public String toString() {
    return Steps.text(this, area, ratio);
  }
}
