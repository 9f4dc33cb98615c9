package dev.fovea.cpu;

import dev.fovea.cpu.kernel.Memory;
import dev.fovea.cpu.kernel.Task;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Fork and join for kernels. Workers spin for a while before they park, since a step of a small network takes microseconds and
 * waking a parked thread takes ten. Idle threads take the next chunk of units, so that a worker that has lost its core to another
 * process delays no one: a worker that has not started is not waited for. One run at a time uses the workers; a concurrent run uses
 * only its own thread. All of this affects speed, never results.
 */
final class ThreadPool {
  /** Work below which a second thread costs more than it gains: about ten microseconds. */
  private static final long MIN_PARALLEL_WORK = 40_000;

  /** About a tenth of a millisecond. */
  private static final int MAX_SPINS = 4_000;

  /** Chunks for each thread: enough to balance the load if a core is busy, few enough to cost almost nothing. */
  private static final int CHUNKS_PER_THREAD = 6;

  private static final AtomicBoolean BUSY = new AtomicBoolean();
  private static volatile Worker[] workers = new Worker[0];

  private ThreadPool() {}

  static void run(Task task, long work, Memory memory, int threads) {
    int units = task.units();
    int parts = Math.min(threads, units);
    if (parts <= 1 || work < MIN_PARALLEL_WORK || !BUSY.compareAndSet(false, true)) {
      task.run(memory, 0, units);
      return;
    }
    try {
      fork(new Job(task, memory, units, parts), parts - 1);
    } finally {
      BUSY.set(false);
    }
  }

  /** A parallel loop whose iterations need no workspace; it is assumed to have enough work for several threads. */
  static void loop(int count, int threads, IntConsumer body) {
    run(Task.of(count, (_, from, to) -> {
      for (int i = from; i < to; i++) {
        body.accept(i);
      }
    }), MIN_PARALLEL_WORK, Memory.NONE, threads);
  }

  private static void fork(Job job, int helpers) {
    Worker[] available = workers(helpers);
    for (int i = 0; i < helpers; i++) {
      available[i].start(job);
    }
    job.run(0);
    for (int i = 0; i < helpers; i++) {
      available[i].await(job);
    }
    switch (job.failure.get()) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  /** At least this number of workers. */
  private static Worker[] workers(int count) {
    Worker[] available = workers;
    if (available.length < count) {
      Worker[] more = new Worker[count];
      System.arraycopy(available, 0, more, 0, available.length);
      for (int i = available.length; i < count; i++) {
        more[i] = new Worker(i + 1);
      }
      workers = more;
      available = more;
    }
    return available;
  }

  /**
   * A task whose units are scheduled in chunks, by guided self-scheduling with work stealing. Each thread starts with its own
   * share, which is the same part of every task, so that it finds the output of the previous step in its core's cache. Then it
   * helps the other threads. A chunk is half of the rest of its share: so there are few chunks, and the last ones are small enough
   * for all threads to finish at about the same time.
   */
  private static final class Job {
    private final Task task;
    private final Memory memory;
    private final int units;
    private final int chunks;
    private final AtomicInteger[] nextChunk;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Job(Task task, Memory memory, int units, int threads) {
      this.task = task;
      this.memory = memory;
      this.units = units;
      this.chunks = Math.min(CHUNKS_PER_THREAD, Math.ceilDiv(units, threads));
      this.nextChunk = new AtomicInteger[threads];
      Arrays.setAll(nextChunk, _ -> new AtomicInteger());
    }

    /** Runs chunks, this thread's first, until none is left. */
    void run(int thread) {
      try {
        for (int i = 0; i < nextChunk.length; i++) {
          int owner = (thread + i) % nextChunk.length;
          for (int k = nextChunk[owner].getAndIncrement(); k < chunks; k = nextChunk[owner].getAndIncrement()) {
            int from = from(owner, k);
            int to = from(owner, k + 1);
            if (from < to) {
              task.run(memory, from, to);
            }
          }
        }
      } catch (Throwable e) {
        failure.compareAndSet(null, e);
        for (AtomicInteger next : nextChunk) {
          next.set(chunks);
        }
      }
    }

    private int from(int owner, int chunk) {
      int end = shareStart(owner + 1);
      return chunk == chunks ? end : end - (end - shareStart(owner) >> chunk);
    }

    private int shareStart(int owner) {
      return (int) ((long) units * owner / nextChunk.length);
    }
  }

  private static final class Worker implements Runnable {
    private final int index;
    private final Thread thread;

    /** A job that it has been given and has not started yet. */
    private final AtomicReference<@Nullable Job> pending = new AtomicReference<>();

    private volatile boolean busy;
    private volatile boolean parked;

    Worker(int index) {
      this.index = index;
      thread = Thread.ofPlatform().daemon().name("fovea-worker-" + index).unstarted(this);
      thread.start();
    }

    void start(Job job) {
      busy = true;
      pending.set(job);
      if (parked) {
        LockSupport.unpark(thread);
      }
    }

    /** Returns when the worker is done with the job; if it has not started the job, the job is cancelled for it. */
    @SuppressWarnings("ThreadPriorityCheck") // a hint that costs nothing: the result does not depend on it
    void await(Job job) {
      if (pending.compareAndSet(job, null)) {
        busy = false;
        return;
      }
      int spins = 0;
      while (busy) {
        // on a busy machine the worker may have lost its core: then yield this one to it
        if (++spins > MAX_SPINS) {
          Thread.yield();
        } else {
          Thread.onSpinWait();
        }
      }
    }

    @Override
    public void run() {
      int spins = 0;
      while (true) {
        Job job = pending.get();
        if (job == null || !pending.compareAndSet(job, null)) {
          if (++spins < MAX_SPINS) {
            Thread.onSpinWait();
          } else {
            parked = true;
            if (pending.get() == null) {
              LockSupport.park(this);
            }
            parked = false;
            spins = 0;
          }
          continue;
        }
        job.run(index);
        spins = 0;
        busy = false;
      }
    }
  }
}
