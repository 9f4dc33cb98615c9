package dev.fovea.testkit.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Lets a fuzzer change files for each reader of a module, in a process for each, and prints a line for each. */
public abstract class FuzzedReaders {
  private static final int SECONDS = Integer.getInteger("fuzz.seconds");

  private final List<? extends FuzzedReader> readers;

  protected FuzzedReaders(FuzzedReader... readers) {
    this.readers = List.of(readers);
  }

  /** None, if those that were chosen are of other modules. */
  @TestFactory
  Stream<DynamicTest> everyInputIsReadOrRefusedInOneLine() {
    List<String> chosen = List.of(System.getProperty("fuzz.readers").split(","));
    return readers.stream().filter(reader -> chosen.contains("") || chosen.contains(reader.title()))
        .map(reader -> DynamicTest.dynamicTest(reader.title(), () -> check(reader)));
  }

  private static void check(FuzzedReader reader) throws IOException, InterruptedException {
    Fuzzer fuzzer = new Fuzzer(reader, Path.of(System.getProperty("fuzz.work")));
    Fuzzer.Result result = fuzzer.run(SECONDS);
    System.out.println(result);
    assertThat(result.findings()).as("files that are neither read nor refused as they should be").isEmpty();
    assertThat(result.executions()).as("see " + result.log()).isPositive();
  }
}
