package dev.fovea.augment;

import dev.fovea.augment.pixels.Projection;
import dev.fovea.data.Sample;
import dev.fovea.tensor.Rng;

/**
 * Turned upside down, for images without an upper side, such as those of a microscope.
 *
 * @param probability from 0 to 1, 1/2 by default
 */
public record VerticalFlip(double probability) implements Transform {
  private static final String NAME = "vertical-flip";

  public VerticalFlip {
    Steps.require(NAME, "probability", probability, 0, 1);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    return random.uniform(0) >= 1 - probability
        ? canvas.moved(sample, Projection.affine(1, 0, 0, 0, -1, sample.image().height()))
        : sample;
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(probability));
  }
}
