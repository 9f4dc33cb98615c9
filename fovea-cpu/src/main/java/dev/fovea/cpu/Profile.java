package dev.fovea.cpu;

import dev.fovea.cpu.compile.Buffer;
import dev.fovea.cpu.compile.Step;
import java.util.List;
import java.util.Locale;

/**
 * The measured time of each step of a program, next to its roofline: the time that its multiply-adds or its memory traffic, at the
 * bandwidth of the cache that holds it, need at least on this machine. It shows which steps are worth optimizing.
 */
final class Profile {
  private final List<Step> steps;
  private final double[] seconds;
  private final int threads;
  private final double multiplyAdds;
  private final MemoryBandwidth memory;

  /**
   * Prepares a profile without measurements.
   *
   * @param multiplyAdds the peak of one thread in multiply-adds a second
   */
  Profile(List<Step> steps, int threads, double multiplyAdds, MemoryBandwidth memory) {
    this.steps = steps;
    this.seconds = new double[steps.size()];
    this.threads = threads;
    this.multiplyAdds = multiplyAdds * threads;
    this.memory = memory;
  }

  /** Runs a step and records its time: the minimum over all runs, which is disturbed least by the machine's other work. */
  void time(int step, Runnable runnable) {
    long start = System.nanoTime();
    runnable.run();
    double measured = (System.nanoTime() - start) / 1e9;
    seconds[step] = seconds[step] == 0 ? measured : Math.min(seconds[step], measured);
  }

  /** Bytes of all inputs of a step; a slice and a crop read only a part. */
  private static double read(Step step) {
    return (double) Float.BYTES * step.inputs().stream().mapToLong(Buffer::size).sum();
  }

  private static double written(Step step) {
    return (double) Float.BYTES * step.output().size();
  }

  /** A lower bound for the time of a step, in seconds. */
  double roofline(Step step) {
    return Math.max(step.work() / multiplyAdds, memory.seconds(read(step), written(step), threads));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%-26s %-38s %-8s %14s %9s %11s %9s %8s %10s%n",
        "layer", "kernel", "layout", "multiply-adds", "MB", "roofline ms", "ms", "GFLOP/s", "efficiency"));
    double total = 0;
    int notRun = 0;
    double totalRoofline = 0;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      double measured = seconds[i];
      if (measured == 0) {
        notRun++;
        continue;
      }
      double roofline = roofline(step);
      total += measured;
      totalRoofline += roofline;
      text.append(String.format(Locale.ROOT, "%-26s %-38s %-8s %,14d %9.2f %11.3f %9.3f %8.1f %9.0f%%%n",
          step.path(), step.name(), step.output().layout().name().toLowerCase(Locale.ROOT), step.work(),
          (read(step) + written(step)) / 1e6,
          roofline * 1e3, measured * 1e3, 2 * step.work() / measured / 1e9, 100 * roofline / measured));
    }
    text.append(String.format(Locale.ROOT,
        "%d steps, %.2f ms; roofline %.2f ms at a peak of %.0f GFLOP/s, and for each thread %.1f GB/s from memory or the measured"
            + " bandwidth of a cache; %d more steps run only when parameters have changed%n",
        steps.size() - notRun, total * 1e3, totalRoofline * 1e3, 2 * multiplyAdds / 1e9, memory.memory() / 1e9, notRun));
    return text.toString();
  }
}
