package dev.fovea.cpu;

import java.util.List;
import java.util.Locale;

/**
 * What each step of a program takes, beside what it would take on this machine if nothing but its multiply-adds, or nothing but its
 * memory traffic, counted. Made by running the program; for people who look for what to make faster.
 */
final class Profile {
  /** Numbers that are copied to see how fast memory is: far more than caches hold. */
  private static final int COPIED = 1 << 25;

  private final List<Step> steps;
  private final double[] seconds;
  private final double multiplyAdds;
  private final double bandwidth;

  /**
   * Makes ready for runs.
   *
   * @param multiplyAdds what one thread makes in a second at most
   */
  Profile(List<Step> steps, int threads, double multiplyAdds) {
    this.steps = steps;
    this.seconds = new double[steps.size()];
    this.multiplyAdds = multiplyAdds * threads;
    this.bandwidth = bandwidth();
  }

  /** Bytes that one thread copies in a second, those read and those written. */
  private static double bandwidth() {
    float[] from = new float[COPIED];
    float[] to = new float[COPIED];
    double best = Double.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      long began = System.nanoTime();
      System.arraycopy(from, 0, to, 0, COPIED);
      best = Math.min(best, (double) (System.nanoTime() - began));
    }
    return 2.0 * COPIED * Float.BYTES / best * 1e9;
  }

  /** Runs a step and notes how long it took; of several times the shortest counts, which the machine's other work disturbed least. */
  void time(int step, Runnable runnable) {
    long began = System.nanoTime();
    runnable.run();
    double taken = (System.nanoTime() - began) / 1e9;
    seconds[step] = seconds[step] == 0 ? taken : Math.min(seconds[step], taken);
  }

  private static double megabytes(Step step) {
    long floats = step.output().size() + step.inputs().stream().mapToLong(Buffer::size).sum();
    return floats * Float.BYTES / 1e6;
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
      double limit = Math.max(step.work() / multiplyAdds, megabytes(step) * 1e6 / bandwidth);
      all += taken;
      least += limit;
      text.append(String.format(Locale.ROOT, "%-26s %-38s %-8s %,14d %9.2f %9.3f %9.3f %8.1f %5.0f%%%n",
          step.path(), step.kernel(), step.output().layout().name().toLowerCase(Locale.ROOT), step.work(), megabytes(step),
          limit * 1e3, taken * 1e3, 2 * step.work() / taken / 1e9, 100 * limit / taken));
    }
    text.append(String.format(Locale.ROOT,
        "%d steps, %.2f ms, at least %.2f ms at %.0f GFLOP/s and %.1f GB/s, the limits of this machine;"
            + " %d more run on a change of the parameters alone%n",
        steps.size() - once, all * 1e3, least * 1e3, 2 * multiplyAdds / 1e9, bandwidth / 1e9, once));
    return text.toString();
  }
}
