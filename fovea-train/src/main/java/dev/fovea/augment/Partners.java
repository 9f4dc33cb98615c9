package dev.fovea.augment;

import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;

/** What ways of mixing have in common. */
final class Partners {
  private Partners() {}

  /** Mixes the image whose first value is at {@code at} with its partner's, which it is given as it was. */
  interface Pair {
    void mix(int at, float[] partner, int partnerAt);
  }

  /**
   * Mixes all images with the partners of a random permutation, which it returns. A cycle is followed from partner to partner, so that
   * only its first image is copied.
   */
  static int[] mix(float[] images, int offset, Shape batch, Rng random, Pair pair) {
    int[] partners = random.permutation(batch.dim(0));
    int size = batch.sizeFrom(1);
    float[] first = new float[size];
    boolean[] done = new boolean[partners.length];
    for (int start = 0; start < partners.length; start++) {
      if (done[start] || partners[start] == start) {
        continue;
      }
      System.arraycopy(images, offset + start * size, first, 0, size);
      int image = start;
      for (int partner = partners[image]; partner != start; image = partner, partner = partners[image]) {
        pair.mix(offset + image * size, images, offset + partner * size);
        done[image] = true;
      }
      pair.mix(offset + image * size, first, 0);
      done[image] = true;
    }
    return partners;
  }

  /**
   * A number of the distribution Beta(alpha, alpha): the part of one of two numbers of Gamma(alpha) in their sum. Logarithms are used
   * since for a small alpha both may be tiny.
   */
  static double beta(double alpha, Rng random) {
    double difference = logGamma(alpha, random.at("b")) - logGamma(alpha, random.at("a"));
    return 1 / (1 + StrictMath.exp(difference));
  }

  /**
   * The logarithm of a number of Gamma(alpha): one of Gamma(alpha + 1) by the method of Marsaglia and Tsang 2000 (A simple method for
   * generating gamma variables), times a power of a uniform one (section 6).
   */
  private static double logGamma(double alpha, Rng random) {
    double d = alpha + 1 - 1 / 3.0;
    double c = 1 / Math.sqrt(9 * d);
    for (int i = 0;; i++) {
      double x = random.at("normal").gaussian(i);
      double cube = (1 + c * x) * (1 + c * x) * (1 + c * x);
      if (cube > 0 && StrictMath.log(open(random.at("accept"), i)) < 0.5 * x * x + d - d * cube + d * StrictMath.log(cube)) {
        return StrictMath.log(d * cube) + StrictMath.log(open(random.at("power"), 0)) / alpha;
      }
    }
  }

  /** Uniform in (0, 1]. */
  private static double open(Rng random, long index) {
    return ((random.bits(index) >>> 11) + 1) * 0x1p-53;
  }
}
