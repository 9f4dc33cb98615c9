package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Dataset;
import dev.fovea.data.LabelledImage;
import dev.fovea.data.Split;
import dev.fovea.graph.Parameters;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.optim.GradientClipping;
import dev.fovea.optim.Plateau;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.Sgd;
import dev.fovea.optim.WeightAveraging;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clipping, accumulation, averages, plateaus and the end of patience, in a run. */
class UpdateSettingsTest {
  private final Split data = Tiny.split();

  @TempDir
  private Path folder;

  /** Without dropout, so that a batch may be computed in parts. */
  private static Model linear() {
    Card card = new Card("tiny", Tiny.CLASSES, Preprocessing.of(Shape.of(1, 4, 4), Fit.STRETCH), Map.of());
    return Model.create(Sequential.of(new Flatten(), Linear.of(3).named("fc")), card, 1);
  }

  @Test
  void optionsAndBack() {
    UpdateSettings all = new UpdateSettings(List.of("body", "a.*"), 1e-4, 3, 1, 0, 4, 0.999, -1, false, 5);
    assertThat(UpdateSettings.of(all.options())).isEqualTo(all);
    assertThat(UpdateSettings.STANDARD.options()).isEmpty();
    assertThat(UpdateSettings.of(Map.of("loss", "focal"))).isEqualTo(UpdateSettings.STANDARD);
    UpdateSettings equal = new UpdateSettings(List.of(), 0, 0, 0, 2, 1, 0, 0.5, true, 0);
    assertThat(UpdateSettings.of(equal.options())).isEqualTo(equal);
    assertThatThrownBy(() -> UpdateSettings.of(Map.of("ema", "much"))).hasMessage("ema: expected a number, got 'much'");
    assertThatThrownBy(() -> UpdateSettings.of(Map.of("ema", "0.9", "swa", "0.5"))).hasMessageContaining("choose one");
  }

  @Test
  void partsOfABatchGiveTheBatchsStep() {
    Model whole = linear();
    Model parts = linear();
    Trainer trainer = Tiny.trainer(whole).epochs(1);
    trainer.fit(data.train(), data.validation());
    Tiny.trainer(parts).epochs(1).accumulate(3).fit(data.train(), data.validation());
    float[] expected = whole.parameters().values();
    for (int i = 0; i < expected.length; i++) {
      // six steps, each of a sum in another order
      assertThat(parts.parameters().values()[i]).isCloseTo(expected[i], within(6 * 0x1p-20f));
    }
    assertThatThrownBy(() -> Tiny.trainer(parts).accumulate(9).fit(data.train(), data.validation()))
        .hasMessageContaining("a batch of 8 cannot be computed in 9 parts");
    Tiny.trainer(parts).accumulate(9).batchSize(9).epochs(1).fit(data.train(), data.validation());
  }

  /** The weights of the classes in a part are others than in the batch. */
  @Test
  void partsCountByTheWeightsOfTheirLabels() {
    Loss weighted = Loss.of(new LossSettings("", 0.1, new ClassWeights(false, List.of(5.0, 0.1, 1.0))),
        new Task.OneLabel(Tiny.CLASSES), Shape.of(1, 3));
    Model whole = linear();
    Model parts = linear();
    List<Double> losses = new ArrayList<>();
    List<Double> ofParts = new ArrayList<>();
    Tiny.trainer(whole).loss(weighted).epochs(1).listen(losses(losses)).fit(data.train(), data.validation());
    Tiny.trainer(parts).loss(weighted).epochs(1).accumulate(3).listen(losses(ofParts)).fit(data.train(), data.validation());
    for (int i = 0; i < whole.parameters().size(); i++) {
      // six steps, each of a sum in another order
      assertThat(parts.parameters().values()[i]).isCloseTo(whole.parameters().values()[i], within(6 * 0x1p-20f));
    }
    for (int step = 0; step < losses.size(); step++) {
      assertThat(ofParts.get(step)).isCloseTo(losses.get(step), within(6 * 0x1p-20));
    }
  }

  private static Consumer<TrainEvent> losses(List<Double> to) {
    return event -> {
      if (event instanceof TrainEvent.StepDone done) {
        to.add(done.loss());
      }
    };
  }

