package dev.fovea.bench;

import java.io.IOException;

/** Starts JMH with its own options: {@code -h} lists them, a name's part picks benchmarks, {@code -rf json} writes the numbers. */
public final class Main {
  private Main() {}

  /** Runs the benchmarks that the arguments pick, or all of them. */
  public static void main(String[] args) throws IOException {
    org.openjdk.jmh.Main.main(args);
  }
}
