package dev.fovea.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.cli.Cli;
import java.io.IOException;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The public API is that of the files in {@code api/}, and what breaks users since the last release is in the changelog.
 * {@code -Dfovea.api=write} rewrites the files, {@code release} makes them those of a release.
 */
class ApiTest {
  private static final Path ROOT = Cli.root();
  private static final String MODE = System.getProperty("fovea.api", "check");

  @TestFactory
  Stream<DynamicTest> filesRecordWhatModulesExport() {
    return PublicApi.modules().stream().map(module -> DynamicTest.dynamicTest(name(module), () -> check(module)));
  }

  @Test
  void everyFileHasItsModule() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("api"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(PublicApi.modules().stream().map(module -> name(module) + ".txt").toList());
    }
  }

  private static String name(ModuleReference module) {
    return module.descriptor().name();
  }

  private static void check(ModuleReference module) throws IOException {
    Path path = ROOT.resolve("api").resolve(name(module) + ".txt");
    SortedSet<String> api = PublicApi.of(module);
    String file = Files.exists(path) ? Files.readString(path) : "";
    String now = MODE.equals("release") ? ApiFile.released(name(module), api) : ApiFile.updated(name(module), file, api);
    if (!MODE.equals("check")) {
      Files.writeString(path, now);
    } else if (!now.equals(file)) {
      throw new AssertionError("""
          the API is not that of api/%s. Lines that are there and should not be:
          %s
          lines that are missing:
          %s
          mvn -q -Papi test rewrites the file""".formatted(path.getFileName(),
          String.join("\n", ApiFile.difference(file, now)),
          String.join("\n", ApiFile.difference(now, file))));
    }
    assertThat(ApiFile.unannounced(now, Files.readString(ROOT.resolve("CHANGELOG.md"))))
        .as("lines that break users since the last release: name their types in `code` under \"### Breaking\" in CHANGELOG.md")
        .isEmpty();
  }

  // ---- The check itself, on a type of its own

  /** What a user may implement. */
  interface Sample<T extends Comparable<T>> {
    int SIZE = 3;

    <E extends Exception> T first(Function<? super T, int[]> choice) throws E;

    default void gone() {}
  }

  private static final SortedSet<String> SAMPLE = PublicApi.of(Sample.class);
  private static final String RELEASE = ApiFile.released("m", SAMPLE);
  private static final String CHANGELOG = """
      ## Unreleased

      ### Breaking

      - %s

      ### Added

      - `Sample` in another part.

      ## 0.1

      ### Breaking

      - `Sample` of another release.
      """;

  private static SortedSet<String> sampleWithout(String part) {
    SortedSet<String> lines = new TreeSet<>(SAMPLE);
    lines.removeIf(line -> line.contains(part));
    assertThat(lines).hasSizeLessThan(SAMPLE.size());
    return lines;
  }

  @Test
  void aTypeHasALineAndEachOfItsMembers() {
    String name = "dev.fovea.api.ApiTest.Sample";
    assertThat(SAMPLE).containsExactly(
        name + " : abstract static interface<T extends Comparable<T>>",
        name + " public abstract <E extends Exception> T first(java.util.function.Function<? super T, int[]>) throws E",
        name + " public default void gone()",
        name + " public static final int SIZE");
  }

  @Test
  void aMethodThatWasRemovedMustBeInTheChangelog() {
    String file = ApiFile.updated("m", RELEASE, sampleWithout("gone()"));
    assertThat(ApiFile.difference(file, RELEASE)).containsExactly("- dev.fovea.api.ApiTest.Sample public default void gone()");
    assertThat(ApiFile.unannounced(file, CHANGELOG.formatted("Nothing.")))
        .containsExactly("dev.fovea.api.ApiTest.Sample public default void gone()");
    assertThat(ApiFile.unannounced(file, CHANGELOG.formatted("Sample, but not as code."))).isNotEmpty();
    assertThat(ApiFile.unannounced(file, CHANGELOG.formatted("`Sample.gone()` is no more."))).isEmpty();
  }

  @Test
  void whatIsAddedMustBeInTheFileAndBreaksOnlyThoseWhoImplement() {
    String before = ApiFile.released("m", sampleWithout("gone()"));
    String added = ApiFile.updated("m", before, SAMPLE);
    assertThat(added).isNotEqualTo(before).contains("\n+ dev.fovea.api.ApiTest.Sample public default void gone()\n");
    assertThat(ApiFile.breaks(added)).isEmpty();
    assertThat(ApiFile.breaks(ApiFile.updated("m", ApiFile.released("m", sampleWithout("first(")), SAMPLE))).hasSize(1);
    assertThat(ApiFile.breaks(ApiFile.updated("m", "", SAMPLE))).isEmpty();
  }

  @Test
  void removedLinesStayMarkedUntilTheRelease() {
    String gone = ApiFile.updated("m", RELEASE, sampleWithout("gone()"));
    assertThat(ApiFile.updated("m", gone, sampleWithout("gone()"))).isEqualTo(gone);
    assertThat(ApiFile.updated("m", gone, SAMPLE)).isEqualTo(RELEASE);
    assertThat(ApiFile.breaks(ApiFile.released("m", sampleWithout("gone()")))).isEqualTo(List.of());
  }
}
