package dev.fovea.cli.console;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** The machine and this process, as far as the operating system reports them. */
public final class Machine {
  /** Clock ticks per second in /proc, on every Linux that Java runs on. */
  private static final double TICKS = 100;

  private static final int MAX_THREADS = 16;

  private Machine() {}

  /** The default number of threads of a command. */
  public static int threads() {
    return Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
  }

  /** Peak resident memory of this process in MiB; empty if the system does not report it. */
  public static OptionalDouble peakMemory() {
    return mebibytes("/proc/self/status", "VmHWM:");
  }

  /** The machine's memory in MiB; empty if the system does not report it. */
  public static OptionalDouble memory() {
    return mebibytes("/proc/meminfo", "MemTotal:");
  }

  /** The value of a line of a file in /proc, which counts in KiB. */
  private static OptionalDouble mebibytes(String file, String name) {
    return lines(file).stream()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
        .findFirst();
  }

  /**
   * CPU time in seconds.
   *
   * @param machine used so far by all processes, including time stolen from a virtual machine
   * @param own used so far by this process
   */
  public record Busy(double machine, double own) {}

  /** Empty if the system does not report it. */
  public static Optional<Busy> busy() {
    Optional<Duration> own = ProcessHandle.current().info().totalCpuDuration();
    List<String> stat = lines("/proc/stat");
    if (own.isEmpty() || stat.isEmpty()) {
      return Optional.empty();
    }
    // cpu user nice system idle iowait irq softirq steal guest guest_nice
    String[] words = stat.getFirst().split("\\s+", -1);
    double sum = 0;
    for (int i = 1; i <= 8; i++) {
      sum += i == 4 || i == 5 ? 0 : Double.parseDouble(words[i]);
    }
    return Optional.of(new Busy(sum / TICKS, own.get().toNanos() * 1e-9));
  }

  /** Seconds since the process was started, or since the epoch second {@code BENCH_T0} if the caller set that variable. */
  public static double secondsSinceStart() {
    Instant now = Instant.now();
    String given = System.getenv("BENCH_T0");
    if (given != null) {
      try {
        return now.getEpochSecond() + now.getNano() * 1e-9 - Double.parseDouble(given);
      } catch (NumberFormatException e) {
        // Then the system's figure counts.
      }
    }
    return sinceStart(lines("/proc/uptime"), lines("/proc/self/stat")).orElseGet(() -> {
      Instant start = ProcessHandle.current().info().startInstant().orElse(now);
      return Duration.between(start, now).toNanos() * 1e-9;
    });
  }

  /**
   * From Linux's uptime, in hundredths of a second: the start time in {@link ProcessHandle} is based on a whole second, and up to
   * one second too early.
   */
  static OptionalDouble sinceStart(List<String> uptime, List<String> stat) {
    if (uptime.isEmpty() || stat.isEmpty()) {
      return OptionalDouble.empty();
    }
    // the command's name, in brackets, may hold spaces
    String[] fields = stat.getFirst().substring(stat.getFirst().lastIndexOf(')') + 1).trim().split(" ", -1);
    try {
      return OptionalDouble.of(Double.parseDouble(uptime.getFirst().split(" ", -1)[0]) - Double.parseDouble(fields[19]) / TICKS);
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return OptionalDouble.empty();
    }
  }

  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return List.of();
    }
  }
}
