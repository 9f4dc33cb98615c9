package dev.fovea.cpu;

import dev.fovea.cpu.compile.Buffer;
import dev.fovea.cpu.compile.Step;
import java.util.List;
import java.util.Locale;

/**
 * What each step of a program takes, beside what it would take on this machine if nothing but its multiply-adds, or nothing but its
 * memory traffic at the rate of the cache that holds it, counted. Made by running the program; for people who look for what to make
 * faster.
 */
final class Profile {
  private final List<Step> steps;
  private final double[] seconds;
  private final int threads;
  private final double multiplyAdds;
  private final MemoryBandwidth memory;

  /**
   * Makes ready for runs.
   *
   * @param multiplyAdds what one thread makes in a second at most
   */
  Profile(List<Step> steps, int threads, double multiplyAdds, MemoryBandwidth memory) {
    this.steps = steps;
    this.seconds = new double[steps.size()];
    this.threads = threads;
    this.multiplyAdds = multiplyAdds * threads;
    this.memory = memory;
  }

  /** Runs a step and notes how long it took; of several times the shortest counts, which the machine's other work disturbed least. */
  void time(int step, Runnable runnable) {
    long began = System.nanoTime();
    runnable.run();
    double taken = (System.nanoTime() - began) / 1e9;
    seconds[step] = seconds[step] == 0 ? taken : Math.min(seconds[step], taken);
  }

  /** Bytes of all that a step reads; a slice and a crop leave some of it. */
  private static double read(Step step) {
    return (double) Float.BYTES * step.inputs().stream().mapToLong(Buffer::size).sum();
  }

  private static double written(Step step) {
    return (double) Float.BYTES * step.output().size();
  }

  /** The least seconds that a step can take. */
  double least(Step step) {
    return Math.max(step.work() / multiplyAdds, memory.seconds(read(step), written(step), threads));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%-26s %-38s %-8s %14s %9s %9s %9s %8s %6s%n",
        "layer", "kernel", "layout", "multiply-adds", "MB", "least ms", "ms", "GFLOP/s", "share"));
    double all = 0;
    int once = 0;
    double least = 0;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      double taken = seconds[i];
      if (taken == 0) {
        once++;
        continue;
      }
      double limit = least(step);
      all += taken;
      least += limit;
      text.append(String.format(Locale.ROOT, "%-26s %-38s %-8s %,14d %9.2f %9.3f %9.3f %8.1f %5.0f%%%n",
          step.path(), step.name(), step.output().layout().name().toLowerCase(Locale.ROOT), step.work(),
          (read(step) + written(step)) / 1e6,
          limit * 1e3, taken * 1e3, 2 * step.work() / taken / 1e9, 100 * limit / taken));
    }
    text.append(String.format(Locale.ROOT,
        "%d steps, %.2f ms, at least %.2f ms by the limits of this machine, %.0f GFLOP/s and for each thread %.1f GB/s from memory or"
            + " more from its caches;"
            + " %d more run on a change of the parameters alone%n",
        steps.size() - once, all * 1e3, least * 1e3, 2 * multiplyAdds / 1e9, memory.memory() / 1e9, once));
    return text.toString();
  }
}
