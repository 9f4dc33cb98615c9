package dev.fovea.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Fork and join for kernels: workers that spin for a while before they park, since a step of a small network takes microseconds
 * and waking a parked thread takes ten. Who is free takes the next chunk of units, so that a worker that another program has driven
 * off its core holds nobody up: one that has not begun is not waited for. One run at a time uses the workers; a second one that comes
 * meanwhile runs on its own thread alone. None of this changes anything but the speed.
 */
final class Pool {
  /** Below this a second thread costs more than it brings: about ten microseconds of work. */
  private static final long SMALL = 40_000;

  /** About a tenth of a millisecond. */
  private static final int SPINS = 4_000;

  /** Chunks for each thread: many enough to even out what a busy core takes away, few enough to cost nothing. */
  private static final int CHUNKS = 4;

  private static final AtomicBoolean BUSY = new AtomicBoolean();
  private static volatile Worker[] workers = new Worker[0];

  private Pool() {}

  static void run(Task task, long work, Memory memory, int threads) {
    int units = task.units();
    int parts = Math.min(threads, units);
    if (parts <= 1 || work < SMALL || !BUSY.compareAndSet(false, true)) {
      task.run(memory, 0, units);
      return;
    }
    try {
      fork(new Job(task, memory, units, Math.min(units, parts * CHUNKS)), parts - 1);
    } finally {
      BUSY.set(false);
    }
  }

  private static void fork(Job job, int helpers) {
    Worker[] hired = hire(helpers);
    for (int i = 0; i < helpers; i++) {
      hired[i].start(job);
    }
    job.run();
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

  /** A task whose units are handed out in chunks. */
  private record Job(
      Task task, Memory memory, int units, int chunks, AtomicInteger next, AtomicReference<@Nullable Throwable> failure) {
    Job(Task task, Memory memory, int units, int chunks) {
      this(task, memory, units, chunks, new AtomicInteger(), new AtomicReference<>());
    }

    /** Takes chunks until none is left. */
    void run() {
      try {
        for (int k = next.getAndIncrement(); k < chunks; k = next.getAndIncrement()) {
          task.run(memory, (int) ((long) units * k / chunks), (int) ((long) units * (k + 1) / chunks));
        }
      } catch (Throwable e) {
        failure.compareAndSet(null, e);
        next.set(chunks);
      }
    }
  }

  private static final class Worker implements Runnable {
    private final Thread thread;

    /** What it has been given and not yet begun. */
    private final AtomicReference<@Nullable Job> given = new AtomicReference<>();

    private volatile boolean works;
    private volatile boolean parked;

    Worker(int number) {
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
        job.run();
        spins = 0;
        works = false;
      }
    }
  }
}
