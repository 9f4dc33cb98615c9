package dev.fovea.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.cli.Cli;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
  @TempDir
  private Path folder;

  @Test
  void reportsEnvironment() {
    Cli cli = Cli.run("doctor");
    assertThat(cli.out()).contains("java ", "engine ", "cores ", "memory ", "cache ",
        "images    PNG, JPEG, GIF, BMP, TIFF, WEBP");
    assertThat(cli.code()).isEqualTo(cli.out().contains("BAD ") ? 1 : 0);
  }

  @Test
  void theVectorEngineIsActiveHere() {
    assertThat(Cli.run("doctor").succeeds().out()).contains("ok    engine    vector: ").contains("idle: scalar: ");
  }

  @Test
  void oldJavaIsReported() {
    assertThat(DoctorCommand.java(Runtime.Version.parse("25.0.2+10"), "V").ok()).isFalse();
    assertThat(DoctorCommand.java(Runtime.Version.parse("25.0.2"), "V").text()).contains("expected 25.0.3 or later");
    assertThat(DoctorCommand.java(Runtime.Version.parse("25.0.3+9-LTS"), "V").ok()).isTrue();
    assertThat(DoctorCommand.java(Runtime.Version.parse("26"), "V").ok()).isTrue();
  }

  @Test
  void smallHeapIsReported() {
    assertThat(DoctorCommand.memory(256, OptionalDouble.empty()).ok()).isFalse();
    assertThat(DoctorCommand.memory(256, OptionalDouble.empty()).text()).contains("-Xmx");
    assertThat(DoctorCommand.memory(4096, OptionalDouble.of(16_000)).text())
        .isEqualTo("heap of at most 4096 MiB of the machine's 16000 MiB");
  }

  @Test
  void cacheBelowAFileIsReported() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "", StandardCharsets.UTF_8);
    assertThat(DoctorCommand.cache(file.resolve("fovea")).ok()).isFalse();
    assertThat(DoctorCommand.cache(folder.resolve("not/yet/there")).ok()).isTrue();
  }
}
