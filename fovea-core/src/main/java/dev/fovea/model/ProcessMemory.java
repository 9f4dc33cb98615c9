package dev.fovea.model;

import dev.fovea.tensor.FoveaException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.util.Locale;
import java.util.function.IntToLongFunction;

/**
 * The memory that a process takes at its peak, known before it is taken.
 *
 * @param held bytes of arrays that the heap holds before: the network and its images
 * @param taken bytes of arrays that are added: gradients, optimizer slots, and what steps work in
 */
public record ProcessMemory(long held, long taken) {
  /**
   * What a process takes beside long-lived arrays where it does little but run programs: the JVM, compiled code, and most of the
   * young generation that the launcher gives it. docs/experiments.md says how it was measured.
   */
  private static final long JVM = 110L << 20;

  /** What a training run adds: the rest of the young generation, and the code that reads images and writes the run's folder. */
  private static final long RUN = 25L << 20;

  /** The garbage collector marks in a bit for each word of arrays what lives. */
  private static final int MARKS = 64;

  /** Long-lived arrays cannot have the young generation. */
  private static final long YOUNG = 32L << 20;

  private static final double USABLE = 0.97;

  /** Of what is left a sixteenth stays so where a batch is recommended: another process has it not to the byte. */
  private static final int SPARE = 16;

  private static final long UNPLANNED = Long.MAX_VALUE;

  /**
   * Of a batch, where there is so much.
   *
   * @param taken what a batch of so many images adds
   * @throws HeapException where there is less, with the largest batch that fits
   */
  public static ProcessMemory of(int batch, IntToLongFunction taken) {
    long needed = needed(batch, taken);
    if (needed > left()) {
      collect();
    }
    long left = left();
    if (needed > left) {
      int fits = largest(batch, left - left / SPARE, taken);
      if (fits == 0 && needed == UNPLANNED) {
        needed = taken.applyAsLong(1); // says why, where even one image is too large to plan
      }
      throw new HeapException(
          "a batch of " + batch + " needs " + (needed == UNPLANNED ? "more than arrays can have" : mebibytes(needed))
              + " of memory, " + mebibytes(Math.max(0, left)) + " are left: "
              + (fits > 0 ? "the largest that fits is " + fits
                  : batch > 1 ? "not even a batch of 1 fits; take smaller images" : "take smaller images")
              + ", or give the JVM more, as in -Xmx8g");
    }
    return new ProcessMemory(living(), needed);
  }

  /**
   * The largest batch that fits, {@code most} at most.
   *
   * @throws HeapException where not even one image does
   */
  public static int largest(int most, IntToLongFunction taken) {
    if (needed(most, taken) <= left()) {
      return most;
    }
    collect();
    int fits = largest(most + 1, left(), taken);
    if (fits == 0) {
      of(1, taken); // says so
    }
    return Math.max(1, fits);
  }

  private static int largest(int tooLarge, long left, IntToLongFunction taken) {
    int fits = 0;
    int fails = tooLarge;
    while (fails - fits > 1) {
      int middle = fits + (fails - fits) / 2;
      if (needed(middle, taken) <= left) {
        fits = middle;
      } else {
        fails = middle;
      }
    }
    return fits;
  }

  /** A batch so large that its tensors have no shape, or fit no array, is refused by whoever plans it. */
  private static long needed(int batch, IntToLongFunction taken) {
    try {
      return taken.applyAsLong(batch);
    } catch (FoveaException e) {
      return UNPLANNED;
    }
  }

  /** Asked for only where a refusal would follow otherwise: garbage may be what is in the way. */
  private static void collect() {
    System.gc();
  }

  private static long used() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** What outlived a collection, or was too large for the space of young objects, most of which are garbage. */
  private static long living() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP && !pool.getName().contains("Eden"))
        .mapToLong(pool -> pool.getUsage().getUsed())
        .sum();
  }

  private static long left() {
    return (long) ((Runtime.getRuntime().maxMemory() - YOUNG) * USABLE) - used();
  }

  /** Of a whole process that runs programs. */
  public long peak() {
    long arrays = held + taken;
    return JVM + arrays + arrays / MARKS;
  }

  /** Of a whole process that trains into a folder. */
  public long peakOfRun() {
    return peak() + RUN;
  }

  public static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
  }
}
