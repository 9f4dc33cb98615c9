package dev.fovea.bench;

import java.io.IOException;

/**
 * Starts JMH with its own options: {@code -h} lists them, part of a name selects benchmarks, {@code -rf json} writes the results.
 */
public final class Main {
  private Main() {}

  /** Runs the benchmarks that the arguments select, or all of them. */
  public static void main(String[] args) throws IOException {
    org.openjdk.jmh.Main.main(args);
  }
}
