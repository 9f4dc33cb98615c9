package dev.fovea.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.report.ReportTest;
import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.run.RunFolder.Mode;
import dev.fovea.run.TrainingRun;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.Tiny;
import dev.fovea.train.TrainEvent;
import dev.fovea.tune.Tuning.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuningTest {
  private static final String RATES = "lr=0.02..0.4";
  private static final String SIZES = "batch-size=8,12";

  @TempDir
  Path parent;

  private Path folder;

  /** The settings of the runs that began or continued, in this order. */
  private final List<String> begun = new ArrayList<>();

  @BeforeEach
  void name() {
    folder = parent.resolve("tuned");
  }

  private static RunConfig config(Map<String, String> settings) {
    RunConfig.Training training = new RunConfig.Training(Integer.parseInt(settings.getOrDefault("batch-size", "8")), "sgd",
        Double.parseDouble(settings.get("lr")), 0.9, 1e-3, "cosine", 0, 7, 1);
    return new RunConfig("tiny", Map.of("hidden", "6"), "tiny", 4, 0, training);
  }

  /** Four trials of four epochs: four to epoch 1, two to epoch 2, one to epoch 4. */
  private Tuning tuning(String... space) {
    SearchSpace searched = SearchSpace.parse(List.of(space));
    List<Tuning.Trial> trials = searched.trials(Search.HALTON, 5, 4).stream().map(settings -> {
      RunConfig config = config(settings);
      return new Tuning.Trial(settings, config, () -> TrainingRun.of(config, Tiny.model(7), Tiny.split()).listen(event -> {
        if (event instanceof TrainEvent.Started started) {
          begun.add(settings.get("lr") + " from " + started.state().epochs());
        }
      }));
    }).toList();
    return Tuning.of(searched, Search.HALTON, 5, 2, trials);
  }

  private Outcome.Finished finished(Tuning tuning, Mode mode) {
    return (Outcome.Finished) tuning.run(folder, mode);
  }

  private String json() throws IOException {
    return Files.readString(folder.resolve("tune.json"));
  }

  @Test
  void bestGoOnAndOneIsTrainedToTheEnd() {
    TuningResult result = finished(tuning(RATES, SIZES), Mode.NEW).result();
    assertThat(result.trials()).extracting(t -> t.curve().size()).containsExactlyInAnyOrder(1, 1, 2, 4);
    List<TrialResult> afterOne = result.trials().stream().sorted(TrialResult.byScore(1)).toList();
    assertThat(afterOne.subList(0, 2)).allMatch(trial -> trial.curve().size() > 1);
    TrialResult best = afterOne.subList(0, 2).stream().sorted(TrialResult.byScore(2)).toList().getFirst();
    assertThat(result.best()).hasValue(best);
    assertThat(result.ranked().getFirst()).isEqualTo(best);
    assertThat(begun).hasSize(7);
  }

  @Test
  void bestTrialIsTheSameRunAsOneWithoutAStop() {
    Outcome.Finished finished = finished(tuning(RATES, SIZES), Mode.NEW);
    TrialResult best = finished.result().best().orElseThrow();
    RunConfig config = config(best.settings());
    TrainingRun.Outcome.Finished alone = (TrainingRun.Outcome.Finished) TrainingRun.of(config, Tiny.model(7), Tiny.split())
        .run(parent.resolve("alone"), Mode.NEW);
    assertThat(best.run()).hasValue(alone.result());
    assertThat(best.curve()).isEqualTo(RunFolder.curve(parent.resolve("alone")));
    assertThat(finished.command()).isEqualTo(config.command(parent.resolve("tuned-best")));
  }

  @Test
  void onlyTheBestIsTested() throws IOException {
    finished(tuning(RATES), Mode.NEW);
    long tested = 0;
    for (int i = 1; i <= 4; i++) {
      tested += Files.readString(folder.resolve("trial-00" + i).resolve("config.json")).contains("test_loss") ? 1 : 0;
    }
    assertThat(tested).isOne();
    assertThat(json().split("\"test_score\"", -1)).hasSize(2);
  }

  @Test
  void trialThatWasNotPromotedCanBeResumed() {
    TrialResult last = finished(tuning(RATES), Mode.NEW).result().ranked().getLast();
    TrainingRun run = TrainingRun.of(config(last.settings()), Tiny.model(7), Tiny.split());
    assertThat(run.run(folder.resolve(last.folder()), Mode.RESUME)).isInstanceOf(TrainingRun.Outcome.Finished.class);
  }

  @Test
  @Tag("slow")
  void stoppedTuningResumesToTheSameResult() throws IOException {
    TuningResult whole = finished(tuning(RATES, SIZES), Mode.NEW).result();
    String json = json();
    List<Map<String, List<Integer>>> bits = bits();
    int stops = 0;
    // 24 steps of the first rung, 12 of the second and 12 of the last, of batches of 8, at most
    for (int stop = 0; stop < 48; stop += 5) {
      int[] left = {stop};
      Outcome outcome = tuning(RATES, SIZES).stopWhen(() -> left[0]-- <= 0).run(folder, Mode.OVERWRITE);
      stops += outcome instanceof Outcome.Stopped ? 1 : 0;
      assertThat(finished(tuning(RATES, SIZES), Mode.RESUME).result()).as("stopped after %d", stop).isEqualTo(whole);
      assertThat(json()).isEqualTo(json);
      assertThat(bits()).isEqualTo(bits);
    }
    assertThat(stops).isGreaterThan(7);
  }

  private List<Map<String, List<Integer>>> bits() {
    return List.of(1, 2, 3, 4).stream().map(i -> Tiny.bits(folder.resolve("trial-00" + i).resolve("model.safetensors"))).toList();
  }

  @Test
  void finishedTuningDoesNothing() throws IOException {
    TuningResult result = finished(tuning(RATES), Mode.NEW).result();
    String json = json();
    begun.clear();
    assertThat(finished(tuning(RATES), Mode.RESUME).result()).isEqualTo(result);
    assertThat(json()).isEqualTo(json);
    assertThat(begun).isEmpty();
  }

  @Test
  void divergedTrialIsARowAndTheNextBestTakesItsPlace() throws IOException {
    List<String> messages = new ArrayList<>();
    TuningResult result = finished(tuning("lr=0.1,1e30,2e30,3e30").messages(messages::add), Mode.NEW).result();
    assertThat(result.best().orElseThrow().settings()).containsEntry("lr", "0.1");
    List<String> lines = result.table().lines().toList();
    assertThat(lines).hasSize(5);
    assertThat(lines.get(1)).matches("1 +[01]\\.\\d{4} +\\d\\.\\d{4} +4 +\\d  lr=0\\.1");
    assertThat(lines.get(4)).matches("4 +diverged at step \\d+ +\\d  lr=\\de30");
    assertThat(messages).anyMatch(m -> m.contains(": the loss is "));
    assertThat(Files.readString(folder.resolve("tune.html"))).contains("diverged at step");
    Outcome.Finished none = (Outcome.Finished) tuning("lr=4e30,1e30,2e30,3e30").run(parent.resolve("none"), Mode.NEW);
    assertThat(none.result().best()).isEmpty();
    assertThat(none.command()).isEmpty();
    assertThat(Files.readString(parent.resolve("none").resolve("tune.html"))).contains("All trials have diverged");
  }

  @Test
  void folderOfAnotherTuningIsRefused() {
    finished(tuning(RATES), Mode.NEW);
    assertThatThrownBy(() -> tuning(RATES).run(folder, Mode.NEW)).hasMessage(
        folder + ": already holds a tuning: resume it, overwrite it, or name another folder");
    assertThatThrownBy(() -> tuning("lr=0.02..0.3").run(folder, Mode.RESUME)).hasMessage(
        folder + ": holds another tuning (lr 0.02..0.4 log, now 0.02..0.3 log): overwrite it, or name another folder");
  }

  @Test
  void overwritingDeletesTheTrialsAndNothingElse() throws IOException {
    finished(tuning(RATES), Mode.NEW);
    Files.writeString(folder.resolve("notes.txt"), "mine");
    begun.clear();
    finished(tuning(RATES, SIZES), Mode.OVERWRITE);
    assertThat(begun).hasSize(7).filteredOn(text -> text.endsWith(" from 0")).hasSize(4);
    assertThat(folder.resolve("notes.txt")).hasContent("mine");
  }

  @Test
  void damagedFileIsRefused() throws IOException {
    finished(tuning(RATES), Mode.NEW);
    for (String damaged : List.of("", "[]", "{\"plan\": 3}", "{\"plan\": {}, \"runs\": [3]}", "{\"plan\": {}}")) {
      Files.writeString(folder.resolve("tune.json"), damaged);
      assertThatThrownBy(() -> tuning(RATES).run(folder, Mode.RESUME)).isInstanceOf(FoveaException.class)
          .hasMessageContaining("tune");
    }
  }

  @Test
  void trialsOfOtherLengthsAreRefused() {
    SearchSpace space = SearchSpace.parse(List.of(RATES));
    RunConfig config = config(Map.of("lr", "0.1"));
    RunConfig longer = new RunConfig("tiny", Map.of(), "tiny", 5, 0, config.training());
    RunConfig steps = new RunConfig("tiny", Map.of(), "tiny", 4, 9, config.training());
    RunConfig patient = new RunConfig("tiny", Map.of("patience", "2"), "tiny", 4, 0, config.training());
    assertThatThrownBy(() -> of(space, config, longer)).hasMessageContaining("got 4 and 5");
    assertThatThrownBy(() -> of(space, config, steps)).hasMessageContaining("leave out steps");
    assertThatThrownBy(() -> of(space, config, patient)).hasMessageContaining("leave out patience");
  }

  private static Tuning of(SearchSpace space, RunConfig... configs) {
    return Tuning.of(space, Search.RANDOM, 1, 3,
        List.of(configs).stream().map(config -> new Tuning.Trial(Map.of(), config, Tiny::run)).toList());
  }

  @Test
  void messagesReportTrialRungAndBest() {
    List<String> messages = new ArrayList<>();
    finished(tuning(RATES).messages(messages::add), Mode.NEW);
    assertThat(messages).hasSize(7);
    assertThat(messages.getFirst()).matches("trial 1 of 4, rung 1 of 3, to epoch 1: lr=0\\.\\d+");
    assertThat(messages.getLast()).matches(
        "trial \\d of 4, rung 3 of 3, to epoch 4: lr=0\\.\\d+; best so far [01]\\.\\d{4}, trial \\d; about \\d+:\\d\\d left in all");
  }

  @Test
  void pageIsWellFormedAndSelfContained() throws IOException {
    Outcome.Finished finished = finished(tuning(RATES, SIZES), Mode.NEW);
    String html = Files.readString(folder.resolve("tune.html"));
    assertThat(ReportTest.parse(html).getDocumentElement().getTextContent()).contains(finished.command(), "What mattered",
        "n = 4 trials", "batch-size");
    // a line per trial in parallel coordinates, two per trial beyond the first rung
    assertThat(html.split("<path class=\"line", -1)).hasSize(1 + 4 + 2 * 2);
    assertThat(html.split("<path class=\"line best\"", -1)).hasSize(2);
    assertThat(html).doesNotContain("<script", "http://", "https://", "NaN");
  }
}
