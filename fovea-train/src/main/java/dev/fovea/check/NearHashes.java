package dev.fovea.check;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Finds hashes of 64 bits that differ in at most {@value #MAX_DISTANCE}. The bits are split into one band more than that, so that two
 * such hashes agree in at least one whole band: only hashes that agree in a band are compared. A band has every fourth bit, of all rows
 * of an image, since a row of the background alone is the same in many images.
 */
final class NearHashes {
  /** The maximum number of different bits. */
  static final int MAX_DISTANCE = 3;

  private static final int BANDS = MAX_DISTANCE + 1;
  private static final long BAND = 0x1111111111111111L;

  private NearHashes() {}

  /** Receives the indices of two hashes that are near. */
  @FunctionalInterface
  interface Pair {
    void accept(int a, int b);
  }

  /** Finds all pairs among different hashes; a pair may be found several times. */
  static void find(long[] hashes, Pair near) {
    for (int band = 0; band < BANDS; band++) {
      long mask = BAND << band;
      int[] order = IntStream.range(0, hashes.length).boxed()
          .sorted((a, b) -> Long.compareUnsigned(hashes[a] & mask, hashes[b] & mask)).mapToInt(Integer::intValue).toArray();
      long[] sorted = Arrays.stream(order).mapToLong(i -> hashes[i]).toArray();
      for (int i = 0; i < sorted.length; i++) {
        for (int j = i + 1; j < sorted.length && ((sorted[i] ^ sorted[j]) & mask) == 0; j++) {
          if (Long.bitCount(sorted[i] ^ sorted[j]) <= MAX_DISTANCE) {
            near.accept(order[i], order[j]);
          }
        }
      }
    }
  }
}
