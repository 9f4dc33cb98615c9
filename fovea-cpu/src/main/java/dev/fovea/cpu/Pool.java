package dev.fovea.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Fork and join for kernels: workers that spin for a while before they park, since a step of a small network takes microseconds
 * and waking a parked thread takes ten. One run at a time uses the workers; a second one that comes meanwhile runs on its own
 * thread alone, which changes nothing but its speed.
 */
final class Pool {
  /** Below this a second thread costs more than it brings: about ten microseconds of work. */
  private static final long SMALL = 40_000;

  /** About a tenth of a millisecond. */
  private static final int SPINS = 4_000;

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
      fork(new Job(task, memory, units, parts));
    } finally {
      BUSY.set(false);
    }
  }

  private static void fork(Job job) {
    Worker[] hired = hire(job.parts - 1);
    for (int i = 1; i < job.parts; i++) {
      hired[i - 1].start(job, i);
    }
    Throwable failure = null;
    try {
      job.run(0);
    } catch (Throwable e) {
      failure = e;
    }
    for (int i = 1; i < job.parts; i++) {
      Throwable other = hired[i - 1].await();
      failure = failure == null ? other : failure;
    }
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
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

  private record Job(Task task, Memory memory, int units, int parts) {
    void run(int part) {
      task.run(memory, (int) ((long) units * part / parts), (int) ((long) units * (part + 1) / parts));
    }
  }

  private static final class Worker implements Runnable {
    private final Thread thread;
    private int part;
    private @Nullable Throwable failure;
    private volatile @Nullable Job job;
    private volatile boolean parked;

    Worker(int number) {
      thread = Thread.ofPlatform().daemon().name("fovea-worker-" + number).unstarted(this);
      thread.start();
    }

    void start(Job next, int itsPart) {
      part = itsPart;
      failure = null;
      job = next;
      if (parked) {
        LockSupport.unpark(thread);
      }
    }

    @SuppressWarnings("ThreadPriorityCheck") // a hint that costs nothing: the result does not depend on it
    @Nullable Throwable await() {
      int spins = 0;
      while (job != null) {
        // on a busy machine the worker may have lost its core: then let it have this one
        if (++spins > SPINS) {
          Thread.yield();
        } else {
          Thread.onSpinWait();
        }
      }
      return failure;
    }

    @Override
    public void run() {
      int spins = 0;
      while (true) {
        Job next = job;
        if (next == null) {
          if (++spins < SPINS) {
            Thread.onSpinWait();
          } else {
            parked = true;
            if (job == null) {
              LockSupport.park(this);
            }
            parked = false;
            spins = 0;
          }
          continue;
        }
        try {
          next.run(part);
        } catch (Throwable e) {
          failure = e;
        }
        spins = 0;
        job = null;
      }
    }
  }
}
