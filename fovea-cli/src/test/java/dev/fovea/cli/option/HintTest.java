package dev.fovea.cli.option;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.cli.Cli;
import dev.fovea.cli.command.FoveaCommand;
import dev.fovea.cli.console.Streams;
import dev.fovea.model.ProcessMemory;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Libraries do not know the command line's options; the command line adds them to their messages. */
class HintTest {
  private static final Pattern LITERAL = Pattern.compile("\"(?:[^\"\\\\\\n]|\\\\.)*\"");

  @TempDir
  private Path folder;

  @Test
  void folderInUseNamesOptions() {
    Path run = folder.resolve("run");
    Object[] train = {"train", "--model", "mlp", "--hidden", 4, "--data", "digits:100", "--steps", 1, "--out", run};
    Cli.run(train).succeeds();
    assertThat(Cli.run(train).failsWith(1)).isEqualTo(
        "fovea: " + run + ": already holds a run: resume it, overwrite it, or name another folder (--resume, --overwrite)");
  }

  @Test
  void damagedRunCanOnlyBeOverwritten() throws IOException {
    Path run = Files.createDirectory(folder.resolve("run"));
    Files.writeString(run.resolve("config.json"), "{}");
    assertThat(Cli.run("train", "--resume", "--out", run).failsWith(1)).endsWith("; overwrite it (--overwrite)");
  }

  @Test
  void heapErrorNamesVariable() {
    try {
      ProcessMemory.of(2, n -> Long.MAX_VALUE / 4 * n);
    } catch (FoveaException e) {
      assertThat(Hint.message(e)).endsWith(", or give the JVM more memory, as in -Xmx8g (FOVEA_JAVA_OPTS=-Xmx8g)");
      return;
    }
    throw new AssertionError("a batch too large for memory was not refused");
  }

  /** But for {@code check}, which is exported to the command line alone and examines its options. */
  @Test
  void librariesNameNoOption() throws IOException {
    Set<String> options = new TreeSet<>(Set.of("FOVEA_JAVA_OPTS"));
    collect(FoveaCommand.line(new Streams(System.out, System.err, false)), options);
    assertThat(options).contains("--resume", "--data", "--hidden");
    Pattern named = Pattern.compile("(?<![\\w-])(" + String.join("|", options) + ")(?![\\w-])");
    for (String module : new String[] {"fovea-core", "fovea-cpu", "fovea-zoo", "fovea-formats", "fovea-images", "fovea-train"}) {
      try (Stream<Path> files = Files.walk(Cli.root().resolve(module).resolve("src/main/java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java") && !f.toString().contains("/check/")).toList()) {
          assertThat(LITERAL.matcher(Files.readString(file)).results().map(MatchResult::group)
              .filter(text -> named.matcher(text).find())).as(file.toString()).isEmpty();
        }
      }
    }
  }

  private static void collect(CommandLine line, Set<String> options) {
    line.getCommandSpec().optionsMap().keySet().stream().filter(name -> name.startsWith("--")).forEach(options::add);
    line.getSubcommands().values().forEach(sub -> collect(sub, options));
  }
}
