package dev.fovea.cli.console;

import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C, and a plain kill, while something runs that can stop in good order: the JVM waits until {@link #close}, and then
 * ends with the signal's exit code.
 */
public final class Interruption implements AutoCloseable {
  /** What a shell expects of a process that Ctrl-C ended: 128 and the signal's number. */
  public static final int EXIT_CODE = 130;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = new Thread(this::waitForTheEnd, "fovea-interruption");
  private volatile boolean asked;

  public Interruption() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void waitForTheEnd() {
    asked = true;
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it is time to stop. */
  public boolean asked() {
    return asked;
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
