package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class TuneCommandTest {
  @TempDir
  private Path parent;

  private Path folder;

  @BeforeEach
  void name() {
    folder = parent.resolve("tuned");
  }

  /** Runs tune with the options of the line and a folder to write to. */
  private Cli tune(String line) {
    return Cli.run(Stream.concat(Stream.of("tune", "--data", "digits:200", "--model", "mlp", "--hidden", "8", "--out", folder),
        Stream.of(line.split(" ", -1))).toArray());
  }

  private String refused(String line) {
    String message = tune(line).failsWith(2);
    assertThat(folder).doesNotExist();
    return message;
  }

  @Test
  @Tag("slow")
  void bestTrialIsTheRunOfThePrintedCommand() throws IOException {
    Cli cli = tune("--space lr=0.01..0.3 --space batch-size=16,32 --trials 4 --eta 2 --epochs 4").succeeds();
    List<String> lines = cli.out().lines().toList();
    assertThat(lines).hasSize(6);
    assertThat(lines.getFirst()).matches("rank +accuracy +loss +epochs  trial  settings");
    assertThat(lines.get(1)).matches("1 +[01]\\.\\d{4} +\\d\\.\\d{4} +4 +\\d  lr=0\\.\\d+ batch-size=\\d\\d");
    assertThat(cli.err()).contains("4 trials to epoch 1, 2 trials to epoch 2, 1 trial to epoch 4: lr=0.01..0.3 log"
        + " batch-size=16,32, into " + folder, "trial 1 of 4, rung 1 of 3", "left in all",
        "table, curves and what mattered: " + folder.resolve("tune.html"));
    assertThat(lines.getLast()).startsWith("fovea train --model mlp --data digits:200 ").endsWith(" --out " + folder + "-best");
    Object[] command = Stream.of(lines.getLast().split(" ", -1)).skip(1).toArray();
    String own = Cli.run(command).succeeds().out();
    JsonNode json = tune("--space lr=0.01..0.3 --space batch-size=16,32 --trials 4 --eta 2 --epochs 4 --resume --json").succeeds()
        .json();
    int best = json.get("best").get("trial").asInt();
    assertThat(own).contains(json.get("runs").get(best - 1).get("fingerprint").stringValue());
    assertThat(json.get("influence").get(0).get("option").stringValue()).isEqualTo("lr");
    assertThat(Files.readString(folder.resolve("tune.html"))).contains("Parallel coordinates");
    assertThat(tune("--space lr=0.01..0.3 --trials 4 --eta 2 --epochs 4 --resume").failsWith(1)).contains("holds another tuning");
    assertThat(tune("--space lr=0.01..0.3 --trials 4 --eta 2 --epochs 4").failsWith(1)).contains("--resume", "--overwrite");
  }

  @Test
  @Tag("slow")
  void withoutSpaceLearningRateAndWeightDecayAreSearched() {
    Cli cli = tune("--trials 2 --epochs 2 --search random --json").succeeds();
    JsonNode plan = cli.json().get("plan");
    assertThat(plan.get("lr").stringValue()).matches("[-0-9.E+]+\\.\\.[-0-9.E+]+ log");
    assertThat(plan.get("weight-decay").stringValue()).isEqualTo("0.00001..0.01 log");
    assertThat(plan.get("search").stringValue()).isEqualTo("random, seed 1");
    assertThat(cli.err()).containsPattern("learning rate range test: \\S+ is suggested");
    JsonNode given = tune("--trials 2 --epochs 2 --lr 0.1 --json --overwrite").succeeds().json();
    assertThat(given.get("plan").get("lr").stringValue()).isEqualTo("0.1");
  }

  @Test
  void rangeTestPrintsPointsAndSuggestionAndSavesNothing() throws IOException {
    Path page = parent.resolve("rates.html");
    Object[] command = {"tune", "--lr-range", "--data", "digits:200", "--model", "mlp", "--html", page};
    List<String> lines = Cli.run(command).succeeds().out().lines().toList();
    assertThat(lines.getFirst()).isEqualTo("learning rate        loss    smoothed");
    assertThat(lines.get(1)).matches(" +1\\.000e-06 +\\d\\.\\d{4} +\\d\\.\\d{4}");
    assertThat(lines.getLast())
        .matches("suggestion: 0\\.\\d+, where the loss falls fastest; a tenth of where it is least: 0\\.\\d+");
    assertThat(Files.readString(page)).contains("log10 of the learning rate", "steepest");
    try (Stream<Path> files = Files.list(parent)) {
      assertThat(files).containsExactly(page);
    }
    JsonNode json = Cli.run("tune", "--lr-range", "--data", "digits:200", "--model", "mlp", "--json").succeeds().json();
    assertThat(json.get("points").size()).isEqualTo(lines.size() - 2);
    // mlp's recipe has 0.1; with digits of 7 batches per epoch a test of 30 steps is coarse
    assertThat(json.get("suggestion").asDouble()).isBetween(1e-3, 3.0);
  }

  @Test
  void wrongUsageIsRefusedBeforeTraining() {
    assertThat(refused("--space lr")).contains("--space: expected an option of fovea train and its values");
    assertThat(refused("--space lr=0.1")).contains("--space: lr: expected two or more values");
    assertThat(refused("--space lrr=0.1,0.2")).contains("--space: expected an option of fovea train", "did you mean lr?");
    assertThat(refused("--space out=a,b")).contains("--space: expected an option of fovea train");
    assertThat(refused("--space lr=0.1..0.2 --lr 0.3")).contains("--lr: is the option that --space varies: leave it out");
    assertThat(refused("--space batch-size=0,4 --trials 2"))
        .contains("--space: --batch-size: expected an integer, 1 or more, got 0");
    assertThat(refused("--space batch-size=1,2")).contains("--trials: the search space has 2 combinations");
    assertThat(refused("--lr 0.1 --weight-decay 0")).contains("say what to search");
    assertThat(refused("--space lr=0.1..0.2 --trials 1")).contains("--trials: expected an integer from 2 to 1000, got 1");
    assertThat(refused("--space lr=0.1..0.2 --html x.html")).contains("--html: is the page of --lr-range");
    assertThat(refused("--lr-range")).contains("--out: has no meaning with --lr-range");
    assertThat(tune("--space lr=0.1..0.2 --epochs 1").failsWith(1)).contains("2 epochs or more, got 1");
    assertThat(tune("--space lr=0.1..0.2 --epochs 3 --steps 4").failsWith(1)).contains("leave out steps");
    assertThat(folder).doesNotExist();
  }

  @Test
  void otherFilesAreNotTouched() throws IOException {
    Files.createDirectory(folder);
    Files.writeString(folder.resolve("thesis.txt"), "mine");
    assertThat(tune("--space lr=0.1..0.2 --overwrite").failsWith(1)).contains("holds other files (thesis.txt) and no tuning");
    assertThat(folder).isDirectoryNotContaining("glob:**/tune.json");
  }
}
