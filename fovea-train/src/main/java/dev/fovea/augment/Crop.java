package dev.fovea.augment;

import dev.fovea.augment.pixels.Projection;
import dev.fovea.data.Sample;
import dev.fovea.tensor.Rng;

/**
 * Padded on each side, then cropped to its size at a random position, as for CIFAR-10 by He et al. 2016 (Deep residual learning,
 * section 4.2), who pad 32 x 32 pixels by 4.
 *
 * @param padding as a fraction of the image's side, from 0 to 1; rounded down to whole pixels; 1/8 by default
 */
public record Crop(double padding) implements Transform {
  static final String NAME = "crop";

  public Crop {
    Steps.require(NAME, "padding", padding, 0, 1);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    int right = shift(random.at("right"), sample.image().width());
    int down = shift(random.at("down"), sample.image().height());
    return right == 0 && down == 0 ? sample : canvas.moved(sample, Projection.affine(1, 0, right, 0, 1, down));
  }

  /** Uniform from minus to plus the padding's width. */
  private int shift(Rng random, int side) {
    int width = (int) (side * padding);
    return random.below(0, 2 * width + 1) - width;
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(padding));
  }
}
