package dev.fovea.data;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A loop whose turns are taken by several threads of its own. They do not come from the common pool: a data set is prepared under
 * a lock, and a pool's thread that waits for that lock could be the one that should help.
 */
final class Parallel {
  private final AtomicInteger next = new AtomicInteger();
  private final int count;
  private final IntConsumer turn;
  private final IntConsumer progress;
  private int done;
  private int failedAt = Integer.MAX_VALUE;
  private @Nullable Throwable failure;

  private Parallel(int count, IntConsumer turn, IntConsumer progress) {
    this.count = count;
    this.turn = turn;
    this.progress = progress;
  }

  static void loop(int count, IntConsumer turn) {
    loop(count, turn, done -> {});
  }

  /**
   * Runs {@code turn} for 0 to {@code count - 1}. Where turns fail, the failure of the lowest index is thrown, however the
   * threads ran. {@code progress} hears the number done, one call at a time.
   */
  static void loop(int count, IntConsumer turn, IntConsumer progress) {
    new Parallel(count, turn, progress).run(Math.min(count, Runtime.getRuntime().availableProcessors()));
  }

  private void run(int threads) {
    List<Thread> helpers = new ArrayList<>();
    for (int i = 1; i < threads; i++) {
      helpers.add(Thread.ofPlatform().daemon().name("fovea-data-" + i).start(this::work));
    }
    work();
    try {
      for (Thread helper : helpers) {
        helper.join();
      }
    } catch (InterruptedException e) {
      next.set(count);
      Thread.currentThread().interrupt();
      throw new FoveaException("reading images was interrupted; run it again", e);
    }
    rethrow();
  }

  /** Indices are handed out in order, so after a failure the lower ones are already taken and run to their end. */
  private void work() {
    for (int i = next.getAndIncrement(); i >= 0 && i < count; i = next.getAndIncrement()) {
      try {
        turn.accept(i);
        finished();
      } catch (RuntimeException | Error e) {
        failed(i, e);
      }
    }
  }

  private synchronized void finished() {
    done++;
    progress.accept(done);
  }

  private synchronized void failed(int index, Throwable thrown) {
    next.set(count);
    if (index < failedAt) {
      failedAt = index;
      failure = thrown;
    }
  }

  private synchronized void rethrow() {
    switch (failure) {
      case null -> {}
      case Error error -> throw error;
      case RuntimeException exception -> throw exception;
      default -> throw new AssertionError("turns throw nothing checked", failure);
    }
  }
}
