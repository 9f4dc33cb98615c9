package dev.fovea.model;

import dev.fovea.tensor.FoveaException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.util.Locale;
import java.util.function.IntToLongFunction;

/**
 * An estimate of a process's peak memory, made before the memory is allocated.
 *
 * @param existing bytes of arrays already in the heap: the network and its images
 * @param added bytes of arrays to be allocated: gradients, optimizer state and workspaces
 */
public record ProcessMemory(long existing, long added) {
  /**
   * What a process that mostly runs programs needs besides long-lived arrays: the JVM, compiled code, and most of the young
   * generation that the launcher sets. docs/experiments.md has the measurements.
   */
  private static final long JVM = 110L << 20;

  /**
   * What a training run needs in addition: the rest of the young generation, and the code that reads images and writes the run's
   * folder.
   */
  private static final long RUN = 25L << 20;

  /** The garbage collector's mark bitmap has one bit for each word of arrays. */
  private static final int BITS_PER_WORD = 64;

  /** The young generation, which long-lived arrays cannot use. */
  private static final long YOUNG = 32L << 20;

  private static final double USABLE = 0.97;

  /**
   * A sixteenth of the free memory is left as a margin if a batch size is recommended, since free memory varies between processes.
   */
  private static final int MARGIN = 16;

  private static final long UNPLANNED = Long.MAX_VALUE;

  /**
   * The estimate for a batch size that fits into the heap.
   *
   * @param bytes the bytes that a batch of a given size allocates
   * @throws HeapException if it does not fit, with the largest batch size that does
   */
  public static ProcessMemory of(int batch, IntToLongFunction bytes) {
    long needed = needed(batch, bytes);
    if (needed > free()) {
      collect();
    }
    long free = free();
    if (needed > free) {
      int fits = largest(batch, free - free / MARGIN, bytes);
      if (fits == 0 && needed == UNPLANNED) {
        needed = bytes.applyAsLong(1); // throws with the reason if even one image is too large to plan
      }
      throw new HeapException(
          "a batch of " + batch + " needs " + (needed == UNPLANNED ? "more than arrays can have" : mebibytes(needed))
              + " of memory, " + mebibytes(Math.max(0, free)) + " are left: "
              + (fits > 0 ? "the largest that fits is " + fits
                  : batch > 1 ? "not even a batch of 1 fits; use smaller images" : "use smaller images")
              + ", or give the JVM more memory, as in -Xmx8g");
    }
    return new ProcessMemory(liveBytes(), needed);
  }

  /**
   * The largest batch size that fits, up to {@code max}.
   *
   * @throws HeapException if not even one image fits
   */
  public static int largest(int max, IntToLongFunction bytes) {
    if (needed(max, bytes) <= free()) {
      return max;
    }
    collect();
    int fits = largest(max + 1, free(), bytes);
    if (fits == 0) {
      of(1, bytes); // throws
    }
    return Math.max(1, fits);
  }

  private static int largest(int tooLarge, long free, IntToLongFunction bytes) {
    int fits = 0;
    int fails = tooLarge;
    while (fails - fits > 1) {
      int middle = fits + (fails - fits) / 2;
      if (needed(middle, bytes) <= free) {
        fits = middle;
      } else {
        fails = middle;
      }
    }
    return fits;
  }

  /** Planning throws if the batch is so large that its tensors exceed the limits of shapes or arrays. */
  private static long needed(int batch, IntToLongFunction bytes) {
    try {
      return bytes.applyAsLong(batch);
    } catch (FoveaException e) {
      return UNPLANNED;
    }
  }

  /** Called only before a refusal, since garbage may occupy the memory. */
  private static void collect() {
    System.gc();
  }

  private static long used() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /**
   * The heap in use except Eden: objects that survived a collection or are too large for Eden, whose contents are mostly garbage.
   */
  private static long liveBytes() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP && !pool.getName().contains("Eden"))
        .mapToLong(pool -> pool.getUsage().getUsed())
        .sum();
  }

  private static long free() {
    return (long) ((Runtime.getRuntime().maxMemory() - YOUNG) * USABLE) - used();
  }

  /** The peak memory of a process that runs programs. */
  public long peak() {
    long arrays = existing + added;
    return JVM + arrays + arrays / BITS_PER_WORD;
  }

  /** The peak memory of a process that trains into a run folder. */
  public long peakOfRun() {
    return peak() + RUN;
  }

  public static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
  }
}
