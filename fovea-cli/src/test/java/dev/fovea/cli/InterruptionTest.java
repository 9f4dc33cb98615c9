package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in a process of its own that receives SIGTERM. */
class InterruptionTest {
  @TempDir
  private Path folder;

  private Process start(Path err, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules", "jdk.incubator.vector", "-cp",
        System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(words));
    command.addAll(List.of("--model", "logistic", "--data", "digits:600", "--classes", "3,8", "--epochs", "100000",
        "--schedule", "constant", "--out", folder.resolve("run").toString()));
    return new ProcessBuilder(command).redirectError(err.toFile()).redirectOutput(folder.resolve("out").toFile()).start();
  }

  /** Stops it in its third epoch and returns its messages. */
  private String stopped(String... words) throws IOException, InterruptedException {
    Path err = folder.resolve("err");
    Process process = start(err, words);
    try {
      while (process.isAlive() && !Files.readString(err).contains("epoch 3/")) {
        Thread.sleep(20);
      }
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String messages = Files.readString(err);
    assertThat(process.exitValue()).as(messages).isEqualTo(128 + 15);
    assertThat(messages).contains("; to resume").doesNotContain("\tat ");
    assertThat(folder.resolve("out")).isEmptyFile();
    return messages;
  }

  @Test
  void stopsWithACheckpointAndReportsHowToResume() throws IOException, InterruptedException {
    Path run = folder.resolve("run");
    assertThat(stopped("train")).endsWith("; to resume: fovea train --resume --out " + run + "\n");
    assertThat(folder.resolve("run").resolve("checkpoints")).isNotEmptyDirectory();
    assertThat(folder.resolve("run").resolve("model.safetensors")).isNotEmptyFile();
  }

  @Test
  @Tag("slow")
  void comparisonStopsInTheCurrentRun() throws IOException, InterruptedException {
    assertThat(stopped("compare", "--vary", "lr=0.01,0.02")).contains("run 1 of 2: lr=0.01",
        "fovea: stopped in 0.01 after step ", "; to resume, repeat the command with --out ").endsWith("run --resume\n");
    assertThat(folder.resolve("run").resolve("0.01").resolve("checkpoints")).isNotEmptyDirectory();
    assertThat(folder.resolve("run").resolve("compare.json")).isNotEmptyFile();
    assertThat(folder.resolve("run").resolve("0.02")).doesNotExist();
  }
}
