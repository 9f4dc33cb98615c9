package dev.fovea.cpu;

import java.util.Arrays;
import java.util.function.IntSupplier;

/**
 * The bandwidth of one thread by the size of its working set: of the caches, and of memory for sets larger than these.
 *
 * @param bytes the sizes of the working set, ascending
 * @param reads bytes a second for each size
 * @param writes bytes a second for each size
 */
@SuppressWarnings("ArrayRecordComponent") // written once, here and in tests
record MemoryBandwidth(double[] bytes, double[] reads, double[] writes) {
  private static final int MIN_FLOATS = 1 << 12;
  private static final int MAX_FLOATS = 1 << 25;

  MemoryBandwidth {
    reads = notIncreasing(reads);
    writes = notIncreasing(writes);
  }

  /** Measures this machine, which takes a few tenths of a second. */
  static MemoryBandwidth measured() {
    float[] one = new float[MAX_FLOATS];
    float[] other = new float[MAX_FLOATS];
    int[] counts = {
        MIN_FLOATS, MIN_FLOATS << 2, MIN_FLOATS << 4, MIN_FLOATS << 6, MIN_FLOATS << 8, MIN_FLOATS << 10, MAX_FLOATS
    };
    double[] reads = new double[counts.length];
    double[] writes = new double[counts.length];
    for (int i = 0; i < counts.length; i++) {
      int count = counts[i];
      int half = count / 2;
      reads[i] = bandwidth(count, () -> Arrays.mismatch(one, 0, half, other, 0, half));
      writes[i] = bandwidth(count, () -> {
        Arrays.fill(one, 0, count, 0);
        return 0;
      });
    }
    return new MemoryBandwidth(Arrays.stream(counts).mapToDouble(count -> (double) count * Float.BYTES).toArray(), reads, writes);
  }

  /** The best of several runs: other processes on the machine make runs longer, never shorter. */
  private static double bandwidth(int count, IntSupplier pass) {
    double best = Double.MAX_VALUE;
    long found = 0;
    int passes = Math.max(1, MAX_FLOATS / count / 8);
    for (int run = 0; run < 12; run++) {
      long start = System.nanoTime();
      for (int i = 0; i < passes; i++) {
        found += pass.getAsInt();
      }
      best = Math.min(best, (System.nanoTime() - start) / 1e9 / passes);
    }
    if (found > 0) {
      throw new AssertionError("zeros differ"); // uses the result, so that the compiler cannot eliminate the pass
    }
    return (double) count * Float.BYTES / best;
  }

  /** A smaller working set is never slower: replaces each value by the maximum of itself and all later ones. */
  private static double[] notIncreasing(double[] measured) {
    double[] bandwidths = measured.clone();
    for (int i = bandwidths.length - 2; i >= 0; i--) {
      bandwidths[i] = Math.max(bandwidths[i], bandwidths[i + 1]);
    }
    return bandwidths;
  }

  /**
   * A lower bound for the time of a step's memory traffic, if its threads share it equally and each reads while it writes.
   *
   * @param in bytes that are read
   * @param out bytes that are written
   */
  double seconds(double in, double out, int threads) {
    int at = 0;
    while (at + 1 < bytes.length && bytes[at + 1] <= (in + out) / threads) {
      at++;
    }
    return Math.max(in / reads[at], out / writes[at]) / threads;
  }

  /** Bytes a second that one thread reads from memory, not from a cache. */
  double memory() {
    return reads[reads.length - 1];
  }
}
