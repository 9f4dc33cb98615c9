package dev.fovea.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.run.RunFolder.Mode;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.Tiny;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  @TempDir
  Path folder;

  private Path run;

  @BeforeEach
  void name() {
    run = folder.resolve("runs/first");
  }

  @Test
  void newFolderIsCreatedWithConfiguration() {
    try (RunFolder opened = RunFolder.open(run, Mode.NEW, Tiny.config())) {
      assertThat(opened.result()).isEmpty();
      assertThat(opened.latest(_ -> {})).isEmpty();
      assertThat(RunFolder.configOf(run)).isEqualTo(Tiny.config());
    }
  }

  @Test
  void existingRunIsNotOverwrittenByDefault() {
    RunFolder.open(run, Mode.NEW, Tiny.config()).close();
    assertRefused(Mode.NEW, Tiny.config(), "already holds a run: resume it, overwrite it, or name another");
  }

  @Test
  void folderOfOtherFilesIsRefusedInEveryModeAndUnchanged() throws IOException {
    Files.createDirectories(run);
    Files.writeString(run.resolve("holiday.png"), "mine");
    for (Mode mode : Mode.values()) {
      assertRefused(mode, Tiny.config(), "holds other files (holiday.png) and no run");
    }
    try (Stream<Path> files = Files.list(run)) {
      assertThat(files).containsExactly(run.resolve("holiday.png"));
    }
  }

  @Test
  void fileInsteadOfFolderIsRefused() throws IOException {
    Files.createDirectories(folder.resolve("runs"));
    Files.writeString(run, "mine");
    assertRefused(Mode.OVERWRITE, Tiny.config(), "is a file, expected a folder");
  }

  @Test
  void folderThatCannotBeCreatedIsRefusedByCheck() throws IOException {
    Files.writeString(folder.resolve("runs"), "mine");
    assertThatThrownBy(() -> RunFolder.check(run, Mode.NEW)).isInstanceOf(FoveaException.class)
        .hasMessage(
            run + ": cannot be created, " + folder.resolve("runs") + " is a file, expected a folder: name another folder");
    RunFolder.check(folder.resolve("a/b/c"), Mode.NEW);
    assertThat(folder.resolve("a")).doesNotExist();
  }

  @Test
  void emptyFolderIsAccepted() throws IOException {
    Files.createDirectories(run);
    RunFolder.open(run, Mode.NEW, Tiny.config()).close();
    assertThat(run.resolve("config.json")).exists();
  }

  @Test
  void resumeWithOtherSettingsReportsTheFirst() {
    RunFolder.open(run, Mode.NEW, Tiny.config()).close();
    RunConfig.Training slower = new RunConfig.Training(8, "sgd", 0.1, 0.9, 1e-3, "cosine", 0, 7, 1);
    RunConfig other = new RunConfig("tiny", Map.of("hidden", "6"), "tiny", 3, 0, slower);
    assertRefused(Mode.RESUME, other, "was started with learning_rate 0.2, now 0.1");
    RunConfig wider = new RunConfig("tiny", Map.of(), "tiny", 3, 0, slower);
    assertRefused(Mode.RESUME, wider, "was started with hidden 6, now (none)");
  }

  @Test
  void resumeWithOtherThreadsIsTheSameRun() {
    RunFolder.open(run, Mode.NEW, Tiny.config()).close();
    RunConfig.Training threads = new RunConfig.Training(8, "sgd", 0.2, 0.9, 1e-3, "cosine", 0, 7, 4);
    RunFolder.open(run, Mode.RESUME, new RunConfig("tiny", Map.of("hidden", "6"), "tiny", 3, 0, threads)).close();
    assertThat(RunFolder.configOf(run)).isEqualTo(Tiny.config());
  }

  @Test
  void resumeWithoutRunStartsOne() {
    RunFolder.open(run, Mode.RESUME, Tiny.config()).close();
    assertThat(RunFolder.configOf(run)).isEqualTo(Tiny.config());
  }

  @Test
  void overwritingDeletesTheRunAndNothingElse() throws IOException {
    RunFolder.open(run, Mode.NEW, Tiny.config()).close();
    Files.writeString(run.resolve("notes.txt"), "mine");
    Files.writeString(run.resolve("best.safetensors"), "old");
    Files.writeString(run.resolve("checkpoints/step-000000003.safetensors"), "old");
    try (RunFolder opened = RunFolder.open(run, Mode.OVERWRITE, Tiny.config())) {
      assertThat(opened.latest(_ -> {})).isEmpty();
      assertThat(opened.bestFile()).doesNotExist();
      assertThat(run.resolve("notes.txt")).exists();
    }
  }

  @Test
  void secondRunInTheSameFolderIsRefused() {
    try (RunFolder opened = RunFolder.open(run, Mode.NEW, Tiny.config())) {
      assertThat(opened.path()).isEqualTo(run);
      assertRefused(Mode.RESUME, Tiny.config(), "a run is in progress in it");
    }
    RunFolder.open(run, Mode.RESUME, Tiny.config()).close();
  }

  @Test
  void temporaryFilesOfADeadProcessAreRemoved() throws IOException {
    Files.createDirectories(run.resolve("checkpoints"));
    Files.delete(run.resolve("checkpoints"));
    Files.writeString(run.resolve(".fovea-123-0.tmp"), "half");
    RunFolder.open(run, Mode.NEW, Tiny.config()).close();
    assertThat(run.resolve(".fovea-123-0.tmp")).doesNotExist();
  }

  @Test
  void damagedConfigurationIsReported() throws IOException {
    RunFolder.open(run, Mode.NEW, Tiny.config()).close();
    String whole = Files.readString(run.resolve("config.json"));
    String noSeed = whole.replace("\"seed\"", "\"sead\"");
    for (String damaged : new String[] {"", "[]", "{", whole.replace("0.2", "\"fast\""), noSeed, whole + "x"}) {
      Files.writeString(run.resolve("config.json"), damaged);
      assertRefused(Mode.RESUME, Tiny.config(), "config.json: is damaged");
    }
  }

  @Test
  void byteOrderMarkIsSkipped() throws IOException {
    RunFolder.open(run, Mode.NEW, Tiny.config()).close();
    for (String file : new String[] {"config.json", "metrics.jsonl"}) {
      String text = Files.exists(run.resolve(file)) ? Files.readString(run.resolve(file)) : "";
      Files.writeString(run.resolve(file), "\uFEFF" + text);
    }
    RunFolder.open(run, Mode.RESUME, Tiny.config()).close();
    assertThat(MetricsFile.read(run.resolve("metrics.jsonl")).epochs()).isEmpty();
  }

  @Test
  void modelOfARunIsItsLastNetwork() throws IOException {
    Path file = folder.resolve("net.safetensors");
    assertThatThrownBy(() -> RunFolder.modelFile(file)).hasMessage(
        file + ": no such file: name a model file, or the folder of a run");
    Files.writeString(file, "");
    assertThat(RunFolder.modelFile(file)).isEqualTo(file);
    assertThatThrownBy(() -> RunFolder.modelFile(folder))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("no model.safetensors");
    Files.writeString(folder.resolve("model.safetensors"), "");
    assertThat(RunFolder.modelFile(folder)).isEqualTo(folder.resolve("model.safetensors"));
    assertThatThrownBy(() -> RunFolder.configOf(folder)).isInstanceOf(FoveaException.class).hasMessageContaining("holds no run");
  }

  private void assertRefused(Mode mode, RunConfig config, String message) {
    assertThatThrownBy(() -> RunFolder.open(run, mode, config).close())
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining(run.toString())
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }
}
