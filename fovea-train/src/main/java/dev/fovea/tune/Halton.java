package dev.fovea.tune;

import dev.fovea.tensor.Rng;
import java.util.function.IntFunction;

/**
 * The sequence of Halton 1960 (On the efficiency of certain quasi-random sequences of points): in dimension d the radical inverse of
 * the index in base p, the d-th prime. Any p^k points in a row fall one into each p^k-th of the dimension. In high dimensions the first
 * points lie on lines, so digits are scrambled by a random permutation for each dimension and position of a digit: Owen 2017 (A
 * randomized Halton algorithm in R, arXiv 1706.02808).
 */
final class Halton {
  /** Digits beyond this place change a coordinate less than the rounding of values does. */
  private static final double PRECISION = 0x1p-48;

  private Halton() {}

  /** A coordinate of the scrambled sequence; dimensions count from 0. */
  static double scrambled(Rng random, long index, int dimension) {
    int prime = prime(dimension);
    Rng digits = random.at(dimension);
    return radicalInverse(prime, index, position -> digits.at(position).permutation(prime));
  }

  /**
   * The digits of the index in a base, mirrored at the point: 6 is 110 in base 2, and its radical inverse 0.011, 3/8.
   *
   * @param permutations of the digits at each position, from 0, the last digit
   */
  static double radicalInverse(int base, long index, IntFunction<int[]> permutations) {
    double sum = 0;
    long rest = index;
    double place = 1.0 / base;
    // leading zeros are permuted too
    for (int position = 0; place > PRECISION; position++) {
      sum += permutations.apply(position)[(int) (rest % base)] * place;
      rest /= base;
      place /= base;
    }
    return Math.min(sum, Math.nextDown(1.0));
  }

  /** The n-th prime, from 0. */
  static int prime(int n) {
    int found = 0;
    for (int candidate = 2;; candidate++) {
      boolean prime = true;
      for (int divisor = 2; prime && divisor * divisor <= candidate; divisor++) {
        prime = candidate % divisor != 0;
      }
      if (prime && found++ == n) {
        return candidate;
      }
    }
  }
}
