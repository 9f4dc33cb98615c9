package dev.fovea.augment;

import dev.fovea.augment.pixels.Colors;
import dev.fovea.data.Sample;
import dev.fovea.tensor.Rng;

/**
 * All three channels the luma: PyTorch's RandomGrayscale.
 *
 * @param probability from 0 to 1, 0.1 by default
 */
public record Grayscale(double probability) implements Transform {
  private static final String NAME = "grayscale";

  public Grayscale {
    Steps.require(NAME, "probability", probability, 0, 1);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    return random.uniform(0) < probability ? Canvas.coloured(sample, Colors::grayscale) : sample;
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(probability));
  }
}
