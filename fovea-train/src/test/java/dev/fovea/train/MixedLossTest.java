package dev.fovea.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.augment.Augmentation;
import dev.fovea.augment.Mixing;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Program;
import dev.fovea.graph.SharedWorkspace;
import dev.fovea.graph.Workspace;
import dev.fovea.graph.Workspace.Slot;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loss of mixed images: {@code weight * loss(labels) + (1 - weight) * loss(partners' labels)}. */
class MixedLossTest {
  private static final Shape IMAGE = Shape.of(1, 4, 4);
  private static final int BATCH = 5;
  private static final float[] OWN = {0, 1, 2, 2, 1};
  private static final float[] PARTNERS = {2, 2, 0, 1, 1};

  private static Model model() {
    Card card = new Card("linear", Tiny.CLASSES, Preprocessing.of(IMAGE, Fit.STRETCH), Map.of());
    return Model.create(Sequential.of(new Flatten(), Linear.of(3)), card, 3);
  }

  /** Loss, logits and gradients of a step. */
  private record Result(double loss, float[] logits, float[] gradients) {}

  private static Result run(Model model, Graph graph, Map<String, float[]> inputs) {
    Program program = Backends.find().compile(graph, model.parameters(), 1);
    Workspace workspace = program.workspace();
    Slot images = workspace.input(Model.INPUT);
    for (int i = 0; i < BATCH * IMAGE.size(); i++) {
      images.array()[images.offset() + i] = 2 * Rng.of(1).uniform(i) - 1;
    }
    inputs.forEach((name, values) -> {
      Slot slot = workspace.input(name);
      System.arraycopy(values, 0, slot.array(), slot.offset(), values.length);
    });
    program.run(workspace);
    Slot loss = workspace.output(TrainingGraph.LOSS);
    Slot logits = workspace.output(Model.OUTPUT);
    float[] copy = new float[BATCH * 3];
    System.arraycopy(logits.array(), logits.offset(), copy, 0, copy.length);
    return new Result(loss.array()[loss.offset()], copy, workspace.gradients().clone());
  }

  /** PyTorch's CrossEntropyLoss with label smoothing and class weights, in double. */
  private static double crossEntropy(float[] logits, float[] labels, double smoothing, double[] weights) {
    double sum = 0;
    double norm = 0;
    for (int i = 0; i < BATCH; i++) {
      double total = 0;
      for (int k = 0; k < 3; k++) {
        total += Math.exp(logits[3 * i + k]);
      }
      for (int k = 0; k < 3; k++) {
        double target = (k == labels[i] ? 1 - smoothing : 0) + smoothing / 3;
        sum -= target * weights[k] * (logits[3 * i + k] - Math.log(total));
      }
      norm += weights[(int) labels[i]];
    }
    return sum / norm;
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';',
      value = {"0; 1,1,1; 0.3", "0.1; 1,1,1; 0.75", "0; 1,2,0.5; 0.6", "0.2; 3,1,0.5; 0.1", "0.2; 1,2,3; 1"})
  void lossIsTheWeightedSumOfBothLabels(double smoothing, String weights, float weight) {
    List<Double> classWeights = List.of(weights.split(",")).stream().map(Double::valueOf).toList();
    Model model = model();
    Loss loss = Loss.of(new LossSettings("cross-entropy", smoothing, new ClassWeights(false, classWeights)), model.card().task(),
        Shape.of(BATCH, 3));
    Result mixed = run(model, TrainingGraph.of(model.graph(), loss, BATCH, true), Map.of(
        TrainingGraph.LABELS, OWN, TrainingGraph.PARTNER_LABELS, PARTNERS, TrainingGraph.LABEL_WEIGHT, new float[] {weight}));
    double[] w = classWeights.stream().mapToDouble(Double::doubleValue).toArray();
    double expected = weight * crossEntropy(mixed.logits, OWN, smoothing, w)
        + (1 - weight) * crossEntropy(mixed.logits, PARTNERS, smoothing, w);
    // some tens of roundings of numbers of the size of the loss
    assertThat(mixed.loss).isCloseTo(expected, within(expected * 64 * 0x1p-24));
    Result own = run(model, TrainingGraph.of(model.graph(), loss, BATCH), Map.of(TrainingGraph.LABELS, OWN));
    Result partner = run(model, TrainingGraph.of(model.graph(), loss, BATCH), Map.of(TrainingGraph.LABELS, PARTNERS));
    for (int i = 0; i < mixed.gradients.length; i++) {
      assertThat((double) mixed.gradients[i])
          .isCloseTo(weight * own.gradients[i] + (1 - weight) * partner.gradients[i], within(64 * 0x1p-24));
    }
  }

  /** The loss of several labels is linear in them, so that of the mixed labels is the mixture of both losses. */
  @Test
  void severalLabelsMixToo() {
    Model model = Model.create(Sequential.of(new Flatten(), Linear.of(3)),
        new Card("linear", new Task.SeveralLabels(Tiny.CLASSES), Preprocessing.of(IMAGE, Fit.STRETCH), Map.of()), 3);
    Loss loss = Loss.forModel(model);
    float[] own = new float[3 * BATCH];
    float[] partners = new float[3 * BATCH];
    float[] both = new float[3 * BATCH];
    float weight = 0.25f;
    for (int i = 0; i < own.length; i++) {
      own[i] = Rng.of(2).uniform(i) < 0.5 ? 1 : 0;
      partners[i] = Rng.of(3).uniform(i) < 0.5 ? 1 : 0;
      both[i] = weight * own[i] + (1 - weight) * partners[i];
    }
    Result mixed = run(model, TrainingGraph.of(model.graph(), loss, BATCH, true), Map.of(
        TrainingGraph.LABELS, own, TrainingGraph.PARTNER_LABELS, partners, TrainingGraph.LABEL_WEIGHT, new float[] {weight}));
    Result linear = run(model, TrainingGraph.of(model.graph(), loss, BATCH), Map.of(TrainingGraph.LABELS, both));
    // some tens of roundings of numbers of the size of the loss
    assertThat(mixed.loss).isCloseTo(linear.loss, within(linear.loss * 64 * 0x1p-24));
    for (int i = 0; i < mixed.gradients.length; i++) {
      assertThat((double) mixed.gradients[i]).isCloseTo(linear.gradients[i], within(64 * 0x1p-24));
    }
  }

  /** An image counts as correct if the network predicts the label with the larger weight. */
  @Test
  void accuracyCountsTheLargerWeight() {
    Model model = model();
    PreprocessedDataset images = Tiny.images("mixed", 40).preprocessed(model.card().preprocessing());
    Augmentation mixup = Augmentation.parse("mixup(1)");
    Loader loader = new Loader(_ -> images, List.of(Model.INPUT, TrainingGraph.LABELS), 1);
    TrainingBatches batches = new TrainingBatches(model.graph(), model.parameters(), Loss.CROSS_ENTROPY, mixup, loader, 1,
        new SharedWorkspace());
    int[] order = IntStream.range(0, 40).toArray();
    int smaller = 0;
    for (int step = 0; step < 20; step++) {
      Rng key = Rng.of(1).at(step);
      TrainingBatches.StepResult result = batches.run(new Loader.Batch(0, order, 0, 40), key, List.of());
      float[] pixels = new float[40 * 16];
      float[] labels = new float[40];
      for (int i = 0; i < 40; i++) {
        images.read(i, pixels, i * 16, labels, i);
      }
      Mixing.Mixed mixed = mixup.mix(pixels, 0, Shape.of(40, 1, 4, 4), key.at("mix"));
      int correct = 0;
      for (int i = 0; i < 40; i++) {
        float label = labels[mixed.weight() >= 0.5 ? i : mixed.partners()[i]];
        correct += predicted(model, pixels, i * 16) == label ? 1 : 0;
      }
      smaller += mixed.weight() < 0.5 ? 1 : 0;
      assertThat(result.correct()).isEqualTo(correct);
      assertThat(result.labels()).isEqualTo(40);
    }
    assertThat(smaller).isBetween(1, 19);
  }

  private static int predicted(Model model, float[] pixels, int offset) {
    float[] values = model.parameters().values();
    int weights = offset(model, 2);
    int bias = offset(model, 1);
    int best = 0;
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < 3; k++) {
      double sum = values[bias + k];
      for (int i = 0; i < 16; i++) {
        sum += (double) values[weights + k * 16 + i] * pixels[offset + i];
      }
      best = sum > largest ? k : best;
      largest = Math.max(largest, sum);
    }
    return best;
  }

  private static int offset(Model model, int rank) {
    return model.parameters().entries().stream().filter(entry -> entry.shape().rank() == rank).findFirst().orElseThrow().offset();
  }

  @Test
  void withoutMixingTheGraphIsAsBefore() {
    Model model = model();
    Graph plain = TrainingGraph.of(model.graph(), Loss.CROSS_ENTROPY, BATCH, false);
    assertThat(plain.inputs()).hasSize(2);
    assertThat(TrainingGraph.of(model.graph(), Loss.CROSS_ENTROPY, BATCH, true).inputs()).hasSize(4);
  }
}
