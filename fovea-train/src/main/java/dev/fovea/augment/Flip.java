package dev.fovea.augment;

import dev.fovea.augment.pixels.Projection;
import dev.fovea.data.Sample;
import dev.fovea.tensor.Rng;

/**
 * Mirrored left to right.
 *
 * @param probability from 0 to 1, 1/2 by default
 */
public record Flip(double probability) implements Transform {
  static final String NAME = "flip";

  public Flip {
    Steps.require(NAME, "probability", probability, 0, 1);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    return random.uniform(0) >= 1 - probability ? mirrored(sample, canvas) : sample;
  }

  private static Sample mirrored(Sample sample, Canvas canvas) {
    return canvas.moved(sample, Projection.affine(-1, 0, sample.image().width(), 0, 1, 0));
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(probability));
  }
}
