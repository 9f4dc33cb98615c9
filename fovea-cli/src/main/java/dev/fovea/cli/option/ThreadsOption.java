package dev.fovea.cli.option;

import dev.fovea.cli.console.Machine;
import picocli.CommandLine.Option;

/** The number of threads. */
public final class ThreadsOption {
  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Converters.Threads.class,
      description = "Number of threads that compute; a data set is read on all processors. Results do not depend on it. Default: one per"
          + " processor, at most 16.")
  private int threads = Machine.threads();

  public int count() {
    return threads;
  }
}
