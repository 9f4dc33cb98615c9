package dev.fovea.tensor;

import java.nio.charset.StandardCharsets;

/**
 * A counter-based, stateless random number generator: each number is a function of a key and an index, so numbers can be drawn in
 * any order, on any thread, and again after a restart. Keys form a tree: {@code Rng.of(seed).at("dropout").at(step)} is a separate
 * stream.
 *
 * <p>The function is SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014) at
 * {@code key + index * golden}; names are hashed by FNV-1a.
 */
public record Rng(long key) {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  public static Rng of(long seed) {
    return new Rng(mix(seed));
  }

  /** The stream of this key with that number. */
  public Rng at(long number) {
    return new Rng(mix(key ^ mix(number + GOLDEN)));
  }

  /** The stream of this key with that name. */
  public Rng at(String name) {
    long hash = 0xCBF29CE484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001B3L;
    }
    return at(hash);
  }

  public long bits(long index) {
    return mix(key + index * GOLDEN);
  }

  /** Uniform in [0, 1), a multiple of 2^-24, exact in float. */
  public float uniform(long index) {
    return (bits(index) >>> 40) * 0x1p-24f;
  }

  /** Uniform in [low, high). */
  public float uniform(long index, float low, float high) {
    // rounding may reach the upper bound
    return Math.min(low + (high - low) * uniform(index), Math.nextDown(high));
  }

  /** An integer from 0 to {@code bound - 1}; the bias of at most {@code bound / 2^32} is accepted. */
  public int below(long index, int bound) {
    return (int) (((bits(index) >>> 32) * bound) >>> 32);
  }

  /** Normal with mean 0 and std 1 (Box and Muller 1958); by StrictMath, for the same bits on every machine. */
  public float gaussian(long index) {
    double radius = Math.sqrt(-2 * StrictMath.log(((bits(2 * index) >>> 11) + 1) * 0x1p-53));
    double angle = 2 * Math.PI * ((bits(2 * index + 1) >>> 11) * 0x1p-53);
    return (float) (radius * StrictMath.cos(angle));
  }

  /** The numbers 0 to {@code n - 1} in random order (Fisher and Yates). */
  public int[] permutation(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = below(i, i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private static long mix(long x) {
    long z = x + GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