  /** A part without a labelled pixel adds nothing. */
  @Test
  void partsCountByTheirLabelledPixels() {
    Dataset maps = new HalfLabelled(data.train());
    Card card = new Card("pixels", Tiny.CLASSES, Preprocessing.of(Shape.of(1, 4, 4), Fit.STRETCH), Map.of());
    Model whole = Model.create(Conv2d.of(3, 3).padding(1).named("conv"), card, 1);
    Model parts = Model.create(Conv2d.of(3, 3).padding(1).named("conv"), card, 1);
    Tiny.trainer(whole).epochs(1).fit(maps, maps);
    Tiny.trainer(parts).epochs(1).accumulate(8).fit(maps, maps);
    for (int i = 0; i < whole.parameters().size(); i++) {
      assertThat(parts.parameters().values()[i]).isCloseTo(whole.parameters().values()[i], within(6 * 0x1p-18f));
    }
  }

  /** Every pixel of every second image has the image's label, the pixels of the others have none. */
  private record HalfLabelled(Dataset images) implements Dataset {
    @Override
    public String name() {
      return "half labelled";
    }

    @Override
    public int size() {
      return images.size();
    }

    @Override
    public List<String> classes() {
      return images.classes();
    }

    @Override
    public int label(int index) {
      return images.label(index);
    }

    @Override
    public boolean segments() {
      return true;
    }

    @Override
    public Image image(int index) {
      return images.image(index);
    }

    @Override
    public LabelledImage labelled(int index) {
      byte[] labels = new byte[16];
      Arrays.fill(labels, (byte) (index % 2 == 0 ? images.label(index) : LabelMap.VOID));
      return new LabelledImage(images.image(index), new LabelMap(4, 4, labels));
    }

    @Override
    public Shape shape() {
      return images.shape();
    }
  }

  @Test
  void contradictionsAreRefused() {
    assertThatThrownBy(() -> UpdateSettings.of(Map.of("unfreeze", "3"))).hasMessageContaining("unfreeze: nothing is frozen");
    assertThatThrownBy(() -> Tiny.config(Map.of("accumulate", "9")))
        .hasMessageContaining("accumulate: a batch of 8 is computed in 1 to 8 parts, got 9");
    assertThatThrownBy(() -> Tiny.trainer(linear()).patience(-1)).hasMessage("patience: expected 0 or more, got -1");
  }

  @Test
  void clippedStepsAreAsLongAsTheLimit() {
    Model before = linear();
    Model after = linear();
    Tiny.trainer(after).optimizer(Sgd.plain()).schedule(Schedule.constant(1)).steps(1)
        .clip(new GradientClipping(GradientClipping.Kind.NORM, 0.01)).fit(data.train(), data.validation());
    assertThat(distance(before.parameters(), after.parameters())).isCloseTo(0.01, within(1e-6));
    Model limited = linear();
    Tiny.trainer(limited).optimizer(Sgd.plain()).schedule(Schedule.constant(1)).steps(1)
        .clip(new GradientClipping(GradientClipping.Kind.VALUE, 0.001)).fit(data.train(), data.validation());
    for (int i = 0; i < limited.parameters().size(); i++) {
      assertThat(Math.abs(limited.parameters().values()[i] - before.parameters().values()[i]))
          .isLessThanOrEqualTo(0.001f + 0x1p-23f);
    }
  }

