package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.augment.Augmentation;
import dev.fovea.data.LabelCounts;
import dev.fovea.data.Sampling;
import dev.fovea.data.Split;
import dev.fovea.metric.Evaluator;
import dev.fovea.metric.LabelMetrics;
import dev.fovea.metric.NumberMetrics;
import dev.fovea.model.Model;
import dev.fovea.model.Prediction;
import dev.fovea.model.Task;
import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.run.TrainingRun;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole trainings with several labels and with numbers. */
class TaskTrainingTest {
  @TempDir
  private Path folder;

  @Test
  @Tag("slow")
  void severalLabelsAreLearned() {
    Split data = Shapes.split(false);
    Model model = Shapes.model(Shapes.LABELS, 1);
    Shapes.trainer(model).fit(data.train(), data.validation());
    Path file = folder.resolve("model.safetensors");
    model.save(file);
    Model loaded = Model.load(file);
    LabelMetrics metrics = (LabelMetrics) Evaluator.of(loaded, 1).measure(data.evaluation(), _ -> {});
    assertThat(metrics.meanAveragePrecision()).isGreaterThan(0.95);
    assertThat(metrics.macroF1()).isGreaterThan(0.9);
    assertThat(loaded.card().task()).isEqualTo(Shapes.LABELS);
    long exact = 0;
    for (int i = 0; i < data.evaluation().size(); i++) {
      float[] target = new float[3];
      data.evaluation().target(i, target, 0);
      List<Integer> found = loaded.predict(data.evaluation().image(i)).atLeast(Prediction.THRESHOLD).stream()
          .map(Prediction.Score::index).sorted().toList();
      exact += found.equals(IntStream.range(0, 3).filter(k -> target[k] > 0).boxed().toList()) ? 1 : 0;
    }
    assertThat(exact).as("predictions are those that were evaluated").isEqualTo(metrics.exact());
    assertThatThrownBy(() -> loaded.numbers(data.train().image(0))).hasMessageContaining("gives classes and no numbers");
    assertThatThrownBy(loaded::fullyConvolutional).hasMessageContaining("expected a classifier of one label");
    assertThatThrownBy(() -> Evaluator.of(loaded, 1).evaluate(data.evaluation())).isInstanceOf(FoveaException.class)
        .hasMessageContaining("has several labels, expected one label: use measure");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "l1", "smooth-l1"})
  @Tag("slow")
  void positionsAreLearned(String loss) {
    Split data = Shapes.split(true);
    Model model = Shapes.model(Shapes.POSITION, 1);
    Loss of = Loss.of(new LossSettings(loss), Shapes.POSITION, Shape.of(1, 2));
    Shapes.trainer(model).loss(of).fit(data.train(), data.validation());
    Path file = folder.resolve("model.safetensors");
    model.save(file);
    Model loaded = Model.load(file);
    NumberMetrics metrics = (NumberMetrics) Evaluator.of(loaded, 1).measure(data.evaluation(), _ -> {});
    assertThat(metrics.score()).isGreaterThan(0.95);
    assertThat(metrics.numbers().getFirst().meanAbsoluteError()).as("in the user's units, 100 a pixel").isBetween(1.0, 80.0);
    assertThat(metrics.numbers().getLast().meanAbsoluteError()).isLessThan(0.8);
    double sum = 0;
    for (int i = 0; i < data.evaluation().size(); i++) {
      float[] target = new float[2];
      data.evaluation().target(i, target, 0);
      double x = loaded.numbers(data.evaluation().image(i)).getOrDefault("x", Double.NaN);
      sum += Math.abs(x - Shapes.POSITION.quantities().getFirst().value(target[0]));
    }
    // single images run in another program than batches: rounding of sums
    assertThat(sum / 60).isCloseTo(metrics.numbers().getFirst().meanAbsoluteError(), within(1e-2));
    assertThatThrownBy(() -> loaded.predict(data.train().image(0))).hasMessageContaining("gives numbers and no classes");
  }

  /** Also with balanced sampling, weights of classes and two threads. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Tag("slow")
  void aResumedRunGivesTheSameBits(boolean numbers) {
    Split data = Shapes.split(numbers);
    Model whole = Shapes.model(data.train().task(), 1);
    Path file = folder.resolve("checkpoint.safetensors");
    trainer(whole, data).listen(event -> {
      if (event instanceof TrainEvent.StepDone done && done.step() == 17) {
        done.checkpoint().write(file);
      }
    }).fit(data.train(), data.validation());
    Model resumed = Shapes.model(data.train().task(), 2);
    trainer(resumed, data).threads(2).from(Checkpoint.read(file)).fit(data.train(), data.validation());
    assertThat(resumed.parameters().fingerprint()).isEqualTo(whole.parameters().fingerprint());
    if (!numbers) {
      assertThatThrownBy(() -> trainer(whole, data).sampling(Sampling.SHUFFLED).from(Checkpoint.read(file))
          .fit(data.train(), data.validation())).hasMessageContaining("sampling");
    }
  }

  private static Trainer trainer(Model model, Split data) {
    Trainer trainer = Shapes.trainer(model).epochs(2);
    if (data.train().task() instanceof Task.Numbers) {
      return trainer;
    }
    LossSettings weighted = new LossSettings("", 0, ClassWeights.BALANCED).on(data.train());
    return trainer.sampling(Sampling.BALANCED).loss(Loss.of(weighted, Shapes.LABELS, Shape.of(1, 3)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Tag("slow")
  void aRunInAFolder(boolean numbers) throws IOException {
    Split data = Shapes.split(numbers);
    RunConfig config = new RunConfig("shapes", numbers ? Map.of() : Map.of("class-weights", "balanced", "sampling", "balanced"),
        "shapes", 2, 0, new RunConfig.Training(16, "sgd", 0.05, 0.9, 0, "cosine", 0, 3, 1));
    List<String> messages = new ArrayList<>();
    Path run = folder.resolve("run");
    TrainingRun.of(config, Shapes.model(data.train().task(), 1), data).messages(messages::add).run(run, RunFolder.Mode.NEW);
    String key = numbers ? "r2" : "mean_average_precision";
    assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(2)
        .allMatch(line -> line.contains("\"validation_" + key + "\":") && !line.contains("accuracy"));
    assertThat(Files.readString(run.resolve("config.json"))).contains("\"best_" + key + "\"", "\"test_" + key + "\"")
        .doesNotContain("accuracy");
    assertThat(Files.readString(run.resolve("report.html"))).contains(numbers ? "root mean squared error" : "average precision")
        .doesNotContain("NaN", "Confusion");
    assertThat(TrainingRun.of(config, Shapes.model(data.train().task(), 1), data).run(run, RunFolder.Mode.RESUME))
        .isInstanceOf(TrainingRun.Outcome.AlreadyFinished.class);
    if (!numbers) {
      assertThat(messages)
          .anyMatch(m -> m.matches("class weights, balanced: 1\\.\\d+, .* for square \\d+, bar \\d+, cross \\d+ images"))
          .anyMatch(m -> m.startsWith("sampling, balanced: as many images of each class in an epoch, of square "));
    }
  }

  @Test
  void balancedWeights() {
    ClassWeights three = ClassWeights.BALANCED.on(Tiny.split().train());
    assertThat(three.values().stream().mapToDouble(w -> w).average().orElse(0)).isCloseTo(1, within(1e-12));
    long[] counts = LabelCounts.of(Tiny.split().train());
    assertThat(three.values().getFirst() * counts[0]).isCloseTo(three.values().getLast() * counts[2], within(1e-9));
    long[] labels = LabelCounts.of(Shapes.split(false).train());
    assertThat(ClassWeights.BALANCED.on(Shapes.split(false).train()).values().getLast())
        .isCloseTo((200.0 - labels[2]) / labels[2], within(1e-12));
    assertThatThrownBy(() -> ClassWeights.BALANCED.on(Shapes.split(true).train()))
        .hasMessageContaining("class weights are for classes");
    assertThat(ClassWeights.parse("balanced")).isEqualTo(ClassWeights.BALANCED).hasToString("balanced");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "hinge | false | the loss hinge is not for several labels: choose binary-cross-entropy, or leave it out",
      "cross-entropy | true | the loss cross-entropy is not for numbers: choose mse or l1 or smooth-l1, or leave it out"})
  void aLossOfAnotherTaskIsRefused(String loss, boolean numbers, String message) {
    Task task = Shapes.split(numbers).train().task();
    assertThatThrownBy(() -> Loss.of(new LossSettings(loss), task, Shape.of(1, task.size()))).isInstanceOf(FoveaException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> Loss.of(new LossSettings("l1"), new Task.OneLabel(Tiny.CLASSES), Shape.of(1, 3)))
        .hasMessageStartingWith("the loss l1 is not for one label: choose cross-entropy");
  }

  /** With the labels in memory of other threads, and mixed. */
  @Test
  @Tag("slow")
  void severalLabelsOfMixedImages() {
    Split data = Shapes.split(false);
    List<String> fingerprints = new ArrayList<>();
    for (int threads = 1; threads <= 2; threads++) {
      Model model = Shapes.model(Shapes.LABELS, 1);
      Shapes.trainer(model).augment(Augmentation.parse("mixup(0.2),cutmix")).epochs(2).threads(threads)
          .fit(data.train(), data.validation());
      fingerprints.add(model.parameters().fingerprint());
    }
    assertThat(fingerprints.getLast()).isEqualTo(fingerprints.getFirst());
    assertThatThrownBy(() -> Shapes.trainer(Shapes.model(Shapes.POSITION, 1)).augment(Augmentation.parse("mixup")))
        .isInstanceOf(FoveaException.class)
        .hasMessage("augmentation: mixup mixes the labels of whole images, here they have numbers: leave it out");
  }

  @Test
  void dataOfAnotherTaskAreRefused() {
    Split labels = Shapes.split(false);
    assertThatThrownBy(() -> Shapes.trainer(Shapes.model(Shapes.POSITION, 1)).fit(labels.train(), labels.validation()))
        .isInstanceOf(FoveaException.class)
        .hasMessage("shapes:train: has several labels, the network shapes gives numbers: choose"
            + " other data or another network");
  }
}
