package dev.fovea.augment;

import dev.fovea.augment.pixels.Projection;
import dev.fovea.data.Sample;
import dev.fovea.image.Image;
import dev.fovea.tensor.Rng;

/**
 * Seen from another side: each corner moves inwards by a random distance; as PyTorch's RandomPerspective.
 *
 * @param distortion the largest distance, as a fraction of half the side, from 0 to 0.6: further, three corners could lie on a line;
 *     0.5 by default
 * @param probability from 0 to 1, 1/2 by default
 */
public record Perspective(double distortion, double probability) implements Transform {
  private static final String NAME = "perspective";

  public Perspective {
    Steps.require(NAME, "distortion", distortion, 0, 0.6);
    Steps.require(NAME, "probability", probability, 0, 1);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Sample apply(Sample sample, Canvas canvas, Rng random) {
    if (random.at("chance").uniform(0) >= probability) {
      return sample;
    }
    Image image = sample.image();
    double[] corners = {0, 0, image.width(), 0, image.width(), image.height(), 0, image.height()};
    double[] moved = corners.clone();
    for (int i = 0; i < moved.length; i++) {
      double half = (i % 2 == 0 ? image.width() : image.height()) / 2.0;
      double distance = distortion * half * random.at("corner").uniform(i);
      moved[i] += corners[i] == 0 ? distance : -distance;
    }
    return canvas.warped(sample, Projection.perspective(corners, moved));
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(distortion), Range.of(probability));
  }
}
