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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in its own process, which is killed without notice. */
@Tag("slow")
class KillTest {
  private static final long SEED = 11;

  @TempDir
  Path folder;

  /** The main method of the process: the tiny run, slowed down by a checkpoint at each step. */
  static final class Main {
    private Main() {}

    public static void main(String[] args) {
      Tiny.run().checkpointEvery(Duration.ZERO).run(Path.of(args[0]), Mode.RESUME);
    }
  }

  @Test
  void repeatedlyKilledRunGivesTheSameNetwork() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    Path run = folder.resolve("run");
    Tiny.run().run(whole, Mode.NEW);
    Rng random = Rng.of(SEED);
    for (int kill = 0; kill < 4; kill++) {
      Process process = start(run);
      // Until it has begun, and a few milliseconds more, since the folder's writes follow each other quickly.
      while (process.isAlive() && !Files.exists(run.resolve("metrics.jsonl"))) {
        Thread.sleep(5);
      }
      process.waitFor(random.below(kill, 60), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
    }
    Process last = start(run);
    String errors = new String(last.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(last.waitFor()).as(errors).isZero();
    assertThat(Tiny.bits(run.resolve("model.safetensors")))
        .as("seed %d", SEED)
        .isEqualTo(Tiny.bits(whole.resolve("model.safetensors")));
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

  private static Process start(Path run) throws IOException {
    return start(Main.class, run, ProcessBuilder.Redirect.DISCARD);
  }

  private static Process start(Class<?> main, Path run, ProcessBuilder.Redirect output) throws IOException {
    return new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "--add-modules",
        "jdk.incubator.vector",
        "-cp",
        System.getProperty("java.class.path"),
        main.getName(),
        run.toString())
        .redirectOutput(output)
        .start();
  }
}
