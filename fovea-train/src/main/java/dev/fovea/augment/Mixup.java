package dev.fovea.augment;

import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;

/**
 * Each image becomes {@code weight * image + (1 - weight) * partner}: Zhang et al. 2017 (mixup, arXiv 1710.09412). The weight is
 * one of Beta(alpha, alpha) for the whole batch.
 *
 * @param alpha from 0.01 to 100; 0.2 by default
 */
public record Mixup(double alpha) implements Mixing {
  private static final String NAME = "mixup";

  public Mixup {
    Steps.require(NAME, "alpha", alpha, 0.01, 100);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Mixed mix(float[] images, int offset, Shape batch, Rng random) {
    float weight = (float) Partners.beta(alpha, random.at("weight"));
    int size = batch.sizeFrom(1);
    return new Mixed(Partners.mix(images, offset, batch, random.at("partner"), (at, partner, from) -> {
      for (int i = 0; i < size; i++) {
        images[at + i] = weight * images[at + i] + (1 - weight) * partner[from + i];
      }
    }), weight);
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(alpha));
  }
}
