package dev.fovea.run;

import dev.fovea.tensor.FoveaException;
import dev.fovea.train.Tiny;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The files of a small run, and their readers. */
public final class RunFiles {
  public static final String CONFIG = "config.json";
  public static final String METRICS = RunFolder.METRICS;

  private RunFiles() {}

  /** Made for the seeds alone: the fuzzer's own process would take long to train. */
  private static final class Run {
    static final Path FOLDER = folder();

    private static Path folder() {
      try {
        Path folder = Files.createTempDirectory("seed").resolve("run");
        Tiny.run(Tiny.config(Map.of("augment", "flip", "ema", "0.9"))).run(folder, RunFolder.Mode.NEW);
        return folder;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** A file of the run. */
  public static byte[] run(String name) throws IOException {
    return Files.readAllBytes(Run.FOLDER.resolve(name));
  }

  public static byte[] checkpoint() throws IOException {
    try (Stream<Path> files = Files.list(Run.FOLDER.resolve("checkpoints"))) {
      return Files.readAllBytes(files.findFirst().orElseThrow());
    }
  }

  /** Reads a run's configuration and result, and what is made of it. */
  public static void config(Path folder) {
    RunConfig config = RunFolder.configOf(folder);
    Objects.requireNonNull(config.title() + config.command(folder) + config.describe());
    try {
      config.check();
    } catch (FoveaException e) {
      // a message on a setting, whose place is the command line
    }
    if (config.difference(config).isPresent()) {
      throw new AssertionError("differs from itself");
    }
    JsonFile json = JsonFile.read(folder.resolve(CONFIG));
    Optional.of(json).filter(each -> each.has("result")).ifPresent(each -> RunResult.of(each.object("result")));
  }

  public static void metrics(Path file) {
    MetricsFile metrics = MetricsFile.read(file);
    metrics.epochs();
    metrics.findings();
    metrics.seconds();
  }
}
