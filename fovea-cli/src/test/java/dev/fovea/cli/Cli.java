package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.Precision;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The exit code and output of a command that ran in the test's own JVM. */
public record Cli(int code, String out, String err) {
  public static Cli run(Object... args) {
    // as in a process of its own: a command sets it for the whole process
    System.clearProperty(Precision.PROPERTY);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] texts = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      texts[i] = String.valueOf(args[i]);
    }
    try (PrintStream o = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream e = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      int code = Main.run(texts, o, e);
      return new Cli(code, text(out), text(err));
    }
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  /** Asserts exit code 0. */
  public Cli succeeds() {
    assertThat(code).as("exit code, with standard error:%n%s", err).isZero();
    return this;
  }

  /** Asserts an exit code, no output, and an error message of one line at the end of standard error, which it returns. */
  public String failsWith(int expected) {
    assertThat(code).as("exit code, with standard error:%n%s", err).isEqualTo(expected);
    List<String> lines = err.lines().toList();
    assertThat(lines).as("standard error").isNotEmpty();
    assertThat(lines.getLast()).startsWith("fovea: ");
    assertThat(lines.stream().filter(l -> l.startsWith("fovea: "))).as("standard error:%n%s", err).hasSize(1);
    assertThat(err).doesNotContain("\tat ", "Exception");
    assertThat(out).isEmpty();
    return lines.getLast();
  }

  /** The one line of standard output, as JSON. */
  JsonNode json() {
    assertThat(out).endsWith("\n");
    assertThat(out.lines()).hasSize(1);
    assertThat(out).isASCII();
    return JsonMapper.shared().readTree(out);
  }

  /** The project's root. */
  public static Path root() {
    return Path.of(System.getProperty("fovea.root", "..")).toAbsolutePath().normalize();
  }
}
