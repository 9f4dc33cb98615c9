package dev.fovea.augment;

import dev.fovea.augment.pixels.Convolution;
import dev.fovea.data.Sample;
import dev.fovea.tensor.Rng;

/**
 * Blurred by a Gaussian, as by Chen et al. 2020 (SimCLR, arXiv 2002.05709, appendix A).
 *
 * @param std in pixels, from 0.01 to 50; 0.1 to 2 by default
 * @param probability from 0 to 1, 1/2 by default
 */
public record GaussianBlur(Range std, double probability) implements Transform {
  private static final String NAME = "blur";

  public GaussianBlur {
    Steps.require(NAME, "std", std, 0.01, 50);
    Steps.require(NAME, "probability", probability, 0, 1);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    return random.at("chance").uniform(0) < probability
        ? Canvas.coloured(sample, image -> Convolution.gaussian(image, std.draw(random.at("std"))))
        : sample;
  }

  @Override
  public String toString() {
    return Steps.text(this, std, Range.of(probability));
  }
}
