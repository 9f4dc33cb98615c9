package dev.fovea.data.digits;

import dev.fovea.tensor.Rng;

/** The random numbers of one image, drawn in order from a counter-based stream. */
final class DigitRandom {
  private final Rng rng;
  private long next;

  DigitRandom(Rng rng) {
    this.rng = rng;
  }

  /** Uniform in [low, high). */
  float uniform(float low, float high) {
    return rng.uniform(next++, low, high);
  }

  /** An integer from 0 to {@code bound - 1}. */
  int below(int bound) {
    return rng.below(next++, bound);
  }

  boolean chance(float probability) {
    return rng.uniform(next++) < probability;
  }

  /** Approximately normal with mean 0 and std 1: the sum of four 16-bit uniforms, which is cheap and bounded by 3.5. */
  float normal() {
    long bits = rng.bits(next++);
    long sum = (bits & 0xffff) + ((bits >>> 16) & 0xffff) + ((bits >>> 32) & 0xffff) + (bits >>> 48);
    return (sum * 0x1p-16f - 2f) * 1.7320508f;
  }
}
