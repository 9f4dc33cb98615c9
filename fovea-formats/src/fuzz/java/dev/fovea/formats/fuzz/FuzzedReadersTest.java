package dev.fovea.formats.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lets a fuzzer change files for each reader, in a process for each, and prints a line for each. */
class FuzzedReadersTest {
  private static final int SECONDS = Integer.getInteger("fuzz.seconds");

  static Stream<Reader> readers() {
    List<String> chosen = List.of(System.getProperty("fuzz.readers").split(","));
    return Arrays.stream(Reader.values()).filter(reader -> chosen.contains("") || chosen.contains(reader.toString()));
  }

  @ParameterizedTest
  @MethodSource("readers")
  void everyInputIsReadOrRefusedInOneLine(Reader reader) throws IOException, InterruptedException {
    Fuzzer fuzzer = new Fuzzer(reader, Path.of(System.getProperty("fuzz.work")));
    Fuzzer.Result result = fuzzer.run(SECONDS);
    System.out.println(result);
    assertThat(result.findings()).as("files that are neither read nor refused as they should be").isEmpty();
    assertThat(result.executions()).as("see " + result.log()).isPositive();
  }
}
