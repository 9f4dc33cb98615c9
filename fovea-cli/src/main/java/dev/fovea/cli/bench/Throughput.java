package dev.fovea.cli.bench;

import dev.fovea.cli.console.Machine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The speed of a step, by the protocol of the comparison with other libraries: a warm-up of 0.3 x seconds and at least 2 steps,
 * then 5 windows of seconds/5. A window in which other processes took more than a tenth of the machine is measured again, for up
 * to twice the seconds. With fewer than 3 good windows all count, and the result is marked as disturbed.
 *
 * @param images images/s, the median of the windows
 * @param min images/s of the slowest window
 * @param max images/s of the fastest window
 * @param p50 milliseconds per step, the median of all steps
 * @param p90 milliseconds per step, the 90th percentile
 * @param windows the number of windows that count
 * @param dropped the number of windows that do not
 * @param others the share of the machine that other processes took, the median of the windows
 */
public record Throughput(
    double images, double min, double max, double p50, double p90, int windows, int dropped, double others,
    boolean disturbed) {
  private static final int WINDOWS = 5;
  private static final int MIN_WINDOWS = 3;
  private static final double MAX_OTHERS = 0.10;
  private static final double WARM_UP = 0.3;
  private static final int MIN_WARM_UP_STEPS = 2;

  private record Window(double images, double others, double[] milliseconds) {}

  public static Throughput of(Runnable step, int batch, double seconds) {
    long began = System.nanoTime();
    for (int n = 0; n < MIN_WARM_UP_STEPS || since(began) < WARM_UP * seconds; n++) {
      step.run();
    }
    long start = System.nanoTime();
    List<Window> all = new ArrayList<>();
    while (clean(all).size() < WINDOWS && (all.size() < MIN_WINDOWS || since(start) <= 2 * seconds)) {
      all.add(window(step, batch, seconds / WINDOWS));
    }
    List<Window> clean = clean(all);
    return clean.size() >= MIN_WINDOWS ? of(clean, all.size(), false) : of(all, all.size(), true);
  }

  private static Throughput of(List<Window> used, int all, boolean disturbed) {
    double[] images = used.stream().mapToDouble(Window::images).sorted().toArray();
    double[] others = used.stream().mapToDouble(Window::others).sorted().toArray();
    double[] times = used.stream().flatMapToDouble(w -> Arrays.stream(w.milliseconds)).sorted().toArray();
    return new Throughput(median(images), images[0], images[images.length - 1], times[times.length / 2],
        times[Math.min(times.length - 1, times.length * 9 / 10)], used.size(), all - used.size(), median(others), disturbed);
  }

  private static Window window(Runnable step, int batch, double seconds) {
    Optional<Machine.Busy> before = Machine.busy();
    double[] times = new double[1024];
    int steps = 0;
    long began = System.nanoTime();
    long last = began;
    while ((last - began) * 1e-9 < seconds) {
      step.run();
      long now = System.nanoTime();
      times = steps < times.length ? times : Arrays.copyOf(times, 2 * times.length);
      times[steps++] = (now - last) * 1e-6;
      last = now;
    }
    double length = (last - began) * 1e-9;
    double others = before.flatMap(b -> Machine.busy().map(a -> (a.machine() - b.machine()) - (a.own() - b.own()))).orElse(0.0);
    double share = Math.max(0, others / (length * Runtime.getRuntime().availableProcessors()));
    return new Window((double) steps * batch / length, share, Arrays.copyOf(times, steps));
  }

  private static List<Window> clean(List<Window> all) {
    return all.stream().filter(w -> w.others <= MAX_OTHERS).toList();
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static double since(long nanos) {
    return (System.nanoTime() - nanos) * 1e-9;
  }
}
