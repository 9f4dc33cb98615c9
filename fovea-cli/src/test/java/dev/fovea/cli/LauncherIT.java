package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The packaged command line through its launcher, on the module path, as users run it. */
class LauncherIT {
  private static final Path ROOT = Path.of(System.getProperty("fovea.root", ".."));
  private static final List<String> RUN = List.of("train", "--model", "lenet5", "--data", "digits:600", "--seed", "9");

  @TempDir
  private Path folder;

  private record Result(int code, String out, String err) {}

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(ROOT.resolve("fovea").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private Result run(Map<String, String> environment, String... arguments) throws Exception {
    int code = start(environment, arguments).waitFor();
    return new Result(code, read("out"), read("err"));
  }

  private String read(String file) throws IOException {
    return Files.readString(folder.resolve(file), StandardCharsets.UTF_8);
  }

  private byte[] trained(String out, Map<String, String> environment, String... more) throws Exception {
    Result result = run(environment, arguments(out, more));
    assertThat(result.code()).as(result.err()).isZero();
    return Files.readAllBytes(folder.resolve(out).resolve("model.safetensors"));
  }

  private static String[] arguments(String out, String... more) {
    List<String> all = new ArrayList<>(RUN);
    all.addAll(List.of("--out", out));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void helpIsOnStandardOutputAndErrorsAreNot() throws Exception {
    assertThat(run(Map.of(), "--help").out()).contains("train", "evaluate", "predict");
    Result mistake = run(Map.of(), "trian");
    assertThat(mistake.code()).isEqualTo(2);
    assertThat(mistake.out()).isEmpty();
    assertThat(mistake.err()).contains("train");
  }

  @Test
  void classesComeFromAnArchiveThatIsOptional() throws Exception {
    assertThat(run(Map.of("FOVEA_JAVA_OPTS", "-Xlog:class+load"), "--version").out())
        .contains("dev.fovea.cli.Main source: shared objects file");
    String plain = run(Map.of(), "--version").out();
    assertThat(plain).startsWith("fovea").hasLineCount(1);
    for (String option : List.of("-XX:ObjectAlignmentInBytes=8", "-XX:-UseCompressedOops", "-XX:SharedArchiveFile=none")) {
      assertThat(run(Map.of("FOVEA_JAVA_OPTS", option), "--version").out()).as(option).isEqualTo(plain);
    }
  }

  @Test
  void theVectorEngineIsActive() throws Exception {
    assertThat(run(Map.of(), "doctor").out()).contains("vector");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:MaxVectorSize=16", "-XX:MaxVectorSize=32", "-XX:UseAVX=2", "-Dfovea.backend=scalar"})
  void anyVectorWidthGivesTheSameBytes(String option) throws Exception {
    byte[] expected = trained("plain", Map.of(), "--threads", "1", "--epochs", "1");
    assertThat(trained("other", Map.of("FOVEA_JAVA_OPTS", option), "--threads", "3", "--epochs", "1")).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench lenet5 --mode train --seconds 0.1", "bench lenet5 --mode infer --seconds 0.1",
      "train --model lenet5 --data digits:1200 --epochs 1 --overwrite --out largest"})
  void largestReportedBatchFitsInASmallHeap(String command) throws Exception {
    Map<String, String> small = Map.of("FOVEA_JAVA_OPTS", "-Xmx96m");
    Result refused = run(small, (command + " --batch-size 20000").split(" ", -1));
    assertThat(refused.code()).as(refused.err()).isEqualTo(1);
    Matcher largest = Pattern.compile("a batch of \\d+ needs .* the largest that fits is (\\d+),").matcher(refused.err());
    assertThat(largest.find()).as(refused.err()).isTrue();
    Result fits = run(small, (command + " --batch-size " + largest.group(1)).split(" ", -1));
    assertThat(fits.code()).as(fits.err()).isZero();
  }

  @Test
  void plannedPeakIsCloseToMeasuredPeak() throws Exception {
    Result result =
        run(Map.of(), "bench", "mlp", "--hidden", "6000,3000", "--batch-size", "64", "--seconds", "1", "--json");
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode json = JsonMapper.shared().readTree(result.out());
    assumeTrue(json.has("peak_rss_mib"), "this system does not report a process's peak");
    assertThat(json.get("planned_peak_mib").asDouble() / json.get("peak_rss_mib").asDouble()).as(result.out()).isBetween(0.9,
        1.1);
  }

  /** A short form of bin/kill-and-resume: killed early, in the middle and late. */
  @Test
  void killedRunResumesToTheSameBytes() throws Exception {
    long began = System.nanoTime();
    byte[] expected = trained("alone", Map.of(), "--epochs", "3");
    long lasted = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    for (int percent : new int[] {30, 60, 85}) {
      String out = "killed" + percent;
      Process run = start(Map.of(), arguments(out, "--epochs", "3"));
      boolean ended = run.waitFor(lasted * percent / 100, TimeUnit.MILLISECONDS);
      assertThat(run.destroyForcibly().waitFor()).as("ended by itself: %s", ended).isIn(0, 137);
      assertThat(trained(out, Map.of(), "--epochs", "3", "--resume")).as("killed at %d %%", percent).isEqualTo(expected);
    }
  }
}