  private static double distance(Parameters a, Parameters b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      double d = (double) a.values()[i] - b.values()[i];
      sum += d * d;
    }
    return Math.sqrt(sum);
  }

  /** The network at the end is the average of what the same run without one goes through. */
  @Test
  void averagesOfTheWeights() {
    List<float[]> steps = new ArrayList<>();
    List<float[]> epochs = new ArrayList<>();
    Model plain = Tiny.model(1);
    Tiny.trainer(plain).epochs(4).listen(event -> {
      if (event instanceof TrainEvent.StepDone) {
        steps.add(plain.parameters().values().clone());
      } else if (event instanceof TrainEvent.EpochDone) {
        epochs.add(plain.parameters().values().clone());
      }
    }).fit(data.train(), data.validation());
    Model exponential = Tiny.model(1);
    Tiny.trainer(exponential).epochs(4).average(WeightAveraging.exponential(0.8)).fit(data.train(), data.validation());
    Model equal = Tiny.model(1);
    Tiny.trainer(equal).epochs(4).average(WeightAveraging.equal(0.5)).fit(data.train(), data.validation());
    for (int i = 0; i < plain.parameters().size(); i++) {
      double ema = steps.getFirst()[i];
      for (float[] step : steps.subList(1, steps.size())) {
        ema += (1 - 0.8) * (step[i] - ema);
      }
      assertThat((double) exponential.parameters().values()[i]).isCloseTo(ema, within(steps.size() * 0x1p-22));
      assertThat((double) equal.parameters().values()[i]).isCloseTo(((double) epochs.get(2)[i] + epochs.get(3)[i]) / 2,
          within(0x1p-22));
    }
  }

  /** Stopped after each third step and resumed, with everything that has a state. */
  @Test
  void resumedRunsGiveTheSameBits() {
    for (WeightAveraging averaging : List.of(WeightAveraging.exponential(0.8), WeightAveraging.equal(0.3))) {
      Model whole = Tiny.model(1);
      trainer(whole, averaging).fit(data.train(), data.validation());
      Path file = folder.resolve("checkpoint.safetensors");
      Trainer trainer = trainer(Tiny.model(1), averaging);
      TrainEvent.Ended ended = null;
      for (int piece = 0; !(ended instanceof TrainEvent.Finished); piece++) {
        int[] left = {3};
        Model model = Tiny.model(100 + piece);
        Trainer next = trainer(model, averaging).stopWhen(() -> left[0]-- == 0);
        ended = (piece == 0 ? trainer.stopWhen(() -> left[0]-- == 0) : next.from(Checkpoint.read(file)))
            .fit(data.train(), data.validation());
        if (ended instanceof TrainEvent.Interrupted interrupted) {
          interrupted.checkpoint().write(file);
        } else {
          assertThat(model.parameters().values()).isEqualTo(whole.parameters().values());
        }
      }
    }
  }

  private static Trainer trainer(Model model, WeightAveraging averaging) {
    return Tiny.trainer(model).average(averaging).accumulate(2).clip(new GradientClipping(GradientClipping.Kind.NORM, 1))
        .plateau(new Plateau(0.5, 0, 0.2, 0, 0)).fineTuning(FineTuning.NONE.freeze("hidden.*").unfreezing(1))
        .decaysVectors(false);
  }

  @Test
  void checkpointOfOtherSettingsIsRefused() {
    Path file = folder.resolve("checkpoint.safetensors");
    Tiny.trainer(Tiny.model(1)).average(WeightAveraging.exponential(0.8)).listen(event -> {
      if (event instanceof TrainEvent.StepDone done) {
        done.checkpoint().write(file);
      }
    }).fit(data.train(), data.validation());
    assertThatThrownBy(() -> Tiny.trainer(Tiny.model(1)).from(Checkpoint.read(file)).fit(data.train(), data.validation()))
        .hasMessageContaining("was written with the averaging WeightAveraging[kind=EXPONENTIAL, decay=0.8")
        .hasMessageContaining("this run has none");
  }

  @Test
  void endOfPatience() {
    List<Integer> epochs = new ArrayList<>();
    TrainEvent.Ended ended =
        Tiny.trainer(Tiny.model(1)).schedule(Schedule.constant(1e-12)).epochs(30).patience(3).listen(event -> {
          if (event instanceof TrainEvent.EpochDone done) {
            epochs.add(done.best().epoch());
          }
        }).fit(data.train(), data.validation());
    assertThat(ended).isInstanceOf(TrainEvent.Finished.class);
    assertThat(epochs.size() - epochs.getLast()).isEqualTo(3);
    assertThat(epochs.size()).isLessThan(30);
  }

  @Test
  void plateauReducesTheRate() {
    List<Double> rates = new ArrayList<>();
    Tiny.trainer(Tiny.model(1)).schedule(Schedule.constant(1e-9)).epochs(4).plateau(new Plateau(0.1, 0, 0.5, 0, 0.01))
        .listen(event -> {
          if (event instanceof TrainEvent.EpochDone done) {
            rates.add(done.learningRate());
          }
        }).fit(data.train(), data.validation());
    assertThat(rates).containsExactly(1e-9, 1e-9, 1e-9 * 0.1, 1e-9 * (0.1 * 0.1));
  }
}
