package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Samples;
import dev.fovea.data.Split;
import dev.fovea.feature.Features;
import dev.fovea.feature.FrozenBody;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.BatchNorm2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.optim.Schedule;
import dev.fovea.optim.Sgd;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FineTuningTest {
  private static final FineTuning BODY = FineTuning.NONE.freeze(FineTuning.BODY);

  private final Split data = Tiny.split();

  /** Two convolutions with batch normalisation, a dropout before the last layer. */
  private static Model model() {
    Sequential layer = Sequential.of(Conv2d.of(5, 3).padding(1).named("a"), BatchNorm2d.standard().named("bn"), Activation.RELU,
        Conv2d.of(4, 3).named("b"), Activation.RELU, new Flatten(), new Dropout(0.3), Linear.of(3).named("fc"));
    return Model.create(layer, new Card("tiny", Tiny.CLASSES, Preprocessing.of(Shape.of(1, 4, 4), Fit.STRETCH), Map.of()), 1);
  }

  private static float[] values(Model model, String name) {
    Parameters.Entry entry = model.parameters().entry(name);
    return Arrays.copyOfRange(model.parameters().values(), entry.offset(), entry.offset() + entry.shape().size());
  }

  @Test
  void frozenBodyKeepsItsParametersAndItsStatistics() {
    Model before = model();
    Model model = model();
    Tiny.trainer(model).fineTuning(BODY).fit(data.train(), data.validation());
    for (Parameters.Entry entry : model.parameters().entries()) {
      boolean head = entry.name().startsWith("fc.");
      assertThat(Arrays.equals(values(model, entry.name()), values(before, entry.name()))).as(entry.name()).isEqualTo(!head);
    }
  }

  @Test
  void patternsFreezeToo() {
    Model before = model();
    Model model = model();
    Tiny.trainer(model).fineTuning(FineTuning.NONE.freeze("a.*", "*.bias")).fit(data.train(), data.validation());
    for (String name : List.of("a.weight", "a.bias", "b.bias", "fc.bias")) {
      assertThat(values(model, name)).as(name).isEqualTo(values(before, name));
    }
    for (String name : List.of("bn.weight", "bn.running_mean", "b.weight", "fc.weight")) {
      assertThat(values(model, name)).as(name).isNotEqualTo(values(before, name));
    }
  }

  /** The features and the head compute what the whole network does, but for batch normalisations that are folded into convolutions. */
  @Test
  void featuresGiveTheStepOfTheWholeNetwork() {
    Model model = model();
    Map<String, FineTuning.Rate> rates = BODY.rates(model);
    FrozenBody parts = FrozenBody.of(model.graph(), FineTuning.changing(rates, 0)).orElseThrow();
    assertThat(parts.head().inputs()).hasSize(1);
    assertThat(parts.head().params()).extracting(param -> param.name()).containsExactly("fc.weight", "fc.bias");
    var images = data.train().preprocessed(model.card().preprocessing());
    Features features = Features.of(images, parts.body(), model.parameters(), 1);
    Loader.Batch batch = new Loader.Batch(0, IntStream.range(0, 43).toArray(), 5, 19);
    Rng random = Rng.of(3);
    TrainingBatches.StepResult whole = new TrainingBatches(FineTuning.frozen(model.graph(), rates, 0), model.parameters(),
        Loss.CROSS_ENTROPY, loader(images, Model.INPUT), 1, new SharedWorkspace()).run(batch, random, List.of());
    TrainingBatches.StepResult head = new TrainingBatches(parts.head(), model.parameters(), Loss.CROSS_ENTROPY,
        loader(features, "feature0"), 1, new SharedWorkspace()).run(batch, random, List.of());
    assertThat(head.loss()).isCloseTo(whole.loss(), within(1e-6));
    for (int i = 0; i < whole.gradients().length; i++) {
      assertThat(head.gradients()[i]).isCloseTo(whole.gradients()[i], within(1e-6f));
    }
  }

  private static Loader loader(Samples samples, String input) {
    return new Loader(_ -> samples, List.of(input, TrainingGraph.LABELS), 1);
  }

  /** A first step of plain SGD moves the body by a tenth of what it would. */
  @Test
  void bodyHasItsOwnRate() {
    Model before = model();
    Model same = model();
    Model slow = model();
    Tiny.trainer(same).optimizer(Sgd.plain()).schedule(Schedule.constant(0.1)).steps(1).fit(data.train(), data.validation());
    Tiny.trainer(slow).optimizer(Sgd.plain()).schedule(Schedule.constant(0.1)).fineTuning(FineTuning.NONE.bodyRate(0.1)).steps(1)
        .fit(data.train(), data.validation());
    assertThat(values(slow, "fc.weight")).isEqualTo(values(same, "fc.weight"));
    float[] w = values(before, "a.weight");
    for (int i = 0; i < w.length; i++) {
      assertThat(values(slow, "a.weight")[i] - w[i]).isCloseTo((values(same, "a.weight")[i] - w[i]) / 10, within(0x1p-23f));
    }
  }

  @Test
  void layersBeginOneAfterAnotherFromTheLast() {
    Map<String, FineTuning.Rate> rates = BODY.unfreezing(3).rates(model());
    assertThat(List.of("fc.weight", "b.weight", "bn.bias", "a.weight"))
        .map(name -> Objects.requireNonNull(rates.get(name)).since())
        .containsExactly(0, 1, 2, 3);
    List<Boolean> still = new ArrayList<>();
    Model before = model();
    Model model = model();
    Tiny.trainer(model).epochs(5).fineTuning(BODY.unfreezing(3)).listen(event -> {
      if (event instanceof TrainEvent.EpochDone) {
        still.add(Arrays.equals(values(model, "a.weight"), values(before, "a.weight")));
      }
    }).fit(data.train(), data.validation());
    assertThat(still).containsExactly(true, true, true, false, false);
  }

  @Test
  void nothingToTrainAndUnknownNamesAreRefused() {
    assertThatThrownBy(() -> FineTuning.NONE.freeze("*").rates(model())).isInstanceOf(FoveaException.class)
        .hasMessageContaining("nothing is left to train");
    assertThatThrownBy(() -> FineTuning.NONE.freeze("conv*").rates(model()))
        .hasMessageContaining("no parameter is called 'conv*': the first is a.weight");
    assertThatThrownBy(() -> FineTuning.NONE.unfreezing(2)).hasMessageContaining("needs a frozen part");
  }

  /** A head that reads maps larger than the image, or varied images, has no features. */
  @Test
  void featuresOnlyWhereTheySaveSomething() {
    Model model = model();
    Graph graph = model.graph();
    assertThat(FrozenBody.of(graph, FineTuning.changing(FineTuning.NONE.rates(model), 0))).isEmpty();
    assertThat(FrozenBody.of(graph, FineTuning.changing(FineTuning.NONE.freeze("a.*").rates(model), 0))).isEmpty(); // 5 of 4x4
    assertThat(FrozenBody.of(graph, FineTuning.changing(FineTuning.NONE.freeze("a.*", "bn.*", "b.*").rates(model), 0)))
        .isPresent();
  }
}
