package dev.fovea.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.run.RunFolder.Mode;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.train.Tiny;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run in its own process, which is killed without notice. */
@Tag("slow")
class KillTest {
  private static final long SEED = 11;

  @TempDir
  Path folder;

  /** The main method of the process: the tiny run with some options, slowed down by a checkpoint at each step. */
  static final class Main {
    private Main() {}

    public static void main(String[] args) {
      run(args[1]).checkpointEvery(Duration.ZERO).run(Path.of(args[0]), Mode.RESUME);
    }

    static TrainingRun run(String options) {
      Map<String, String> byName = new TreeMap<>();
      Stream.of(options.split(" ")).map(option -> option.split("=")).forEach(option -> byName.put(option[0], option[1]));
      return Tiny.run(Tiny.config(byName));
    }
  }

  /** The network has dropout, the optimizer momentum. With a frozen body and no augmentation its features are kept. */
  @ParameterizedTest
  @ValueSource(strings = {"hidden=6", "augment=flip,crop ema=0.9 accumulate=2", "freeze=body ema=0.9 clip-norm=1"})
  void repeatedlyKilledRunGivesTheSameNetwork(String options) throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    Path run = folder.resolve("run");
    Main.run(options).run(whole, Mode.NEW);
    Rng random = Rng.of(SEED).at(options);
    for (int kill = 0; kill < 3; kill++) {
      Process process = start(run, options);
      // Until it has begun, and a few milliseconds more, since the folder's writes follow each other quickly.
      while (process.isAlive() && !Files.exists(run.resolve("metrics.jsonl"))) {
        Thread.sleep(5);
      }
      process.waitFor(random.below(kill, 60), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
    }
    Process last = start(run, options);
    String errors = new String(last.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(last.waitFor()).as(errors).isZero();
    for (String file : List.of("model.safetensors", "best.safetensors")) {
      assertThat(Tiny.bits(run.resolve(file))).as("%s, seed %d", file, SEED).isEqualTo(Tiny.bits(whole.resolve(file)));
    }
    assertThat(Tiny.metrics(Files.readAllLines(run.resolve("metrics.jsonl"))))
        .isEqualTo(Tiny.metrics(Files.readAllLines(whole.resolve("metrics.jsonl"))));
  }

  /** A process that opens the folder and holds it until its input ends. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws IOException {
      try (RunFolder held = RunFolder.open(Path.of(args[0]), Mode.RESUME, Tiny.config())) {
        System.out.println(held.path());
        System.in.readAllBytes();
      }
    }
  }

  @Test
  void folderInWhichAnotherProcessTrainsIsRefused() throws IOException, InterruptedException {
    Path run = folder.resolve("held");
    Process process = start(Holder.class, run, ProcessBuilder.Redirect.PIPE);
    assertThat(process.getInputStream().read()).as("it has opened the folder").isNotNegative();
    assertThatThrownBy(() -> RunFolder.open(run, Mode.RESUME, Tiny.config()).close())
        .isInstanceOf(FoveaException.class)
        .hasMessage(run + ": a run is in progress in it: wait for its end, or name another folder");
    process.getOutputStream().close();
    assertThat(process.waitFor()).isZero();
    RunFolder.open(run, Mode.RESUME, Tiny.config()).close();
  }

  /** Whether its lock file was created again before another process came, or after. */
  @Test
  void deletedLockFileDoesNotAllowTwoRunsInAFolder() throws IOException, InterruptedException {
    Path run = folder.resolve("unlocked");
    try (RunFolder own = RunFolder.open(run, Mode.NEW, Tiny.config())) {
      Files.delete(run.resolve(".lock"));
      own.verifyLock();
      Process refused = start(Holder.class, run, ProcessBuilder.Redirect.PIPE);
      assertThat(refused.getErrorStream().readAllBytes()).asString(StandardCharsets.UTF_8)
          .contains(run + ": a run is in progress in it");
      Files.delete(run.resolve(".lock"));
      Process other = start(Holder.class, run, ProcessBuilder.Redirect.PIPE);
      assertThat(other.getInputStream().read()).as("it has opened the folder").isNotNegative();
      assertThatThrownBy(own::verifyLock).isInstanceOf(FoveaException.class)
          .hasMessageStartingWith(run + ": its file .lock was deleted, and another run has begun in it: this one stops");
      other.getOutputStream().close();
      assertThat(other.waitFor()).isZero();
    }
  }

  private static Process start(Path run, String options) throws IOException {
    return start(Main.class, run, ProcessBuilder.Redirect.DISCARD, options);
  }

  private static Process start(Class<?> main, Path run, ProcessBuilder.Redirect output, String... more) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "--add-modules",
        "jdk.incubator.vector",
        "-cp",
        System.getProperty("java.class.path"),
        main.getName(),
        run.toString()));
    command.addAll(List.of(more));
    return new ProcessBuilder(command).redirectOutput(output).start();
  }
}
