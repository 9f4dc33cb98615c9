package dev.fovea.augment;

import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;

/**
 * A rectangle of each image is replaced by its partner's: Yun et al. 2019 (CutMix, arXiv 1905.04899, section 3.1). A number of
 * Beta(alpha, alpha) is the part that is not replaced, if the rectangle does not reach over the border; the weight of the image's
 * own label is the part that is not replaced. The rectangle is the same for the whole batch.
 *
 * @param alpha from 0.01 to 100; 1 by default
 */
public record CutMix(double alpha) implements Mixing {
  private static final String NAME = "cutmix";

  public CutMix {
    Steps.require(NAME, "alpha", alpha, 0.01, 100);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Mixed mix(float[] images, int offset, Shape batch, Rng random) {
    int height = batch.dim(2);
    int width = batch.dim(3);
    double side = Math.sqrt(1 - Partners.beta(alpha, random.at("weight")));
    int left = start(width, side, random.at("x"));
    int right = end(width, side, random.at("x"));
    int top = start(height, side, random.at("y"));
    int bottom = end(height, side, random.at("y"));
    int[] partners = Partners.mix(images, offset, batch, random.at("partner"), (at, partner, from) -> {
      for (int plane = 0; plane < batch.dim(1); plane++) {
        for (int y = top; y < bottom; y++) {
          int row = (plane * height + y) * width + left;
          System.arraycopy(partner, from + row, images, at + row, right - left);
        }
      }
    });
    return new Mixed(partners, 1 - (double) (right - left) * (bottom - top) / ((double) width * height));
  }

  /** Where a part of a side begins, whose middle is a random pixel. */
  private static int start(int size, double part, Rng random) {
    return Math.max(0, random.below(0, size) - (int) (size * part) / 2);
  }

  private static int end(int size, double part, Rng random) {
    return Math.min(size, random.below(0, size) + (int) (size * part) / 2);
  }

  @Override
  public String toString() {
    return Steps.text(this, Range.of(alpha));
  }
}
