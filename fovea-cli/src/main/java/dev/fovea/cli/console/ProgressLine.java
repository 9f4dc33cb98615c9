package dev.fovea.cli.console;

import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * Says on standard error what a command is at, where that takes over a second: on a terminal in a line that is rewritten, elsewhere
 * in lines that come ever more seldom. It begins when it first hears a number, and ends with the last one or when it is closed. One
 * piece may take long, so a thread looks at the clock.
 */
public final class ProgressLine implements AutoCloseable, IntConsumer {
  private static final long REWRITTEN = 200;
  private static final long FIRST = 1_000;
  private static final long LONGEST = 64 * FIRST;

  private final Streams streams;
  private final String what;
  private final int count;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread thread = Thread.ofPlatform().daemon().name("fovea-wait").unstarted(this::tell);
  private volatile int done;

  /** @param count of how many pieces it is; 0 where nobody counts them */
  ProgressLine(Streams streams, String what, int count) {
    this.streams = streams;
    this.what = what;
    this.count = count;
  }

  /** So many are done; one call at a time. */
  @Override
  public void accept(int done) {
    this.done = done;
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    }
    if (done == count && count > 0) {
      close();
    }
  }

  private void tell() {
    int width = 0;
    try {
      for (long pause = FIRST; !over.await(pause, TimeUnit.MILLISECONDS);) {
        String text = count == 0 ? what + " ..." : String.format(Locale.ROOT, "%s: %,d of %,d", what, done, count);
        if (streams.terminal()) {
          streams.err().print("\r" + text);
          streams.err().flush();
        } else {
          streams.say(text);
        }
        width = text.length();
        pause = streams.terminal() ? REWRITTEN : Math.min(2 * pause, LONGEST);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (streams.terminal() && width > 0) {
      streams.err().print("\r" + " ".repeat(width) + "\r");
      streams.err().flush();
    }
  }

  @Override
  public void close() {
    over.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
