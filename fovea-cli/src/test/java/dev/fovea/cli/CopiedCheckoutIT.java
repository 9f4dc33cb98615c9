package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The launcher of a built checkout that was copied, moved or damaged: it works as before, without further messages. Steps are in
 * shell, where names beyond ASCII are bytes, regardless of this JVM's locale.
 */
class CopiedCheckoutIT {
  private static final Map<String, String> UTF8 = Map.of("LC_ALL", "C.UTF-8");
  private static final Map<String, String> ASCII = Map.of("LC_ALL", "C");

  /** Has the folders of all tests; they copy {@code built}. */
  @TempDir
  private static Path folder;

  /** The output of an unchanged checkout. */
  private static Result expected = new Result(0, "", "");

  private record Result(int code, String out, String err) {}

  private static Result run(Map<String, String> environment, String script) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", "export JAVA=" + System.getProperty("java.home") + "/bin/java; " + script)
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroy();
    }
    return new Result(process.waitFor(), read("out"), read("err"));
  }

  private static String read(String file) throws IOException {
    return Files.readString(folder.resolve(file), StandardCharsets.UTF_8);
  }

  private static Result summary(String checkout, Map<String, String> environment) throws Exception {
    return run(environment, "\"" + checkout + "\"/fovea summary lenet5");
  }

  @BeforeAll
  static void copy() throws Exception {
    String root = Path.of(System.getProperty("fovea.root", "..")).toRealPath().toString();
    expected = summary(root, UTF8);
    assertThat(expected.code()).as(expected.err()).isZero();
    Result copied = run(Map.of("ROOT", root), """
        built=$PWD/built
        cd "$ROOT"
        for at in fovea jvm.options pom.xml build fovea-*/pom.xml fovea-*/src fovea-cli/target/lib fovea-cli/target/launcher/lib target/app-*; do
          [ ! -e "$at" ] || { mkdir -p "$built/$(dirname "$at")" && cp -r "$at" "$built/$at"; } || exit 1
        done
        """);
    assertThat(copied).isEqualTo(new Result(0, "", ""));
  }

  @ParameterizedTest(name = "{0}, LC_ALL={2}")
  @CsvSource(delimiter = '|', textBlock = """
      copied                     | true                                                                                   | C.UTF-8
      two  spaces                | rm target/app-*/classes.jsa                                                            | C
      x -> y                     | truncate -s 1000 target/app-*/fovea-core*.jar && mv fovea linked && ln -s linked fovea | C.UTF-8
      missing and empty          | rm target/app-*/picocli* && truncate -s 0 target/app-*/classes.jsa                     | C.UTF-8
      $(printf 'h\\303\\266he')  | true                                                                                   | C
      $(printf 'h\\303\\266he')  | rm target/app-*/fovea-cpu*                                                             | C.UTF-8
      a:b                        | true                                                                                   | C.UTF-8
      tomorrow                   | find . -name Rng.java -exec touch -t 203712312359 {} +                                 | C.UTF-8
      locked                     | ln -s 1 target/launcher.lock && rm -r target/app-*                                     | C.UTF-8
      """)
  void worksAsBefore(String name, String change, String locale) throws Exception {
    Result changed = run(UTF8, "cp -r built \"" + name + "\" && cd \"" + name + "\" && " + change);
    assertThat(changed).isEqualTo(new Result(0, "", ""));
    assertThat(summary(name, Map.of("LC_ALL", locale))).isEqualTo(expected);
    assertThat(summary(name, Map.of("LC_ALL", locale))).isEqualTo(expected);
    run(UTF8, "rm -r \"" + name + "\"");
  }

  @Test
  void twoLaunchersAtOnceWork() throws Exception {
    String both = """
        cp -r built both && rm both/target/app-*/jackson*
        both/fovea summary lenet5 >out1 2>err1 & both/fovea summary lenet5 >out2 2>err2
        wait $! && cmp out1 out2 && cat out1 && cat err1 err2 | sort -u >&2
        """;
    assertThat(run(UTF8, both)).isEqualTo(expected);
  }

  /** With a Maven that fails: checked is only that it was called. */
  @Test
  void changedSourceIsBuiltRegardlessOfDateAndSize() throws Exception {
    Result changed = run(UTF8, """
        mkdir maven && printf '#!/bin/sh\\nexit 1\\n' >maven/mvn && chmod +x maven/mvn && cp -r built other && cd other
        find . -name Rng.java -exec sed -i.old 's/class/clasp/' {} + -exec touch -t 202001010000 {} +
        PATH=../maven:$PATH ./fovea --version
        """);
    assertThat(changed.code()).isEqualTo(1);
    assertThat(changed.err()).contains("building", "the build failed");
    Result back = run(UTF8, "cd other && find . -name Rng.java -exec mv {}.old {} \\; && ./fovea summary lenet5");
    assertThat(back).isEqualTo(expected);
  }

  @Test
  void namesBeyondAsciiNeedNoLocale() throws Exception {
    Result named = run(ASCII, "built/fovea summary $(printf 'h\\303\\266he.safetensors')");
    assertThat(named.err()).contains("höhe.safetensors");
    Result without = run(ASCII, """
        $JAVA -p "$(echo built/target/app-* | sed 's/.* //')" -m dev.fovea.cli/dev.fovea.cli.Main summary $(printf 'h\\303\\266he')
        """);
    assertThat(without.code()).isEqualTo(2);
    assertThat(without.err()).contains("the locale's encoding", "LC_ALL=C.UTF-8");
  }
}
