package dev.fovea.augment;

import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;

/**
 * Mixes each image of a batch with another one, its partner, after all transforms. The loss is {@code weight * loss(label) +
 * (1 - weight) * loss(partner's label)}.
 */
public sealed interface Mixing extends Step permits Mixup, CutMix {
  /** Mixes normalised images in place, with the random numbers of that key; the batch is N x C x H x W from {@code offset} on. */
  Mixed mix(float[] images, int offset, Shape batch, Rng random);

  /**
   * Who was mixed with whom.
   *
   * @param partners of each image
   * @param weight of each image's own label, from 0 to 1
   */
  @SuppressWarnings("ArrayRecordComponent") // only read
  record Mixed(int[] partners, double weight) {}
}
