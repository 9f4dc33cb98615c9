package dev.fovea.cli.console;

import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C or SIGTERM while something runs that can stop cleanly: the JVM waits until {@link #close}, and then ends with the
 * signal's exit code.
 */
public final class Interruption implements AutoCloseable {
  /** What a shell expects of a process that Ctrl-C ended: 128 plus the signal's number. */
  public static final int EXIT_CODE = 130;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = new Thread(this::waitForClose, "fovea-interruption");
  private volatile boolean requested;

  public Interruption() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void waitForClose() {
    requested = true;
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a signal has come. */
  public boolean requested() {
    return requested;
  }

  @Override
  public void close() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending already, which is what the hook was for.
    }
  }
}
