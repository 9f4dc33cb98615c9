package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.cli.bench.Throughput;
import dev.fovea.cli.console.Machine;
import dev.fovea.formats.onnx.Onnx;
import dev.fovea.graph.Precision;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class BenchCommandTest {
  @Test
  void trainingAndInferenceAreMeasured() {
    for (String mode : new String[] {"train", "infer"}) {
      JsonNode json = Cli.run("bench", "lenet5", "--mode", mode, "--batch-size", 4, "--threads", 2, "--seconds", "0.5", "--json")
          .succeeds().json();
      assertThat(json.get("images_per_s").asDouble()).isPositive().isBetween(json.get("min").asDouble(),
          json.get("max").asDouble());
      assertThat(json.get("ms_p90").asDouble()).isGreaterThanOrEqualTo(json.get("ms_p50").asDouble());
      assertThat(json.get("parameters").asLong()).isEqualTo(61_706);
      assertThat(json.get("batch").asInt()).isEqualTo(4);
      assertThat(json.get("windows").asInt()).isGreaterThanOrEqualTo(3);
      assertThat(json.get("mode").asString()).isEqualTo(mode);
      assertThat(json.get("planned_peak_mib").asLong()).isPositive();
      assertThat(json.has("peak_rss_mib")).isEqualTo(Machine.peakMemory().isPresent());
    }
  }

  /** So that the speed of a file and that of its network can be compared. */
  @Test
  void fileOfTheZoosNetworkHasItsBatchSize(@TempDir Path folder) {
    Path file = folder.resolve("mlp.onnx");
    Card card = new Card("mlp", List.of("a", "b"), Preprocessing.of(Shape.of(1, 8, 8), Fit.STRETCH), Map.of());
    Onnx.write(Model.create(Sequential.of(new Flatten(), Linear.of(2)), card, 1), file);
    assertThat(Cli.run("bench", file, "--mode", "infer", "--seconds", "0.1", "--json").succeeds().json().get("batch").asInt())
        .isEqualTo(64);
    assertThat(Cli.run("bench", file, "--mode", "cold", "--json").succeeds().json().get("batch").asInt()).isEqualTo(1);
  }

  @Test
  void coldReportsSecondsToFirstPrediction() {
    JsonNode json = Cli.run("bench", "mlp", "--hidden", "8", "--mode", "cold", "--json").succeeds().json();
    assertThat(json.get("cold_s").asDouble()).isPositive();
    assertThat(json.get("batch").asInt()).isEqualTo(1);
    assertThat(json.get("parameters").asLong()).isEqualTo(784 * 8 + 8 + 80 + 10);
  }

  @Test
  @Tag("slow")
  void tooLargeBatchIsRefusedWithLargestThatFits() {
    for (String mode : new String[] {"train", "infer"}) {
      assertThat(Cli.run("bench", "resnet18", "--mode", mode, "--batch-size", 2_000_000).failsWith(1))
          .containsPattern(
              "a batch of 2000000 needs more than arrays can have of memory, [\\d,]+ MiB are left: the largest that fits"
                  + " is [1-9]\\d*, or give the JVM more memory");
    }
  }

  @Test
  void textHasOneLinePerFigure() {
    assertThat(Cli.run("bench", "logistic", "--seconds", "0.1", "--threads", 1).succeeds().out())
        .contains("\nimages_per_s     ", "\nms_p50           ", "\nparameters       785\n");
  }

  @Test
  void throughputIsMedianOfWindows() {
    int[] steps = {0};
    Throughput t = Throughput.of(() -> steps[0]++, 10, 0.05);
    assertThat(steps[0]).isGreaterThan(7);
    assertThat(t.images()).isBetween(t.min(), t.max());
    assertThat(t.p50()).isLessThanOrEqualTo(t.p90());
    assertThat(t.windows() + t.dropped()).isGreaterThanOrEqualTo(3);
  }

  @Test
  @Tag("slow")
  void planListsCostOfEachStep() {
    for (String mode : List.of("train", "infer")) {
      assertThat(Cli.run("bench", "lenet5", "--mode", mode, "--batch-size", 16, "--seconds", "0.1", "--plan").succeeds().out())
          .contains("nchw16n.conv+relu", "nchw16n.gemm", "GFLOP/s", "roofline");
    }
  }

  @Test
  @Tag("slow")
  void exactPrecisionUsesNoWinograd() {
    String[] words = {"bench", "INPUT -> CONV 32 -> CONV 32 -> FC", "--input", "3x64x64", "--mode", "infer", "--batch-size", "1",
        "--seconds", "0.1"};
    try {
      assertThat(Cli.run(with(words, "--plan")).succeeds().out()).contains("nchw16c.winograd");
      assertThat(Cli.run(with(words, "--plan", "--precision", "exact")).succeeds().out())
          .contains("nchw16c.conv").doesNotContain("winograd");
      assertThat(Cli.run(with(words, "--json", "--precision", "exact")).succeeds().json().get("precision").asString())
          .isEqualTo("exact");
    } finally {
      System.clearProperty(Precision.PROPERTY);
    }
    assertThat(Cli.run("bench", "lenet5", "--precision", "exakt").failsWith(2))
        .isEqualTo(
            "fovea: --precision: there is no 'exakt': did you mean exact? Available: fast, exact (see fovea bench --help)");
  }

  private static Object[] with(String[] words, String... more) {
    return Stream.concat(Arrays.stream(words), Arrays.stream(more)).toArray();
  }
}
