package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.data.Dataset;
import dev.fovea.data.MemoryDataset;
import dev.fovea.data.Split;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.image.Fit;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Model;
import dev.fovea.optim.Adam;
import dev.fovea.optim.Optimizer;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.Sgd;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.train.TrainEvent.EpochDone;
import dev.fovea.train.TrainEvent.Evaluating;
import dev.fovea.train.TrainEvent.Examined;
import dev.fovea.train.TrainEvent.Finished;
import dev.fovea.train.TrainEvent.Interrupted;
import dev.fovea.train.TrainEvent.Started;
import dev.fovea.train.TrainEvent.StepDone;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  private final Split data = Tiny.split();

  @TempDir
  Path folder;

  @Test
  void learnsASeparableProblem() {
    List<TrainEvent> events = new ArrayList<>();
    Model model = Tiny.model(1);
    Tiny.trainer(model).epochs(8).listen(events::add).fit(data.train(), data.validation());
    EpochDone last = (EpochDone) events.get(events.size() - 2);
    assertThat(last.validation().score()).isGreaterThanOrEqualTo(0.95);
    assertThat(last.training().meanLoss()).isLessThan(0.8);
    assertThat(last.best().score()).isGreaterThanOrEqualTo(last.validation().score());
  }

  @Test
  void learnsTwoClassesWithOneLogit() {
    Dataset twoRows = twoClasses();
    Model model = Model.create(Sequential.of(new Flatten(), Linear.of(1)), Shape.of(1, 1, 2), 1);
    assertThat(Loss.forModel(model)).isSameAs(Loss.BINARY_CROSS_ENTROPY);
    assertThat(Loss.forModel(Tiny.model(1))).isSameAs(Loss.CROSS_ENTROPY);
    List<TrainEvent> events = new ArrayList<>();
    Trainer trainer = Trainer.of(model).schedule(Schedule.constant(0.5)).batchSize(4).epochs(20).threads(1);
    trainer.listen(events::add).fit(twoRows, twoRows);
    EpochDone last = (EpochDone) events.get(events.size() - 2);
    assertThat(last.validation().score()).isEqualTo(1);
    assertThat(last.training().accuracy()).isEqualTo(1);
  }

  @Test
  void publishesStepsAndEpochsInOrder() {
    List<String> seen = new ArrayList<>();
    Model model = Tiny.model(1);
    Tiny.trainer(model).epochs(2).listen(event -> seen.add(switch (event) {
      case Started s -> "started " + s.stepsPerEpoch() + " " + s.epochs() + " " + s.totalSteps() + " " + s.images();
      case TrainEvent.Extracting _ -> "features";
      case Evaluating m when m.images() < m.of() -> "";
      case Evaluating m -> m.data() + " " + m.of();
      case Examined e -> "examined " + e.step() + ": " + e.parameters().size() + " parameters, " + e.relus().size() + " ReLU";
      case StepDone s -> s.step() + "/" + s.totalSteps() + " in " + s.epoch();
      case EpochDone e -> "epoch " + e.epoch() + " of " + e.epochs() + ", " + e.training().images() + " images";
      case Finished f -> "finished " + f.state().step();
      case Interrupted i -> "interrupted";
    })).fit(data.train(), data.validation());
    seen.removeIf(String::isEmpty);
    assertThat(seen).containsExactly("started 6 2 12 43",
        "examined 1: 4 parameters, 1 ReLU", "1/12 in 1", "2/12 in 1", "3/12 in 1", "4/12 in 1", "5/12 in 1",
        "examined 6: 4 parameters, 1 ReLU", "6/12 in 1", "tiny:validation 20", "epoch 1 of 2, 43 images", "7/12 in 2",
        "8/12 in 2", "9/12 in 2", "10/12 in 2",
        "11/12 in 2", "examined 12: 4 parameters, 0 ReLU", "12/12 in 2",
        "tiny:validation 20", "epoch 2 of 2, 43 images", "finished 12");
  }

  @Test
  void stepLimitEndsTheRunWithinAnEpoch() {
    List<TrainEvent> events = new ArrayList<>();
    TrainEvent.Ended ended = Tiny.trainer(Tiny.model(1)).steps(8).listen(events::add).fit(data.train(), data.validation());
    assertThat(((Finished) ended).state().step()).isEqualTo(8);
    assertThat(events.stream().filter(EpochDone.class::isInstance).map(e -> ((EpochDone) e).training().images()))
        .containsExactly(43L, 16L);
    assertThat(Tiny.trainer(Tiny.model(1)).steps(8).totalSteps(43)).isEqualTo(8);
    assertThat(Tiny.trainer(Tiny.model(1)).steps(100).totalSteps(43)).isEqualTo(18);
  }

  /** A batch size above the number of images gives one batch of all. */
  @Test
  void hugeCountsAreRoundedUpWithoutOverflow() {
    for (int epochs : new int[] {1, Integer.MAX_VALUE}) {
      Trainer trainer = Tiny.trainer(Tiny.model(1)).batchSize(Integer.MAX_VALUE).epochs(epochs);
      assertThat(trainer.totalSteps(43)).isEqualTo(epochs);
      assertThat(trainer.totalSteps(Integer.MAX_VALUE)).isEqualTo(epochs);
      assertThat(trainer.batchSize(1).totalSteps(Integer.MAX_VALUE)).isEqualTo((long) epochs * Integer.MAX_VALUE);
      List<TrainEvent> events = new ArrayList<>();
      trainer.steps(1).listen(events::add).fit(data.train(), data.validation());
      assertThat(events.get(1)).isInstanceOf(Examined.class);
      assertThat(((StepDone) events.get(2)).checkpoint().state().images()).isEqualTo(43);
      assertThat(events).last().isInstanceOf(Finished.class);
    }
    assertThat(Schedule.named("step", 0.1, Long.MAX_VALUE).at(1, Long.MAX_VALUE)).isEqualTo(0.1);
    assertThat(Schedule.named("multistep", 0.1, Long.MAX_VALUE).at(1, Long.MAX_VALUE)).isEqualTo(0.1);
    Dataset none = data.train().subset(new int[0], "none");
    assertThatThrownBy(() -> Tiny.trainer(Tiny.model(1)).fit(none, data.validation())).hasMessage(
        "none: has no images, expected one or more");
    assertThatThrownBy(() -> Tiny.trainer(Tiny.model(1)).threads(0)).hasMessage("threads: expected 1 or more, got 0");
    Tiny.trainer(Tiny.model(1)).threads(Integer.MAX_VALUE).steps(1).fit(data.train(), data.validation());
  }

  @Test
  void sameSeedGivesTheSameBits() {
    List<String> first = fingerprints(1, 1);
    assertThat(fingerprints(1, 1)).isEqualTo(first);
    assertThat(fingerprints(1, 2)).as("with two threads").isEqualTo(first);
    assertThat(fingerprints(2, 1)).isNotEqualTo(first);
  }

  @Test
  @Tag("slow")
  void stoppedAndResumedAnywhereGivesTheSameBitsAndMetrics() {
    for (Optimizer optimizer : new Optimizer[] {Sgd.momentum(0.9).weightDecay(1e-3), Adam.standard()}) {
      List<String> whole = new ArrayList<>();
      trainer(Tiny.model(1), optimizer).listen(e -> note(e, whole)).fit(data.train(), data.validation());
      for (int every = 1; every <= 7; every += 2) {
        List<String> parts = new ArrayList<>();
        trainInPieces(optimizer, every, parts);
        assertThat(parts).as("stopped every %d steps", every).isEqualTo(whole);
      }
    }
  }

  private void trainInPieces(Optimizer optimizer, int every, List<String> notes) {
    Path file = folder.resolve("checkpoint.safetensors");
    Trainer trainer = trainer(Tiny.model(1), optimizer);
    for (int piece = 1; piece < 30; piece++) {
      int[] left = {every};
      TrainEvent.Ended ended =
          trainer.listen(e -> note(e, notes)).stopWhen(() -> left[0]-- == 0).fit(data.train(), data.validation());
      if (!(ended instanceof Interrupted interrupted)) {
        return;
      }
      interrupted.checkpoint().write(file);
      trainer = trainer(Tiny.model(1000 + piece), optimizer).from(Checkpoint.read(file));
    }
    throw new AssertionError("never finished");
  }

  @Test
  void checkpointBeforeAnEvaluationResumesWithIt() {
    Path file = folder.resolve("checkpoint.safetensors");
    List<String> whole = new ArrayList<>();
    Tiny.trainer(Tiny.model(1)).listen(e -> note(e, whole)).listen(event -> {
      if (event instanceof StepDone done && done.step() == 12) {
        done.checkpoint().write(file);
      }
    }).fit(data.train(), data.validation());
    List<String> rest = new ArrayList<>();
    Tiny.trainer(Tiny.model(9)).from(Checkpoint.read(file)).listen(e -> note(e, rest)).fit(data.train(), data.validation());
    assertThat(rest).isEqualTo(whole.subList(1, 4));
  }

  @Test
  void nanLossEndsTheRun() {
    Model model = Tiny.model(1);
    model.parameters().values()[3] = Float.NaN;
    model.parameters().changed();
    assertThatThrownBy(() -> Tiny.trainer(model).fit(data.train(), data.validation()))
        .isInstanceOfSatisfying(DivergedException.class, e -> assertThat(e.step()).isOne())
        .hasMessageMatching("step 1: the loss is NaN at a learning rate of 0\\.0\\d+, training has diverged; "
            + "the first value that is not finite is in the parameter hidden.weight: use a smaller learning rate");
  }

  @Test
  void otherNumberOfClassesIsRefused() {
    assertThatThrownBy(() -> Tiny.trainer(Tiny.model(1)).fit(twoClasses(), data.validation()))
        .isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("two: has 2 classes, the network has 3");
  }

  @Test
  void classesInAnotherOrderAreRefused() {
    List<String> reversed = Tiny.CLASSES.reversed();
    Dataset train = called(data.train(), reversed);
    Dataset validation = called(data.validation(), reversed);
    assertThatThrownBy(() -> Tiny.trainer(Tiny.model(1)).fit(train, data.validation()))
        .isInstanceOf(FoveaException.class)
        .hasMessage("tiny:train: expected the model's classes in their order [top, middle, bottom], got [bottom, middle, top]");
    assertThatThrownBy(() -> Tiny.trainer(Tiny.model(1)).fit(data.train(), validation))
        .hasMessageStartingWith("tiny:validation: expected the model's classes in their order");
    Model unnamed = Model.create(Sequential.of(new Flatten(), Linear.of(3)), Shape.of(1, 4, 4), 1);
    assertThatThrownBy(() -> Tiny.trainer(unnamed).fit(data.train(), validation))
        .hasMessageStartingWith("tiny:validation: expected the training images' classes in their order");
    Tiny.trainer(unnamed).steps(1).fit(train, validation);
  }

  /** The same images, with other class names. */
  private static Dataset called(Dataset data, List<String> classes) {
    byte[] pixels = new byte[data.size() * data.shape().size()];
    int[] labels = new int[data.size()];
    for (int i = 0; i < labels.length; i++) {
      System.arraycopy(data.image(i).pixels(), 0, pixels, i * data.shape().size(), data.shape().size());
      labels[i] = data.label(i);
    }
    return MemoryDataset.of(data.name(), classes, data.shape(), pixels, labels, Fit.STRETCH);
  }

  @Test
  void exchangeSeesTheGradientsBeforeTheOptimizer() {
    Model model = Tiny.model(1);
    String before = model.parameters().fingerprint();
    int[] calls = {0};
    Tiny.trainer(model).optimizer(Sgd.plain()).exchange(gradients -> {
      calls[0]++;
      Arrays.fill(gradients, 0);
    }).fit(data.train(), data.validation());
    assertThat(calls[0]).isEqualTo(18);
    assertThat(model.parameters().fingerprint()).isEqualTo(before);
  }

  @Test
  void trainingGraphHasTheLossTheLogitsAndAGradientForEachParameter() {
    Graph graph = TrainingGraph.of(Tiny.model(1), Loss.CROSS_ENTROPY, 5);
    assertThat(graph.outputShape(TrainingGraph.LOSS).rank()).isZero();
    assertThat(graph.outputShape(Model.OUTPUT)).isEqualTo(Shape.of(5, 3));
    assertThat(graph.outputs()).hasSize(6);
    Tiny.model(1).parameters().entries()
        .forEach(entry -> assertThat(graph.outputShape(Gradients.outputOf(entry.name()))).isEqualTo(entry.shape()));
  }

  @Test
  void invalidSettingsAreRefused() {
    assertThatThrownBy(() -> Tiny.trainer(Tiny.model(1)).batchSize(0))
        .isInstanceOf(FoveaException.class)
        .hasMessage("batch size: expected 1 or more, got 0");
  }

  /** Refused as in PyTorch: the variance of one element is 0, and the output would be the bias. */
  @Test
  void batchNormalisationOfOneElementPerChannelIsRefused() {
    for (Layer layer : List.of(
        Sequential.of(new Flatten(), Linear.of(6), BatchNorm2d.standard().named("norm"), Linear.of(3)),
        Sequential.of(AdaptiveAvgPool2d.of(1, 1), BatchNorm2d.standard().named("norm"), new Flatten(), Linear.of(3)))) {
      Model model = Model.create(layer, Tiny.model(1).card(), 1);
      String before = model.parameters().fingerprint();
      assertThatThrownBy(() -> Tiny.trainer(model).batchSize(1).fit(data.train(), data.validation()))
          .isInstanceOf(FoveaException.class)
          .hasMessage(
              "norm: batch normalisation has one element per channel in a batch of 1, which has no variance: use a batch"
                  + " size of 2 or more, or leave the layer out");
      assertThat(model.parameters().fingerprint()).isEqualTo(before);
    }
    Layer ofMaps = Sequential.of(BatchNorm2d.standard(), new Flatten(), Linear.of(3));
    Trainer.of(Model.create(ofMaps, Tiny.model(1).card(), 1)).batchSize(1).steps(3).fit(data.train(), data.validation());
  }

  /** With 43 images and batch size 7, the last image is alone and has no batch statistics. */
  @Test
  void lastBatchOfOneIsExtendedForBatchNormalisation() {
    Layer layer = Sequential.of(new Flatten(), Linear.of(6), BatchNorm2d.standard().named("norm"), Linear.of(3));
    Model model = Model.create(layer, Tiny.model(1).card(), 1);
    List<Long> images = new ArrayList<>();
    Trainer trainer = Trainer.of(model).batchSize(7).epochs(2).threads(1);
    trainer.listen(event -> {
      if (event instanceof StepDone step) {
        images.add(step.checkpoint().state().images());
      }
    }).fit(data.train(), data.validation());
    assertThat(images).containsExactly(7L, 14L, 21L, 28L, 35L, 42L, 44L, 7L, 14L, 21L, 28L, 35L, 42L, 44L);
    images.clear();
    Trainer.of(Tiny.model(1)).batchSize(7).listen(event -> {
      if (event instanceof StepDone step) {
        images.add(step.checkpoint().state().images());
      }
    }).fit(data.train(), data.validation());
    assertThat(images).containsExactly(7L, 14L, 21L, 28L, 35L, 42L, 43L);
  }

  private List<String> fingerprints(long seed, int threads) {
    List<String> seen = new ArrayList<>();
    Tiny.trainer(Tiny.model(1)).seed(seed).threads(threads).listen(e -> note(e, seen)).fit(data.train(), data.validation());
    return seen;
  }

  private static Trainer trainer(Model model, Optimizer optimizer) {
    return Tiny.trainer(model).optimizer(optimizer).schedule(Schedule.cosine(0.02));
  }

  /** The content of the epoch's event, without times. */
  private static void note(TrainEvent event, List<String> to) {
    if (event instanceof EpochDone e) {
      TrainState t = e.training();
      to.add(e.epoch() + " " + t.step() + " " + t.lossSum() + " " + t.correct() + " " + t.images() + " "
          + e.validation().loss() + " " + e.validation().score() + " " + e.best() + " " + e.fingerprint() + " "
          + e.learningRate());
    } else if (event instanceof Finished f) {
      to.add(f.fingerprint() + " " + f.state().best());
    }
  }

  private static Dataset twoClasses() {
    byte[] pixels = new byte[20];
    int[] labels = new int[10];
    for (int i = 0; i < 10; i++) {
      labels[i] = i % 2;
      pixels[2 * i + labels[i]] = (byte) (200 + i);
    }
    return MemoryDataset.of("two", List.of("left", "right"), Shape.of(1, 1, 2), pixels, labels, Fit.STRETCH);
  }
}
