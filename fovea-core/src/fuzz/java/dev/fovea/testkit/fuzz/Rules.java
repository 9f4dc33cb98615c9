package dev.fovea.testkit.fuzz;

import com.sun.management.ThreadMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.fovea.tensor.FoveaException;
import java.lang.management.ManagementFactory;
import java.util.stream.Collectors;

/** What a reader may do with any file: read it, or refuse it in one line, with time and memory in proportion to the file. */
public final class Rules {
  private static final int MAX_MESSAGE = 2000;
  private static final int MAX_SHOWN = 300;
  private static final long MAX_NANOS = 5_000_000_000L;
  private static final int MAX_OPEN_FILES = 100;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final UnixOperatingSystemMXBean SYSTEM =
      (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final long OPEN_FILES = SYSTEM.getOpenFileDescriptorCount();
  /** What messages about time and memory begin with. */
  static final String COSTS = "takes ";

  private static int runs;
  private static long granted;

  private Rules() {}

  /** Reads a file of that many bytes, with twice as much memory and what it may have for any file. The memory is what is allocated, even if not all of it is in use at once. */
  static void check(FuzzedReader reader, int length, Runnable read) {
    long memory = ((long) reader.spareMemory() << 20) + 2L * length;
    if (!costs(reader, read).isBelow(memory)) {
      Costs again = costs(reader, read); // the first time loads classes
      if (!again.isBelow(memory)) {
        throw new AssertionError(again + " for a file of " + length + " bytes");
      }
    }
    if (++runs % 64 == 0 && SYSTEM.getOpenFileDescriptorCount() > OPEN_FILES + MAX_OPEN_FILES) {
      throw new AssertionError("leaves files open");
    }
  }

  /** Memory of a result that may be larger than the file: weights of one value, an image of one colour. */
  public static void grant(long bytes) {
    granted += bytes;
  }

  private static Costs costs(FuzzedReader reader, Runnable read) {
    granted = 0;
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long nanos = THREADS.getCurrentThreadCpuTime();
    refusable(reader.place(), read);
    return new Costs(THREADS.getCurrentThreadAllocatedBytes() - bytes - granted, THREADS.getCurrentThreadCpuTime() - nanos);
  }

  /** What reading took, as this thread sees it. */
  private record Costs(long bytes, long nanos) {
    boolean isBelow(long memory) {
      return bytes <= memory && nanos <= MAX_NANOS;
    }

    @Override
    public String toString() {
      return COSTS + nanos / 1_000_000 + " ms and " + (bytes >> 20) + " MiB";
    }
  }

  /** Runs what may be refused; true if it was not. The message must contain the place. */
  public static boolean refusable(String place, Runnable read) {
    try {
      read.run();
      return true;
    } catch (FoveaException e) {
      String message = String.valueOf(e.getMessage());
      if (message.isBlank() || message.length() > MAX_MESSAGE || !message.codePoints().allMatch(Rules::isPlain)) {
        throw new AssertionError(
            "a message is empty, longer than a line, or has characters that break or hide it: " + shown(message), e);
      }
      if (!message.contains(place)) {
        throw new AssertionError("a message does not name " + place, e);
      }
      return false;
    }
  }

  /** On one line, as the log of findings has one for each. */
  private static String shown(String message) {
    String plain = message.codePoints().mapToObj(c -> isPlain(c) ? Character.toString(c) : String.format("\\u%04x", c))
        .collect(Collectors.joining());
    return message.length() + " characters, '" + plain.substring(0, Math.min(MAX_SHOWN, plain.length())) + "'";
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
