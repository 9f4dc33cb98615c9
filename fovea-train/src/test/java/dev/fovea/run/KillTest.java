package dev.fovea.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.data.Dataset;
import dev.fovea.data.Given;
import dev.fovea.data.Split;
import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.run.RunFolder.Mode;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Tiny;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
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
      RunConfig config = Tiny.config(byName);
      if (!byName.containsKey(SLOW)) {
        return Tiny.run(config);
      }
      Model model = Tiny.model(config.training().seed());
      Dataset images = Given.unloaded(new Slow(Tiny.images("slow", 160)), model.card().preprocessing());
      return TrainingRun.of(config, model, new Split(images, Tiny.images("validation", 20), Optional.empty()));
    }
  }

  /** The option of a run whose images are worth reading ahead. */
  private static final String SLOW = "slow";

  /** The steps after which images are read ahead. */
  private static final int AHEAD_FROM = 17;

  /** Images that take a millisecond each, and the threads that read them. */
  private record Slow(Dataset base) implements Dataset {
    static final Set<String> READERS = ConcurrentHashMap.newKeySet();

    @Override
    public String name() {
      return base.name();
    }

    @Override
    public int size() {
      return base.size();
    }

    @Override
    public List<String> classes() {
      return base.classes();
    }

    @Override
    public int label(int index) {
      return base.label(index);
    }

    @Override
    public Image image(int index) {
      READERS.add(Thread.currentThread().getName().replaceAll("[0-9]", ""));
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the loader was closed
      }
      return base.image(index);
    }

    @Override
    public Shape shape() {
      return base.shape();
    }
  }

  /**
   * The network has dropout, the optimizer momentum. With a frozen body and no augmentation its features are kept; slow images are read
   * ahead.
   */
  @ParameterizedTest
  @ValueSource(strings = {"hidden=6", "augment=flip,crop ema=0.9 accumulate=2", "freeze=body ema=0.9 clip-norm=1",
      "augment=flip,mixup(0.4) ema=0.9 slow=1"})
  void repeatedlyKilledRunGivesTheSameNetwork(String options) throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    Path run = folder.resolve("run");
    Slow.READERS.clear();
    Main.run(options).run(whole, Mode.NEW);
    boolean slow = options.contains(SLOW);
    assertThat(Slow.READERS.contains("fovea-loader-")).as("images were read ahead").isEqualTo(slow);
    Rng random = Rng.of(SEED).at(options);
    for (int kill = 0; kill < 3; kill++) {
      long before = newest(run);
      Process process = start(run, options);
      // Until it has made some steps, and a few milliseconds more, since the folder's writes follow each other quickly.
      while (process.isAlive() && newest(run) < before + (slow ? AHEAD_FROM : 1)) {
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

  /** The step of the last checkpoint. */
  private static long newest(Path run) {
    String[] names = run.resolve("checkpoints").toFile().list();
    return Stream.of(names == null ? new String[0] : names).filter(name -> name.startsWith("step-"))
        .mapToLong(name -> Long.parseLong(name.replaceAll("[^0-9]", ""))).max().orElse(0);
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
