package dev.fovea.cpu;

import java.util.Arrays;
import java.util.function.IntSupplier;

/**
 * How fast one thread reads and writes, by how much memory it goes through again and again: the rates of the caches, and behind them of
 * memory.
 *
 * @param bytes the amounts, ascending
 * @param reads bytes a second, for each amount
 * @param writes the same
 */
@SuppressWarnings("ArrayRecordComponent") // written once, here and in tests
record MemoryBandwidth(double[] bytes, double[] reads, double[] writes) {
  private static final int SMALLEST = 1 << 12;
  private static final int LARGEST = 1 << 25;

  MemoryBandwidth {
    reads = smallerIsFaster(reads);
    writes = smallerIsFaster(writes);
  }

  /** Those of this machine, which takes a few tenths of a second. */
  static MemoryBandwidth measured() {
    float[] one = new float[LARGEST];
    float[] other = new float[LARGEST];
    int[] counts = {SMALLEST, SMALLEST << 2, SMALLEST << 4, SMALLEST << 6, SMALLEST << 8, SMALLEST << 10, LARGEST};
    double[] reads = new double[counts.length];
    double[] writes = new double[counts.length];
    for (int i = 0; i < counts.length; i++) {
      int count = counts[i];
      int half = count / 2;
      reads[i] = rate(count, () -> Arrays.mismatch(one, 0, half, other, 0, half));
      writes[i] = rate(count, () -> {
        Arrays.fill(one, 0, count, 0);
        return 0;
      });
    }
    return new MemoryBandwidth(Arrays.stream(counts).mapToDouble(count -> (double) count * Float.BYTES).toArray(), reads, writes);
  }

  /** The best of some runs: what others do on the machine makes runs longer, and none shorter. */
  private static double rate(int count, IntSupplier walk) {
    double best = Double.MAX_VALUE;
    long found = 0;
    int turns = Math.max(1, LARGEST / count / 8);
    for (int run = 0; run < 12; run++) {
      long began = System.nanoTime();
      for (int turn = 0; turn < turns; turn++) {
        found += walk.getAsInt();
      }
      best = Math.min(best, (System.nanoTime() - began) / 1e9 / turns);
    }
    if (found > 0) {
      throw new AssertionError("zeros differ"); // asked, so that the compiler cannot leave the walk out
    }
    return (double) count * Float.BYTES / best;
  }

  private static double[] smallerIsFaster(double[] measured) {
    double[] rates = measured.clone();
    for (int i = rates.length - 2; i >= 0; i--) {
      rates[i] = Math.max(rates[i], rates[i + 1]);
    }
    return rates;
  }

  /**
   * The least time for a step's memory, where its threads share it equally and each reads while it writes.
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

  /** Bytes that one thread reads a second where no cache holds them. */
  double memory() {
    return reads[reads.length - 1];
  }
}
