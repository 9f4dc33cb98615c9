package dev.fovea.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.data.Dataset;
import dev.fovea.data.Split;
import dev.fovea.format.SafeTensors;
import dev.fovea.image.Image;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.metric.Evaluator;
import dev.fovea.metric.Metrics;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.run.RunFolder.Mode;
import dev.fovea.run.TrainingRun.Outcome;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Tiny;
import dev.fovea.train.TrainEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
  private static final int STEPS = 18;

  @TempDir
  Path folder;

  private Path whole;
  private Path run;

  /** Simulates the death of a process. */
  private static final class Death extends Error {
    private static final long serialVersionUID = 1L;
  }

  @BeforeEach
  void name() {
    whole = folder.resolve("whole");
    run = folder.resolve("run");
  }

  @Test
  void finishedRunHoldsEverything() throws IOException {
    Outcome.Finished finished = (Outcome.Finished) Tiny.run().run(run, Mode.NEW);
    try (Stream<Path> files = Files.walk(run)) {
      assertThat(files.map(f -> run.relativize(f).toString())).containsExactlyInAnyOrder("", ".lock", "config.json",
          "metrics.jsonl", "report.html", "model.safetensors", "best.safetensors", "checkpoints",
          "checkpoints/step-000000012.safetensors", "checkpoints/step-000000018.safetensors");
    }
    JsonFile config = JsonFile.read(run.resolve("config.json"));
    assertThat(RunResult.of(config.object("result"))).isEqualTo(finished.result());
    assertThat(finished.result().fingerprint()).isEqualTo(finished.model().parameters().fingerprint());
    assertThat(finished.result().testSet()).isEqualTo("tiny:test");
    assertThat(finished.test().count()).isEqualTo(20);
    assertThat(config.text("data_fingerprint")).isEqualTo(Tiny.split().train().fingerprint());
    try (SafeTensors model = SafeTensors.read(run.resolve("model.safetensors"))) {
      assertThat(String.valueOf(model.metadata())).contains("data_fingerprint", "learning_rate", "trained_steps", "cosine");
    }
  }

  /** The last epoch's metrics are those of the run, since its network is the run's. */
  @Test
  void nothingIsEvaluatedTwice() {
    List<String> evaluated = new ArrayList<>();
    List<Metrics> epochs = new ArrayList<>();
    Consumer<TrainEvent> notes = event -> {
      if (event instanceof TrainEvent.Evaluating m && m.images() == m.of()) {
        evaluated.add(m.data());
      } else if (event instanceof TrainEvent.EpochDone e) {
        epochs.add(e.validation());
      }
    };
    Tiny.run().listen(notes).run(run, Mode.NEW);
    assertThat(evaluated).containsExactly("tiny:validation", "tiny:validation", "tiny:validation", "tiny:test");
    evaluated.clear();
    Split untested = new Split(Tiny.split().train(), Tiny.split().validation(), Optional.empty());
    TrainingRun without = TrainingRun.of(Tiny.config(), Tiny.model(7), untested).listen(notes);
    Outcome.Finished finished = (Outcome.Finished) without.run(folder.resolve("untested"), Mode.NEW);
    assertThat(evaluated).containsExactly("tiny:validation", "tiny:validation", "tiny:validation");
    assertThat(finished.test()).isEqualTo(epochs.getLast()).isEqualTo(Evaluator.of(finished.model(), 1)
        .evaluate(Tiny.split().validation()));
  }

  /** Interrupted after the last epoch, it resumes with the missing evaluations. */
  @Test
  void evaluationIsRepeatedAfterAnInterruption() throws IOException {
    Tiny.run().run(whole, Mode.NEW);
    assertThatThrownBy(() -> Tiny.run().listen(event -> {
      if (event instanceof TrainEvent.Finished) {
        throw new Death();
      }
    }).run(run, Mode.NEW)).isInstanceOf(Death.class);
    Tiny.run().run(run, Mode.RESUME);
    assertSameRun("cut off before the test");
    assertThat(Files.readString(run.resolve("report.html")).replace(run.toString(), whole.toString()))
        .isEqualTo(Files.readString(whole.resolve("report.html")));
  }

  @Test
  void failedStartLeavesNoFolder() {
    Card two = new Card("tiny", List.of("a", "b"), Tiny.model(1).card().preprocessing(), Map.of());
    Model other = Model.create(Sequential.of(new Flatten(), Linear.of(2)), two, 1);
    assertThatThrownBy(() -> TrainingRun.of(Tiny.config(), other, Tiny.split()).run(run, Mode.NEW))
        .hasMessageContaining("has 3 classes, the network has 2");
    assertThat(run).doesNotExist();
    Split defective = new Split(new Defective(), Tiny.split().validation(), Optional.empty());
    assertThatThrownBy(() -> TrainingRun.of(Tiny.config(), Tiny.model(1), defective).run(run, Mode.NEW))
        .isInstanceOf(Death.class);
    assertThat(run).doesNotExist();
  }

  /** A data set that fails with an unexpected exception. */
  private static final class Defective implements Dataset {
    @Override
    public String name() {
      return "defective";
    }

    @Override
    public int size() {
      return 3;
    }

    @Override
    public List<String> classes() {
      return Tiny.CLASSES;
    }

    @Override
    public int label(int index) {
      return index;
    }

    @Override
    public Image image(int index) {
      throw new Death();
    }

    @Override
    public Shape shape() {
      return Shape.of(1, 4, 4);
    }

    @Override
    public String fingerprint() {
      return "none";
    }
  }

  /** A run resumes with its own initial weights, not with a changed file. */
  @Test
  void initialWeightsArePartOfTheRun() {
    RunConfig tiny = Tiny.config();
    RunConfig from = new RunConfig(tiny.network(), Map.of(RunConfig.INIT, "old/model.safetensors"), tiny.data(), tiny.epochs(), 0,
        tiny.training());
    Model model = Tiny.model(3);
    String begun = model.parameters().fingerprint();
    TrainingRun.of(from, model, Tiny.split()).run(run, Mode.NEW);
    assertThat(JsonFile.read(run.resolve("config.json")).text("init_fingerprint")).isEqualTo(begun);
    assertThat(model.parameters().fingerprint()).isNotEqualTo(begun);
    assertThat(RunFolder.configOf(run).describe()).containsEntry("init_fingerprint", begun);
    assertThat(RunFolder.configOf(run).command(run)).contains(" --init old/model.safetensors ");
    assertThat(TrainingRun.of(from, Tiny.model(3), Tiny.split()).run(run, Mode.RESUME))
        .isInstanceOf(Outcome.AlreadyFinished.class);
    assertThatThrownBy(() -> TrainingRun.of(from, Tiny.model(4), Tiny.split()).run(run, Mode.RESUME))
        .hasMessageContaining("the run was started with init_fingerprint " + begun);
    assertThatThrownBy(() -> Tiny.run().run(run, Mode.RESUME)).hasMessageContaining("init old/model.safetensors, now (none)");
  }

  @Test
  void metricsHaveALinePerEpochAndTheBestIsKept() throws IOException {
    Tiny.run().run(run, Mode.NEW);
    List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
    assertThat(lines).hasSize(3);
    double best = -1;
    for (int i = 0; i < lines.size(); i++) {
      JsonFile line = JsonFile.parse("line", lines.get(i));
      assertThat(line.integer("epoch")).isEqualTo(i + 1);
      assertThat(line.longInteger("step")).isEqualTo(6L * (i + 1));
      assertThat(line.number("train_loss")).isPositive();
      assertThat(line.number("seconds")).isPositive();
      assertThat(line.number("images_per_s")).isPositive();
      assertThat(line.text("fingerprint")).hasSize(64);
      best = Math.max(best, line.number("validation_accuracy"));
    }
    RunResult result = RunResult.of(JsonFile.read(run.resolve("config.json")).object("result"));
    assertThat(result.best().score()).isEqualTo(best);
    assertThat(JsonFile.parse("line", lines.get(result.best().epoch() - 1)).number("validation_accuracy")).isEqualTo(best);
  }

  @Test
  void finishedRunDoesNothing() {
    Outcome.Finished finished = (Outcome.Finished) Tiny.run().run(run, Mode.NEW);
    assertThat(Tiny.run().listen(_ -> {
      throw new Death();
    }).run(run, Mode.RESUME)).isEqualTo(new Outcome.AlreadyFinished(finished.result()));
    assertThatThrownBy(() -> Tiny.run().run(run, Mode.NEW)).isInstanceOf(FolderInUseException.class)
        .extracting(e -> ((FolderInUseException) e).modes()).isEqualTo(List.of(Mode.RESUME, Mode.OVERWRITE));
    assertThat(Tiny.run().run(run, Mode.OVERWRITE)).isInstanceOf(Outcome.Finished.class);
  }

  @Test
  @Tag("slow")
  void stoppedAfterAnyStepResumesToTheSameFiles() {
    Tiny.run().run(whole, Mode.NEW);
    for (int stop = 0; stop < STEPS; stop += 5) {
      int[] left = {stop};
      Outcome stopped = Tiny.run().stopWhen(() -> left[0]-- == 0).run(run, Mode.OVERWRITE);
      assertThat(stopped).isEqualTo(new Outcome.Stopped(stop, STEPS));
      assertThat(Tiny.run().run(run, Mode.RESUME)).isInstanceOf(Outcome.Finished.class);
      assertSameRun("stopped after step " + stop);
    }
  }

  @Test
  @Tag("slow")
  void killedAfterAnyEventResumesToTheSameFiles() {
    List<TrainEvent> events = new ArrayList<>();
    Tiny.run().listen(events::add).run(whole, Mode.NEW);
    events.removeIf(TrainingRunTest::isMinor);
    for (int death = 0; death < events.size(); death++) {
      die(death, death % 2 == 0 ? Duration.ZERO : Duration.ofDays(1));
      assertThat(Tiny.run().run(run, Mode.RESUME)).isInstanceOf(Outcome.Finished.class);
      assertSameRun("dead after event " + death);
    }
  }

  @Test
  void killedBetweenMetricsAndCheckpointHasNoDuplicateLine() throws IOException {
    Tiny.run().run(whole, Mode.NEW);
    die(14, Duration.ofDays(1));
    assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(2);
    Files.delete(run.resolve("checkpoints/step-000000012.safetensors"));
    Tiny.run().run(run, Mode.RESUME);
    assertSameRun("second epoch recorded twice");
  }

  @Test
  void damagedCheckpointFallsBackToThePrevious() throws IOException {
    Tiny.run().run(whole, Mode.NEW);
    die(16, Duration.ZERO);
    Path last = run.resolve("checkpoints/step-000000014.safetensors");
    byte[] bytes = Files.readAllBytes(last);
    Files.write(last, Arrays.copyOf(bytes, bytes.length / 2));
    List<String> messages = new ArrayList<>();
    List<TrainEvent> events = new ArrayList<>();
    Tiny.run().messages(messages::add).listen(events::add).run(run, Mode.RESUME);
    assertThat(messages).singleElement().asString().startsWith(last.toString()).endsWith("using the previous one");
    assertThat(((TrainEvent.Started) events.getFirst()).state().step()).isEqualTo(13);
    assertSameRun("after a damaged checkpoint");
    assertThat(last).doesNotExist();
  }

  @Test
  void runWithOnlyDamagedCheckpointsIsNotRestartedByDefault() throws IOException {
    die(8, Duration.ZERO);
    try (Stream<Path> files = Files.list(run.resolve("checkpoints"))) {
      for (Path file : files.toList()) {
        Files.writeString(file, "?");
      }
    }
    assertThatThrownBy(() -> Tiny.run().run(run, Mode.RESUME))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("all of its checkpoints are damaged");
  }

  @Test
  void deletedLockIsRecreatedAndReplacedLockEndsTheRun() throws IOException {
    Path lock = run.resolve(".lock");
    Tiny.run().listen(event -> {
      if (event instanceof TrainEvent.StepDone done) {
        assertThat(lock).as("before step %d", done.step()).exists();
        delete(lock);
      }
    }).run(run, Mode.NEW);
    TrainingRun invaded = Tiny.run().checkpointEvery(Duration.ofDays(1)).listen(event -> {
      if (event instanceof TrainEvent.StepDone done && done.step() == 8) {
        delete(lock);
        assertThatCode(() -> Files.createFile(lock)).doesNotThrowAnyException();
      }
    });
    assertThatThrownBy(() -> invaded.run(run, Mode.OVERWRITE)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("another run has begun in it: this one stops");
    try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
      assertThat(checkpoints).as("what it wrote before").containsExactly(run.resolve("checkpoints/step-000000006.safetensors"));
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void checkpointsAreWrittenAtIntervals() {
    List<Path> seen = new ArrayList<>();
    Tiny.run().checkpointEvery(Duration.ZERO).listen(event -> {
      if (event instanceof TrainEvent.StepDone) {
        try (Stream<Path> files = Files.list(run.resolve("checkpoints"))) {
          seen.addAll(files.toList());
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
    }).run(run, Mode.NEW);
    // One after the first step, then always two.
    assertThat(seen).hasSize(2 * STEPS - 1);
  }

  /** Events after which nothing is written. */
  private static boolean isMinor(TrainEvent event) {
    return event instanceof TrainEvent.Evaluating || event instanceof TrainEvent.Examined;
  }

  /** Trains until this event, not counting minor ones: the number of those of evaluations depends on the engine. */
  private void die(int event, Duration checkpoints) {
    int[] left = {event};
    TrainingRun dying = Tiny.run().checkpointEvery(checkpoints).listen(e -> {
      if (!isMinor(e) && left[0]-- == 0) {
        throw new Death();
      }
    });
    assertThatThrownBy(() -> dying.run(run, Mode.OVERWRITE)).isInstanceOf(Death.class);
  }

  private void assertSameRun(String how) {
    for (String file : List.of("model.safetensors", "best.safetensors")) {
      assertThat(Tiny.bits(run.resolve(file))).as("%s: %s", how, file).isEqualTo(Tiny.bits(whole.resolve(file)));
    }
    assertThat(metrics(run)).as(how).isEqualTo(metrics(whole)).hasSize(3);
    assertThat(JsonFile.read(run.resolve("config.json"))).as(how)
        .isEqualTo(new JsonFile(run.resolve("config.json").toString(), JsonFile.read(whole.resolve("config.json")).node()));
  }

  private static List<String> metrics(Path folder) {
    try {
      return Tiny.metrics(Files.readAllLines(folder.resolve("metrics.jsonl")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
