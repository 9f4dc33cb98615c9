package dev.fovea.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Datasets;
import dev.fovea.data.Split;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.metric.EpochMetrics;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.report.ReportTest;
import dev.fovea.run.Comparison.Outcome;
import dev.fovea.run.ComparisonResult.Statistics;
import dev.fovea.run.ComparisonResult.Variant;
import dev.fovea.run.RunFolder.Mode;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.train.Tiny;
import dev.fovea.train.TrainEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
  private static final String DIVERGES = "1e30";

  @TempDir
  Path parent;

  private Path folder;

  /** The runs that were trained, by their first events. */
  private final List<String> begun = new ArrayList<>();

  @BeforeEach
  void name() {
    folder = parent.resolve("compared");
  }

  private static RunConfig config(String rate, long seed) {
    RunConfig.Training training = new RunConfig.Training(8, "sgd", Double.parseDouble(rate), 0.9, 1e-3, "cosine", 0, seed, 1);
    return new RunConfig("tiny", Map.of("hidden", "6"), "tiny", 3, 0, training);
  }

  private Comparison.Run run(String rate, long seed, Supplier<Split> data) {
    RunConfig config = config(rate, seed);
    return new Comparison.Run(rate, config, () -> TrainingRun.of(config, Tiny.model(seed), data.get()).listen(event -> {
      if (event instanceof TrainEvent.Started) {
        begun.add(rate + "/" + seed);
      }
    }));
  }

  private Comparison comparison(List<Long> seeds, String... rates) {
    return Comparison.of("lr", seeds.stream().flatMap(s -> Stream.of(rates).map(r -> run(r, s, Tiny::split))).toList());
  }

  private ComparisonResult finished(Comparison comparison, Mode mode) {
    return ((Outcome.Finished) comparison.run(folder, mode)).result();
  }

  private static List<String> fingerprints(ComparisonResult result) {
    return result.variants().stream().flatMap(v -> v.runs().stream()).map(ComparisonResult.Run::fingerprint).toList();
  }

  private List<String> files() {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private JsonFile json() {
    return JsonFile.read(folder.resolve("compare.json"));
  }

  @Test
  void eachVariantIsAnOrdinaryRun() {
    ComparisonResult result = finished(comparison(List.of(7L), "0.1", "0.2"), Mode.NEW);
    assertThat(files()).containsExactly(".lock", "0.1", "0.2", "compare.html", "compare.json");
    RunResult alone =
        ((TrainingRun.Outcome.Finished) TrainingRun.of(config("0.2", 7), Tiny.model(7), Tiny.split())
            .run(parent.resolve("alone"), Mode.NEW)).result();
    Variant second = result.variants().get(1);
    assertThat(second.runs().getFirst().result()).hasValue(alone);
    assertThat(second.score()).isEqualTo(new Statistics(1, alone.best().score(), Double.NaN));
    List<EpochMetrics> curve = MetricsFile.read(folder.resolve("0.2/metrics.jsonl")).epochs();
    assertThat(second.finalLoss().mean()).isEqualTo(curve.getLast().validationLoss());
    assertThat(second.curve()).isEqualTo(curve).hasSize(3);
  }

  @Test
  void tableHasALinePerVariantInGivenOrder() {
    ComparisonResult result = finished(comparison(List.of(7L), "0.2", "0.1"), Mode.NEW);
    List<String> lines = result.table().lines().toList();
    assertThat(lines.getFirst()).isEqualTo("lr     accuracy  final loss       time  fingerprint");
    assertThat(lines.get(1)).matches("0\\.2 +[01]\\.\\d{4} +\\d\\.\\d{4} +\\d+\\.\\d s  [0-9a-f]{12}");
    assertThat(lines.get(2)).startsWith("0.1  ").endsWith(fingerprints(result).get(1));
    assertThat(lines).hasSize(3);
  }

  @Test
  void jsonHasEveryValue() {
    ComparisonResult result = finished(comparison(List.of(7L), "0.1", DIVERGES), Mode.NEW);
    assertThat(JsonFile.parse("line", result.json()).node()).isEqualTo(json().node());
    assertThat(result.json()).doesNotContain("\n");
    assertThat(json().text("vary")).isEqualTo("lr");
    JsonFile first = json().objects("variants").getFirst();
    RunResult run = result.variants().getFirst().runs().getFirst().result().orElseThrow();
    assertThat(first.text("value")).isEqualTo("0.1");
    assertThat(first.number("accuracy")).isEqualTo(run.best().score());
    assertThat(first.object("settings").text("optimizer")).isEqualTo("sgd");
    JsonFile of = first.objects("runs").getFirst();
    assertThat(of.text("state")).isEqualTo("finished");
    assertThat(of.text("folder")).isEqualTo("0.1");
    assertThat(of.longInteger("seed")).isEqualTo(7);
    assertThat(of.text("fingerprint")).isEqualTo(run.fingerprint());
    assertThat(of.number("test_accuracy")).isEqualTo(run.testAccuracy());
    assertThat(json().objects("variants").get(1).objects("runs").getFirst().text("state")).isEqualTo("diverged");
  }

  @Test
  void divergedRunIsARowAndDoesNotEndTheComparison() throws IOException {
    List<String> messages = new ArrayList<>();
    ComparisonResult result =
        finished(comparison(List.of(7L), DIVERGES, "0.1").messages(messages::add), Mode.NEW);
    long step = result.variants().getFirst().runs().getFirst().divergedAt().orElseThrow();
    assertThat(result.table().lines().toList().get(1)).isEqualTo("1e30  diverged at step " + step);
    assertThat(step).isBetween(2L, 18L);
    assertThat(result.variants().get(1).score().count()).isOne();
    assertThat(messages).anyMatch(m -> m.startsWith("lr=1e30: step " + step + ": the loss is "));
    assertThat(Files.readString(folder.resolve("compare.html"))).contains("<td colspan=\"4\">diverged at step " + step + "</td>");
  }

  @Test
  @Tag("slow")
  void severalSeedsGiveMeanAndStd() {
    ComparisonResult result = finished(comparison(List.of(7L, 8L, 9L), "0.1", "0.2"), Mode.NEW);
    assertThat(begun).containsExactly("0.1/7", "0.2/7", "0.1/8", "0.2/8", "0.1/9", "0.2/9");
    assertThat(folder.resolve("0.1/seed-8/model.safetensors")).isNotEmptyFile();
    Variant first = result.variants().getFirst();
    assertThat(first.runs()).extracting(ComparisonResult.Run::seed).containsExactly(7L, 8L, 9L);
    double[] losses = first.runs().stream().mapToDouble(ComparisonResult.Run::finalLoss).toArray();
    assertThat(first.finalLoss()).isEqualTo(Statistics.of(losses));
    assertThat(first.curve().getLast().validationLoss()).isCloseTo(first.finalLoss().mean(), within(1e-12));
    assertThat(result.table().lines().toList().getFirst()).endsWith("fingerprint (seed 7)");
    assertThat(result.table().lines().toList().get(1)).matches("0\\.1( +\\d\\.\\d{4} \\+- \\d\\.\\d{4}){2} .*");
    assertThat(json().objects("variants").getFirst().number("accuracy_std")).isEqualTo(first.score().std());
    JsonFile former = JsonFile.parse("compare.json", result.json().replace("_std\"", "_deviation\""));
    assertThat(ComparisonResult.planOf(former).plan()).isEqualTo(result.plan());
  }

  @Test
  void divergedSeedIsExcludedFromTheMeanAndReported() {
    List<Comparison.Run> runs = new ArrayList<>();
    runs.add(run("0.1", 7, Tiny::split));
    Comparison.Run bad = run(DIVERGES, 8, Tiny::split);
    runs.add(new Comparison.Run("0.1", bad.config(), bad.training()));
    ComparisonResult result = finished(Comparison.of("lr", runs), Mode.NEW);
    assertThat(result.variants()).singleElement().extracting(v -> v.score().count()).isEqualTo(1);
    assertThat(result.table().lines().toList().get(1)).matches(".*[0-9a-f]{12}  seed 8 diverged at step \\d+");
  }

  @Test
  void stdIsTheSampleStd() {
    assertThat(Statistics.of(1, 2, 3)).isEqualTo(new Statistics(3, 2, 1));
    assertThat(Statistics.of(5)).isEqualTo(new Statistics(1, 5, Double.NaN));
    assertThat(Statistics.of()).isEqualTo(new Statistics(0, Double.NaN, Double.NaN));
  }

  @Test
  @Tag("slow")
  void stoppedComparisonResumesToTheSameResultWithoutRepetition() {
    List<String> whole = fingerprints(finished(comparison(List.of(7L), "0.1", DIVERGES, "0.2"), Mode.NEW));
    for (int stop = 0; stop < 40; stop += 5) {
      int[] left = {stop};
      begun.clear();
      Outcome outcome =
          comparison(List.of(7L), "0.1", DIVERGES, "0.2").stopWhen(() -> left[0]-- <= 0).run(folder, Mode.OVERWRITE);
      if (outcome instanceof Outcome.Stopped(String value, long step, long totalSteps)) {
        assertThat(begun).last().isEqualTo(value + "/7");
        assertThat(step).isLessThan(totalSteps).isLessThanOrEqualTo(stop);
      }
      int before = begun.size();
      boolean firstWasDone = before > 1;
      assertThat(fingerprints(finished(comparison(List.of(7L), "0.1", DIVERGES, "0.2"), Mode.RESUME))).isEqualTo(whole);
      assertThat(begun.subList(before, begun.size()).contains("0.1/7")).as("stopped after %d", stop).isNotEqualTo(firstWasDone);
    }
  }

  @Test
  void finishedComparisonDoesNothing() {
    ComparisonResult result = finished(comparison(List.of(7L), "0.1", "0.2"), Mode.NEW);
    begun.clear();
    assertThat(finished(comparison(List.of(7L), "0.1", "0.2"), Mode.RESUME)).isEqualTo(result);
    assertThat(begun).isEmpty();
  }

  @Test
  void otherFailuresEndTheComparisonAndItCanBeResumed() {
    Comparison.Run full = new Comparison.Run("0.2", config("0.2", 7), () -> {
      throw new FoveaException("the disk is full");
    });
    Comparison fails = Comparison.of("lr", List.of(run("0.1", 7, Tiny::split), full));
    assertThatThrownBy(() -> fails.run(folder, Mode.NEW)).hasMessage("the disk is full");
    assertThat(json().objects("variants").get(1).objects("runs").getFirst().text("state")).isEqualTo("waiting");
    finished(comparison(List.of(7L), "0.1", "0.2"), Mode.RESUME);
    assertThat(begun).containsExactly("0.1/7", "0.2/7");
  }

  @Test
  void otherExceptionWithDivergenceTextEndsTheComparison() {
    String text = "step 3: the loss of the file, training has diverged: not at all";
    Comparison.Run fails = run("0.2", 7, () -> {
      throw new FoveaException(text);
    });
    assertThatThrownBy(() -> Comparison.of("lr", List.of(fails)).run(folder, Mode.NEW)).hasMessage(text);
  }

  @Test
  void folderOfAnotherComparisonIsRefused() {
    finished(comparison(List.of(7L), "0.1", "0.2"), Mode.NEW);
    assertThatThrownBy(() -> comparison(List.of(7L), "0.1", "0.2").run(folder, Mode.NEW))
        .hasMessage(folder
            + ": already holds a comparison: resume it, overwrite it, or name another folder");
    assertThatThrownBy(() -> comparison(List.of(7L), "0.1", "0.3").run(folder, Mode.RESUME))
        .hasMessage(folder + ": holds another comparison (vary lr=0.1,0.2, now lr=0.1,0.3): overwrite it,"
            + " or name another folder");
    assertThatThrownBy(() -> comparison(List.of(8L), "0.1", "0.2").run(folder, Mode.RESUME))
        .hasMessageContaining("(0.1: seeds 7, now 8)");
  }

  @Test
  void changedDataAreRefused() {
    finished(comparison(List.of(7L), "0.1", "0.2"), Mode.NEW);
    Split other = new Split(Tiny.images("other", 43), Tiny.images("v", 20), Tiny.split().test());
    Comparison changed = Comparison.of("lr", List.of(run("0.1", 7, () -> other), run("0.2", 7, () -> other)));
    assertThatThrownBy(() -> changed.run(folder, Mode.RESUME)).hasMessageContaining("data_fingerprint");
  }

  @Test
  @Tag("slow")
  void overwritingDeletesFormerRunsAndNothingElse() throws IOException {
    finished(comparison(List.of(7L, 8L), "0.1", "0.2"), Mode.NEW);
    Files.writeString(folder.resolve("0.2").resolve("notes.txt"), "mine");
    begun.clear();
    finished(comparison(List.of(7L), "0.1", "0.3"), Mode.OVERWRITE);
    assertThat(begun).containsExactly("0.1/7", "0.3/7");
    assertThat(files()).containsExactly(".lock", "0.1", "0.2", "0.3", "compare.html", "compare.json");
    assertThat(folder.resolve("0.1/seed-7")).doesNotExist();
    try (Stream<Path> left = Files.list(folder.resolve("0.2"))) {
      assertThat(left).containsExactly(folder.resolve("0.2").resolve("notes.txt"));
    }
  }

  @Test
  void foldersOfOtherFilesAreUnchanged() throws IOException {
    Files.createDirectory(folder);
    Files.writeString(folder.resolve("thesis.txt"), "mine");
    assertThatThrownBy(() -> comparison(List.of(7L), "0.1").run(folder, Mode.OVERWRITE))
        .hasMessage(folder + ": holds other files (thesis.txt) and no comparison: name a new or an empty folder");
    assertThat(files()).containsExactly("thesis.txt");
  }

  @Test
  void damagedOrHostileFileIsRefusedAndDeletesNothing() throws IOException {
    finished(comparison(List.of(7L), "0.1"), Mode.NEW);
    Path alone = parent.resolve("alone");
    TrainingRun.of(config("0.2", 7), Tiny.model(7), Tiny.split()).run(alone, Mode.NEW);
    Path file = folder.resolve("compare.json");
    Files.writeString(file, Files.readString(file).replace("\"folder\" : \"0.1\"", "\"folder\" : \"../alone\""));
    finished(comparison(List.of(7L), "0.1"), Mode.OVERWRITE);
    assertThat(alone.resolve("model.safetensors")).isNotEmptyFile();
    for (String damaged : List.of("", "[]", "{\"vary\": 3}", "{\"vary\": \"lr\", \"variants\": [3]}", "{\"vary\": \"lr\"}")) {
      Files.writeString(file, damaged);
      assertThatThrownBy(() -> comparison(List.of(7L), "0.1").run(folder, Mode.RESUME))
          .isInstanceOf(FoveaException.class)
          .hasMessageContaining("compare.json");
      finished(comparison(List.of(7L), "0.1"), Mode.OVERWRITE);
    }
  }

  @Test
  void invalidVariantsAreRefusedBeforeTraining() {
    assertThatThrownBy(() -> comparison(List.of(7L), "0.1", "0.1"))
        .hasMessage("lr: '0.1' is given twice with the same seed: give it once");
    RunConfig.Training none = new RunConfig.Training(8, "nesterov", 0.1, 0, 0, "cosine", 0, 7, 1);
    RunConfig impossible = new RunConfig("tiny", Map.of(), "tiny", 3, 0, none);
    assertThatThrownBy(() -> Comparison.of("momentum", List.of(
        run("0.9", 7, Tiny::split), new Comparison.Run("0", impossible, Tiny::run)))).hasMessageContaining("Nesterov");
    assertThatThrownBy(() -> Comparison.of("data", List.of(
        new Comparison.Run("idx:a", config("1", 7), Tiny::run), new Comparison.Run("idx/A", config("1", 7), Tiny::run))))
        .hasMessageContaining("'idx/A' and another value are both called 'idx-A' as a folder");
    assertThatThrownBy(() -> Comparison.of("data", List.of(new Comparison.Run("compare.json", config("1", 7), Tiny::run))))
        .hasMessageContaining("compare.json");
    assertThat(RunsFolder.name("../up")).isEqualTo("-.-up");
    assertThat(folder).doesNotExist();
  }

  @Test
  void messagesReportBeginningRunAndTimeLeft() {
    List<String> messages = new ArrayList<>();
    finished(comparison(List.of(7L, 8L), "0.1", "0.2").messages(messages::add), Mode.NEW);
    assertThat(messages).hasSize(4);
    assertThat(messages.getFirst()).isEqualTo("run 1 of 4: lr=0.1, seed 7");
    assertThat(messages.get(3)).matches("run 4 of 4: lr=0\\.2, seed 8, about \\d+:\\d\\d left in all");
  }

  @Test
  void pageIsSelfContainedWithRowsCurvesAndDifferences() throws IOException {
    List<Comparison.Run> runs = new ArrayList<>();
    for (String optimizer : List.of("sgd", "adam<b>")) {
      boolean sgd = optimizer.equals("sgd");
      RunConfig.Training training =
          new RunConfig.Training(8, sgd ? "sgd" : "adam", sgd ? 0.1 : 0.01, 0, 1e-3, "cosine", 0, 7, 1);
      RunConfig config = new RunConfig("tiny", Map.of(), "tiny", 3, 0, training);
      runs.add(new Comparison.Run(optimizer, config, () -> TrainingRun.of(config, Tiny.model(7), Tiny.split())));
    }
    finished(Comparison.of("optimizer", runs), Mode.NEW);
    String html = Files.readString(folder.resolve("compare.html"));
    assertThat(html).contains("optimizer sgd, learning_rate 0.1", "optimizer adam, learning_rate 0.01",
        "<bdi>adam&lt;b&gt;</bdi>");
    assertThat(ReportTest.parse(html).getDocumentElement().getTextContent()).contains(
        "fovea train --model tiny --data tiny --epochs 3 --batch-size 8 --optimizer adam --lr 0.01");
    assertThat(html.split("<svg viewBox=\"0 0 460", -1)).hasSize(3);
    assertThat(html.split("<path class=\"line\"", -1)).hasSize(5);
    assertThat(html).doesNotContain("<script", "http://", "https://", "NaN");
  }

  @Test
  @Tag("slow")
  void digitsComparisonWithSeveralSeeds() {
    Split digits = Datasets.open("digits:300");
    Preprocessing pixels = Preprocessing.of(Shape.of(1, 28, 28), Fit.INK);
    List<Comparison.Run> runs = LongStream.of(1, 2).boxed().flatMap(seed -> Stream.of("sgd", "rmsprop").map(optimizer -> {
      RunConfig.Training training = new RunConfig.Training(
          32, optimizer, optimizer.equals("sgd") ? 0.1 : 0.001, 0, 0, "one-cycle", 0, seed, 1);
      RunConfig config = new RunConfig("softmax", Map.of(), "digits:300", 4, 30, training);
      Card card = new Card("softmax", digits.train().classes(), pixels, Map.of());
      Layer layer = Sequential.of(new Flatten(), Linear.of(10).named("output"));
      return new Comparison.Run(optimizer, config, () -> TrainingRun.of(config, Model.create(layer, card, seed), digits));
    })).toList();
    ComparisonResult result = finished(Comparison.of("optimizer", runs), Mode.NEW);
    assertThat(result.variants()).hasSize(2).allSatisfy(v -> {
      assertThat(v.score().count()).isEqualTo(2);
      assertThat(v.score().mean()).isGreaterThan(0.2);
    });
  }
}
