package dev.fovea.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.data.Datasets;
import dev.fovea.data.Given;
import dev.fovea.data.Split;
import dev.fovea.data.UnreadableImages;
import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.run.RunFolder.Mode;
import dev.fovea.run.TrainingRun.Outcome;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.DivergedException;
import dev.fovea.train.Tiny;
import dev.fovea.train.TrainEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that cannot go on: one line says why, and the last good checkpoint is as it was. */
class FailingRunTest {
  @TempDir
  Path folder;

  private Path run;
  private Path whole;

  @BeforeEach
  void name() {
    run = folder.resolve("run");
    whole = folder.resolve("whole");
  }

  /** After that step, with a checkpoint at each step that does not end an epoch. */
  private TrainingRun after(long step, Consumer<TrainEvent.StepDone> action) {
    return Tiny.run().checkpointEvery(Duration.ZERO).listen(event -> {
      if (event instanceof TrainEvent.StepDone done && done.step() == step) {
        action.accept(done);
      }
    });
  }

  private List<String> checkpoints() throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("checkpoints"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void resumeGivesTheSameNetwork() {
    Tiny.run().run(whole, Mode.NEW);
    assertThat(Tiny.run().run(run, Mode.RESUME)).isInstanceOf(Outcome.Finished.class);
    assertThat(Tiny.bits(run.resolve("model.safetensors"))).isEqualTo(Tiny.bits(whole.resolve("model.safetensors")));
  }

  /** The parameters become NaN between two steps, as by gradients that overflow. */
  private TrainingRun poisoned(long step, TrainEvent[] started) {
    return after(step, _ -> {
      float[] values = ((TrainEvent.Started) started[0]).model().parameters().values();
      Arrays.fill(values, Float.NaN);
    }).listen(event -> started[0] = event instanceof TrainEvent.Started ? event : started[0]);
  }

  @Test
  void divergedRunKeepsItsLastGoodCheckpoint() throws IOException {
    assertThatThrownBy(() -> poisoned(8, new TrainEvent[1]).run(run, Mode.NEW)).isInstanceOf(DivergedException.class)
        .hasMessageMatching(
            "step 9: the loss is NaN at a learning rate of 0\\.1\\d+, training has diverged; the first value that is"
                + " not finite is in the parameter hidden.weight: use a smaller learning rate");
    assertThat(checkpoints()).containsExactly("step-000000007.safetensors", "step-000000008.safetensors");
    assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(1);
    resumeGivesTheSameNetwork();
  }

  /** They become so in the step after which a checkpoint is due. */
  @Test
  void parametersThatAreNotFiniteAreNeverWritten() throws IOException {
    Model model = Tiny.model(Tiny.config().training().seed());
    assertThatThrownBy(() -> Tiny.trainer(model).listen(event -> {
      if (event instanceof TrainEvent.StepDone done) {
        Path file = folder.resolve("step" + done.step());
        done.checkpoint().write(file);
        model.parameters().values()[0] = done.step() == 2 ? Float.POSITIVE_INFINITY : 0;
        model.parameters().changed();
        if (done.step() == 2) {
          done.checkpoint().write(file);
        }
      }
    }).fit(Tiny.split().train(), Tiny.split().validation())).isInstanceOf(DivergedException.class)
        .hasMessage(
            "step 2: after it the parameter hidden.weight is not finite, training has diverged: use a smaller learning rate");
    assertThat(Tiny.bits(folder.resolve("step2")).get("parameters/hidden.weight"))
        .doesNotContain(Float.floatToIntBits(Float.POSITIVE_INFINITY));
  }

  /** A file in the place of a folder fails for every user, also for the superuser. */
  @Test
  void checkpointThatCannotBeWrittenEndsTheRunInOneLine() throws IOException {
    Path checkpoints = run.resolve("checkpoints");
    Path moved = run.resolve("moved");
    assertThatThrownBy(() -> after(7, _ -> replace(checkpoints, moved)).run(run, Mode.NEW)).isInstanceOf(FoveaException.class)
        .hasMessage(checkpoints.resolve("step-000000008.safetensors") + ": cannot be written: Not a directory");
    Files.delete(checkpoints);
    Files.move(moved, checkpoints);
    assertThat(checkpoints()).containsExactly("step-000000006.safetensors", "step-000000007.safetensors");
    resumeGivesTheSameNetwork();
  }

  private static void replace(Path checkpoints, Path moved) {
    try {
      Files.move(checkpoints, moved);
      Files.createFile(checkpoints);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void folderThatWasRemovedEndsTheRunInOneLine() {
    assertThatThrownBy(() -> after(7, _ -> replace(run, folder.resolve("elsewhere"))).run(run, Mode.NEW))
        .isInstanceOf(FoveaException.class).message().isNotBlank().doesNotContain("\n").startsWith(run.toString());
  }

  /** Images that do not fit into memory are read in each epoch. */
  @Test
  void removedImageEndsTheRunInOneLine() throws IOException {
    Path images = folder.resolve("images");
    for (String part : List.of("train", "val")) {
      for (int c = 0; c < 3; c++) {
        Path of = Files.createDirectories(images.resolve(part).resolve("row" + c));
        for (int i = 0; i < 6; i++) {
          byte[] pixels = new byte[16];
          Arrays.fill(pixels, 4 * c, 4 * c + 4, (byte) (200 + i));
          new Image(4, 4, 1, pixels).write(of.resolve(i + ".png"));
        }
      }
    }
    Path victim = images.resolve("train/row1/3.png");
    Split split = Datasets.open("images:" + images);
    Split unloaded =
        new Split(Given.unloaded(split.train(), Tiny.model(7).card().preprocessing()), split.validation(), Optional.empty());
    TrainingRun training = TrainingRun.of(Tiny.config(), Tiny.model(7), unloaded).checkpointEvery(Duration.ZERO);
    byte[] bytes = Files.readAllBytes(victim);
    assertThatThrownBy(() -> training.listen(event -> {
      if (event instanceof TrainEvent.EpochDone done && done.epoch() == 1) {
        try {
          Files.delete(victim);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }).run(run, Mode.NEW)).isInstanceOf(UnreadableImages.class).hasMessage(victim + ": no such file");
    assertThat(checkpoints()).isNotEmpty().contains("step-000000003.safetensors");
    Files.write(victim, bytes);
    assertThat(training.run(run, Mode.RESUME)).isInstanceOf(Outcome.Finished.class);
  }
}
