package dev.fovea.train;

import dev.fovea.tensor.FoveaException;
import java.util.Locale;
import java.util.function.IntToLongFunction;

/**
 * The memory that a run takes at its peak, known before it is taken.
 *
 * @param held what the heap holds as the run begins: the network and its pictures
 * @param taken what the run will add: optimizer slots, gradients, and what steps and evaluation work in
 */
record Footprint(long held, long taken) {
  /** What the JVM takes beside long-lived arrays: itself, compiled code, and the young generation that the launcher gives it. */
  static final long JVM = 115L << 20;

  private static final double USABLE = 0.97;

  /**
   * Measures it.
   *
   * @param others bytes that the run adds whatever the batch is
   * @param perBatch what a batch of so many pictures adds
   * @throws FoveaException where it is more than there is, with the largest batch that fits
   */
  static Footprint of(int batch, long others, IntToLongFunction perBatch) {
    System.gc(); // so that what is held is what lives
    long held = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    long free = (long) (Runtime.getRuntime().maxMemory() * USABLE) - held - others;
    Footprint footprint = new Footprint(held, others + perBatch.applyAsLong(batch));
    if (footprint.taken - others > free) {
      int fits = largest(batch, free, perBatch);
      throw new FoveaException(
          "a batch of " + batch + " needs " + mebibytes(footprint.taken - others) + " of memory, " + mebibytes(Math.max(0, free))
              + " are left: "
              + (fits > 0 ? "the largest that fits is " + fits : "not even a batch of 1 fits; take smaller pictures")
              + ", or give the JVM more, as in FOVEA_JAVA_OPTS=-Xmx8g");
    }
    return footprint;
  }

  private static int largest(int batch, long free, IntToLongFunction perBatch) {
    int fits = 0;
    int tooLarge = batch;
    while (tooLarge - fits > 1) {
      int middle = fits + (tooLarge - fits) / 2;
      if (perBatch.applyAsLong(middle) <= free) {
        fits = middle;
      } else {
        tooLarge = middle;
      }
    }
    return fits;
  }

  /** Of the whole process. */
  long peak() {
    return JVM + held + taken;
  }

  static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
  }
}
