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
 * Fork and join for kernels: workers that spin for a while before they park, since a step of a small network takes microseconds
 * and waking a parked thread takes ten. Who is free takes the next chunk of units, so that a worker that another program has driven
 * off its core holds nobody up: one that has not begun is not waited for. One run at a time uses the workers; a second one that comes
 * meanwhile runs on its own thread alone. None of this changes anything but the speed.
 */
final class ThreadPool {
  /** Below this a second thread costs more than it brings: about ten microseconds of work. */
  private static final long SMALL = 40_000;

  /** About a tenth of a millisecond. */
  private static final int SPINS = 4_000;

  /** Chunks for each thread: many enough to even out what a busy core takes away, few enough to cost nothing. */
  private static final int CHUNKS = 6;

  private static final AtomicBoolean BUSY = new AtomicBoolean();
  private static volatile Worker[] workers = new Worker[0];

  private ThreadPool() {}

  static void run(Task task, long work, Memory memory, int threads) {
    int units = task.units();
    int parts = Math.min(threads, units);
    if (parts <= 1 || work < SMALL || !BUSY.compareAndSet(false, true)) {
      task.run(memory, 0, units);
      return;
    }
    try {
      fork(new Job(task, memory, units, parts), parts - 1);
    } finally {
      BUSY.set(false);
    }
  }

  /** Turns that need nobody's memory, long enough for several threads. */
  static void loop(int count, int threads, IntConsumer turn) {
    run(Task.of(count, (_, from, to) -> {
      for (int i = from; i < to; i++) {
        turn.accept(i);
      }
    }), SMALL, Memory.NONE, threads);
  }

  private static void fork(Job job, int helpers) {
    Worker[] hired = hire(helpers);
    for (int i = 0; i < helpers; i++) {
      hired[i].start(job);
    }
    job.run(0);
    for (int i = 0; i < helpers; i++) {
      hired[i].await(job);
    }
    switch (job.failure.get()) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  private static Worker[] hire(int count) {
    Worker[] hired = workers;
    if (hired.length < count) {
      Worker[] more = new Worker[count];
      System.arraycopy(hired, 0, more, 0, hired.length);
      for (int i = hired.length; i < count; i++) {
        more[i] = new Worker(i + 1);
      }
      workers = more;
      hired = more;
    }
    return hired;
  }

  /**
   * A task whose units are handed out in chunks. Each thread begins with chunks of its own, the same share of every task: it finds in
   * its core's cache what it has written in the step before. Then it helps the others. A chunk is half of what its share has left: few
   * chunks, and the last ones so small that threads end together.
   */
  private static final class Job {
    private final Task task;
    private final Memory memory;
    private final int units;
    private final int chunks;
    private final AtomicInteger[] taken;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Job(Task task, Memory memory, int units, int threads) {
      this.task = task;
      this.memory = memory;
      this.units = units;
      this.chunks = Math.min(CHUNKS, Math.ceilDiv(units, threads));
      this.taken = new AtomicInteger[threads];
      Arrays.setAll(taken, _ -> new AtomicInteger());
    }

    /** Takes chunks, beginning with this thread's, until none is left. */
    void run(int thread) {
      try {
        for (int i = 0; i < taken.length; i++) {
          int owner = (thread + i) % taken.length;
          for (int k = taken[owner].getAndIncrement(); k < chunks; k = taken[owner].getAndIncrement()) {
            int from = from(owner, k);
            int to = from(owner, k + 1);
            if (from < to) {
              task.run(memory, from, to);
            }
          }
        }
      } catch (Throwable e) {
        failure.compareAndSet(null, e);
        for (AtomicInteger share : taken) {
          share.set(chunks);
        }
      }
    }

    private int from(int owner, int chunk) {
      int end = share(owner + 1);
      return chunk == chunks ? end : end - (end - share(owner) >> chunk);
    }

    private int share(int owner) {
      return (int) ((long) units * owner / taken.length);
    }
  }

  private static final class Worker implements Runnable {
    private final int number;
    private final Thread thread;

    /** What it has been given and not yet begun. */
    private final AtomicReference<@Nullable Job> given = new AtomicReference<>();

    private volatile boolean works;
    private volatile boolean parked;

    Worker(int number) {
      this.number = number;
      thread = Thread.ofPlatform().daemon().name("fovea-worker-" + number).unstarted(this);
      thread.start();
    }

    void start(Job job) {
      works = true;
      given.set(job);
      if (parked) {
        LockSupport.unpark(thread);
      }
    }

    /** Returns when it no longer works on the job; what it has not begun it never will. */
    @SuppressWarnings("ThreadPriorityCheck") // a hint that costs nothing: the result does not depend on it
    void await(Job job) {
      if (given.compareAndSet(job, null)) {
        works = false;
        return;
      }
      int spins = 0;
      while (works) {
        // on a busy machine the worker may have lost its core: then let it have this one
        if (++spins > SPINS) {
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
        Job job = given.get();
        if (job == null || !given.compareAndSet(job, null)) {
          if (++spins < SPINS) {
            Thread.onSpinWait();
          } else {
            parked = true;
            if (given.get() == null) {
              LockSupport.park(this);
            }
            parked = false;
            spins = 0;
          }
          continue;
        }
        job.run(number);
        spins = 0;
        works = false;
      }
    }
  }
}
