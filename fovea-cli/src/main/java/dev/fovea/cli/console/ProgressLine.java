package dev.fovea.cli.console;

import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * Reports progress on standard error if something takes over a second: on a terminal in one line that is rewritten, elsewhere in
 * lines at growing intervals. It starts with the first call of {@link #accept}, and ends with the last item or when it is closed. A
 * single item may take long, so a thread of its own watches the clock.
 */
public final class ProgressLine implements AutoCloseable, IntConsumer {
  /** In milliseconds, as the other pauses. */
  private static final long TERMINAL_PAUSE = 200;

  private static final long FIRST_PAUSE = 1_000;
  /** In seconds. */
  private static final long SHORT = 10;

  private static final long MAX_PAUSE = 64 * FIRST_PAUSE;

  private final Streams streams;
  private final String what;
  private final int count;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread = Thread.ofPlatform().daemon().name("fovea-progress").unstarted(this::report);
  private volatile int done;
  private long started;

  /** How many were done at the start. */
  private int before;

  /** @param count the number of items; 0 if they are not counted */
  ProgressLine(Streams streams, String what, int count) {
    this.streams = streams;
    this.what = what;
    this.count = count;
  }

  /** Sets how many items are done. Not for concurrent calls. */
  @Override
  public void accept(int done) {
    this.done = done;
    if (thread.getState() == Thread.State.NEW) {
      started = System.nanoTime();
      before = done;
      thread.start();
    }
    if (done == count && count > 0) {
      close();
    }
  }

  private void report() {
    int width = 0;
    try {
      for (long pause = FIRST_PAUSE; !closed.await(pause, TimeUnit.MILLISECONDS);) {
        String text = count == 0 ? what + " ..." : String.format(Locale.ROOT, "%s: %,d of %,d%s", what, done, count, left());
        if (streams.terminal()) {
          streams.err().print("\r" + text + " ".repeat(Math.max(0, width - text.length())));
          streams.err().flush();
        } else {
          streams.say(text);
        }
        width = Math.max(width, text.length());
        pause = streams.terminal() ? TERMINAL_PAUSE : Math.min(2 * pause, MAX_PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (streams.terminal() && width > 0) {
      streams.err().print("\r" + " ".repeat(width) + "\r");
      streams.err().flush();
    }
  }

  /** The time left, if it is {@value #SHORT} seconds or more, at the speed so far. */
  private String left() {
    int since = done - before;
    long seconds = since <= 0 ? 0 : (long) ((System.nanoTime() - started) * 1e-9 / since * (count - done));
    if (seconds < SHORT) {
      return "";
    }
    return seconds < 120 ? ", " + seconds + " s left" : ", " + Math.ceilDiv(seconds, 60) + " min left";
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
