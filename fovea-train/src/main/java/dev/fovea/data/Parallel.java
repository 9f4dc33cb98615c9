package dev.fovea.data;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A parallel loop on its own threads. The common pool is not used: a data set is prepared under a lock, and a thread of the pool
 * that waits for this lock could be the one that has to run the loop.
 */
final class Parallel {
  private final AtomicInteger next = new AtomicInteger();
  private final int count;
  private final IntConsumer body;
  private final IntConsumer progress;
  private int done;
  private int failedAt = Integer.MAX_VALUE;
  private @Nullable Throwable failure;

  private Parallel(int count, IntConsumer body, IntConsumer progress) {
    this.count = count;
    this.body = body;
    this.progress = progress;
  }

  static void loop(int count, IntConsumer body) {
    loop(count, body, done -> {});
  }

  /**
   * Runs {@code body} for 0 to {@code count - 1}. If iterations fail, the failure of the lowest index is thrown, independent of the
   * order of execution. {@code progress} receives the number of iterations done; its calls do not overlap.
   */
  static void loop(int count, IntConsumer body, IntConsumer progress) {
    new Parallel(count, body, progress).run(Math.min(count, Runtime.getRuntime().availableProcessors()));
  }

  private void run(int threads) {
    List<Thread> workers = new ArrayList<>();
    for (int i = 1; i < threads; i++) {
      workers.add(Thread.ofPlatform().daemon().name("fovea-data-" + i).start(this::work));
    }
    work();
    try {
      for (Thread worker : workers) {
        worker.join();
      }
    } catch (InterruptedException e) {
      next.set(count);
      Thread.currentThread().interrupt();
      throw new FoveaException("reading images was interrupted; run it again", e);
    }
    rethrow();
  }

  /** Indices are assigned in order, so after a failure all lower ones have been started and run to their end. */
  private void work() {
    for (int i = next.getAndIncrement(); i >= 0 && i < count; i = next.getAndIncrement()) {
      try {
        body.accept(i);
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
      default -> throw new AssertionError("iterations throw no checked exceptions", failure);
    }
  }
}
