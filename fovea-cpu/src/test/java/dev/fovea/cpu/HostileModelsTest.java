package dev.fovea.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Model files with extreme sizes: each is refused with a message of one line, or loaded, planned and run, by a JVM with a heap of
 * 64 MiB plus three times the size of the file.
 */
@Tag("slow")
class HostileModelsTest {
  /** Files up to this size share a JVM. */
  private static final long MAX_SHARED = 64 << 10;

  @TempDir
  private Path folder;

  @Test
  void eachIsRefusedOrRuns() throws IOException, InterruptedException {
    HostileModels.write(folder);
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.sorted(Comparator.comparing(Path::toString)).toList();
    }
    List<Path> small = new ArrayList<>();
    List<String> outcomes = new ArrayList<>();
    for (Path file : files) {
      if (Files.size(file) <= MAX_SHARED) {
        small.add(file);
      } else {
        outcomes.addAll(run(List.of(file), Files.size(file)));
      }
    }
    outcomes.addAll(run(small, 0));
    assertThat(outcomes).hasSameSizeAs(files).allMatch(line -> line.matches("[^:]+: (ran|refused: [^\\n]+)"));
    assertThat(outcomes).filteredOn(line -> line.endsWith(": ran")).extracting(line -> line.substring(0, line.indexOf(':')))
        .contains("relu-20000", "conv-10000", "pool-3000", "doubled", "far-strides");
  }

  private List<String> run(List<Path> files, long size) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + ((64L << 20) + 3 * size),
        "-XX:+UseParallelGC", "--add-modules", "jdk.incubator.vector", "-cp", System.getProperty("java.class.path"),
        HostileModels.class.getName()));
    files.forEach(file -> command.add(file.toString()));
    Path out = Files.createTempFile("hostile", ".txt");
    Process process =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try {
      // not a test of speed: a model that escapes the checks would run for hours
      assertThat(process.waitFor(60L + 10L * files.size(), TimeUnit.SECONDS)).as("%s finish in time", files).isTrue();
      return Files.readAllLines(out, StandardCharsets.UTF_8);
    } finally {
      process.destroyForcibly();
      Files.delete(out);
    }
  }
}
