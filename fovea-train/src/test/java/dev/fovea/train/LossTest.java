package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.data.Split;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.optim.Schedule;
import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.run.TrainingRun;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.train.TrainEvent.EpochDone;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses by their options: each can be trained, with the same bits on any number of threads. */
class LossTest {
  private static final Task THREE = new Task.OneLabel(List.of("a", "b", "c"));

  @TempDir
  private Path folder;

  /** Parses {@code loss=focal label-smoothing=0.1}. */
  private static Map<String, String> options(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    Arrays.stream(text.split(" ", -1)).map(word -> word.split("=", 2)).forEach(pair -> options.put(pair[0], pair[1]));
    return options;
  }

  private static EpochDone last(Trainer trainer, Split data) {
    List<EpochDone> epochs = new ArrayList<>();
    trainer.listen(event -> {
      if (event instanceof EpochDone done) {
        epochs.add(done);
      }
    }).fit(data.train(), data.validation());
    assertThat(epochs.getLast().training().meanLoss()).isLessThan(epochs.getFirst().training().meanLoss());
    return epochs.getLast();
  }

  private static Loss of(String text, Model model) {
    return Loss.of(LossSettings.of(options(text)), model.card().task(), model.graph().outputShape(Model.OUTPUT));
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "loss=cross-entropy", "label-smoothing=0.2", "class-weights=1,2,0.5", "label-smoothing=0.1 class-weights=1,2,0.5",
      "loss=focal", "loss=dice", "loss=hinge", "loss=mse", "loss=rbf"})
  @Tag("slow")
  void images(String text) {
    Set<String> fingerprints = new HashSet<>();
    for (int threads = 1; threads <= 2; threads++) {
      Model model = Tiny.model(1);
      Trainer trainer = Tiny.trainer(model).schedule(Schedule.constant(0.05)).epochs(15).threads(threads);
      EpochDone done = last(trainer.loss(of(text, model)), Tiny.split());
      assertThat(done.validation().score()).isGreaterThanOrEqualTo(0.9);
      fingerprints.add(done.fingerprint());
    }
    assertThat(fingerprints).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "label-smoothing=0.1", "class-weights=1,1,4", "loss=focal", "loss=dice", "loss=hinge", "loss=mse", "loss=rbf"})
  @Tag("slow")
  void pixels(String text) throws IOException {
    Split data = Scenes.write(folder, 5);
    Model model = Scenes.model();
    assertThat(last(Scenes.trainer(model).loss(of(text, model)).epochs(20), data).validation().score()).isGreaterThan(0.8);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "class-weights=0,0,0 | 1x3 | all class weights are 0, so nothing would be learned: give a class a weight above 0",
      "loss=fokal | 1x3 | there is no loss 'fokal': did you mean focal? Available: cross-entropy, focal, dice, hinge, mse, rbf",
      "loss=focal | 1x1 | a network with one output is trained with plain cross-entropy only",
      "label-smoothing=0.1 | 1x1 | a network with one output is trained with plain cross-entropy only",
      "loss=dice label-smoothing=0.1 | 1x3 | label smoothing and class weights are options of cross-entropy, not of the loss dice",
      "loss=mse class-weights=1,1,1 | 1x3 | label smoothing and class weights are options of cross-entropy",
      "class-weights=1,2 | 1x3x4x4 | class weights: expected 3 numbers, one per class, got 2",
      "class-weights=1,two,3 | 1x3 | class-weights: expected a number, got 'two'",
      "label-smoothing=a_bit | 1x3 | label-smoothing: expected a number, got 'a_bit'",
      "label-smoothing=1.5 | 1x3 | label smoothing must be 0 or more and less than 1, got 1.5",
      "class-weights=1,NaN,3 | 1x3 | class weights must be 0 or more, got [1.0, NaN, 3.0]"})
  void incompatibleSettingsAreRefused(String text, String logits, String message) {
    assertThatThrownBy(() -> Loss.of(LossSettings.of(options(text)), THREE, Shape.parse(logits)))
        .isInstanceOf(FoveaException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void aRunHasTheLossOfItsOptions() {
    RunConfig tiny = Tiny.config();
    RunConfig focal = new RunConfig(
        tiny.network(), options("loss=focal"), tiny.data(), tiny.epochs(), tiny.steps(), tiny.training());
    Model model = Tiny.model(7);
    TrainingRun.of(focal, model, Tiny.split()).run(folder.resolve("run"), RunFolder.Mode.NEW);
    Model same = Tiny.model(7);
    focal.trainer(same, Tiny.split().train()).loss(of("loss=focal", same)).fit(Tiny.split().train(), Tiny.split().validation());
    assertThat(model.parameters().fingerprint()).isEqualTo(same.parameters().fingerprint());
    Model plain = Tiny.model(7);
    tiny.trainer(plain, Tiny.split().train()).fit(Tiny.split().train(), Tiny.split().validation());
    assertThat(model.parameters().fingerprint()).isNotEqualTo(plain.parameters().fingerprint());
    assertThat(RunFolder.configOf(folder.resolve("run")).describe()).containsEntry("loss", "focal");
    assertThat(focal.command(folder)).contains(" --loss focal ");
  }

  /** A checkpoint must not be resumed with another loss, so their descriptions differ. */
  @Test
  void descriptionsAreDistinct() {
    Shape logits = Shape.of(1, 3);
    List<String> texts = List.of("loss=cross-entropy", "label-smoothing=0.2", "label-smoothing=0.1", "class-weights=1,2,3",
        "class-weights=1,2,4", "loss=focal", "loss=dice", "loss=hinge", "loss=mse");
    assertThat(texts.stream().map(text -> Loss.of(LossSettings.of(options(text)), THREE, logits).describe()))
        .doesNotHaveDuplicates()
        .doesNotContain("custom");
    assertThat(Loss.of(LossSettings.STANDARD, THREE, Shape.of(1, 1))).isSameAs(Loss.BINARY_CROSS_ENTROPY);
    assertThat(Loss.of(LossSettings.STANDARD, THREE, Shape.of(1, 3, 2, 2))).isSameAs(Loss.PIXEL_CROSS_ENTROPY);
    assertThat(Loss.of(LossSettings.STANDARD, THREE, logits)).isSameAs(Loss.CROSS_ENTROPY);
  }
}
