package dev.fovea.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fovea.data.Dataset;
import dev.fovea.data.MemoryDataset;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.metric.Evaluation.Mistake;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Prediction;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
  private static final Shape TWO_PIXELS = Shape.of(1, 1, 2);
  private static final Shape TWELVE_PIXELS = Shape.of(1, 3, 4);

  /** Flatten and one fully connected layer with these parameters, weights first, then biases. */
  private static Model linear(Shape input, List<String> classes, int outputs, float... values) {
    Card card = new Card("linear", classes, Preprocessing.of(input, Fit.STRETCH), Map.of());
    Model model = Model.create(Sequential.of(new Flatten(), Linear.of(outputs).named("output")), card, 1);
    System.arraycopy(values, 0, model.parameters().values(), 0, values.length);
    model.parameters().changed();
    return model;
  }

  private static Dataset data(Shape shape, List<String> classes, int[] labels, int... pixels) {
    byte[] bytes = new byte[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      bytes[i] = (byte) pixels[i];
    }
    return MemoryDataset.of("handmade", classes, shape, bytes, labels, Fit.STRETCH);
  }

  @Test
  void imageThatDoesNotFitIsRefusedBeforeAllocation() {
    // an engine may store one channel in a block of 16
    long side = (long) Math.sqrt(Runtime.getRuntime().maxMemory() / 48.0);
    assumeTrue(16 * side * side < Integer.MAX_VALUE - 64, "so large a memory that every array fits");
    Model model = Model.create(
        Sequential.of(MaxPool2d.of(16), AdaptiveAvgPool2d.of(1, 1), new Flatten(), Linear.of(2)),
        Shape.of(1, (int) side, (int) side), 1);
    assertThatThrownBy(() -> model.predict(new Image(1, 1, 1, new byte[1]))).isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("a batch of 1 needs ").hasMessageContaining(" MiB are left: use smaller images");
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "c" + i).toList();
  }

  private static Model randomModel(int classes) {
    Card card = new Card("random", names(classes), Preprocessing.of(TWELVE_PIXELS, Fit.STRETCH), Map.of());
    return Model.create(Sequential.of(new Flatten(), Linear.of(classes).named("output")), card, 7);
  }

  private static Dataset randomData(int count, int classes) {
    Rng random = Rng.of(11);
    int[] labels = new int[count];
    int[] pixels = new int[count * TWELVE_PIXELS.size()];
    Arrays.setAll(labels, i -> random.below(i, classes));
    Arrays.setAll(pixels, i -> random.below(count + i, 256));
    return data(TWELVE_PIXELS, names(classes), labels, pixels);
  }

  @Test
  void lossAndMatrixOfThreeClassesAreExact() {
    // logits are (a, b, 0) for an image of the pixels a and b, which are 0 or 1
    Model model = linear(TWO_PIXELS, names(3), 3, 1, 0, 0, 1, 0, 0, 0, 0, 0);
    Dataset data = data(TWO_PIXELS, names(3), new int[] {0, 1, 2}, 255, 0, 0, 255, 255, 0);
    Evaluation result = Evaluator.of(model, 1).evaluate(data);

    assertThat(result.confusion()).isDeepEqualTo(new long[][] {{1, 0, 0}, {0, 1, 0}, {1, 0, 0}});
    double e = Math.E;
    double right = -Math.log(e / (e + 2));
    double wrong = -Math.log(1 / (e + 2));
    assertThat(result.loss()).isEqualTo((2 * right + wrong) / 3, within(1e-7));
    assertThat(result.worst()).singleElement().satisfies(m -> {
      assertThat(m.index()).isEqualTo(2);
      assertThat(m.label()).isEqualTo(2);
      assertThat(m.predicted()).isZero();
      assertThat(m.probability()).isEqualTo(e / (e + 2), within(1e-7));
    });
  }

  @Test
  void oneLogitUsesTheSigmoid() {
    // the logit is 2a - 1
    Model model = linear(TWO_PIXELS, names(2), 1, 2, 0, -1);
    Dataset data = data(TWO_PIXELS, names(2), new int[] {1, 0, 1}, 255, 0, 0, 0, 0, 0);
    Evaluation result = Evaluator.of(model, 1).evaluate(data);

    assertThat(result.confusion()).isDeepEqualTo(new long[][] {{1, 0}, {1, 1}});
    double sigmoid = 1 / (1 + Math.exp(-1));
    assertThat(result.loss()).isEqualTo((-2 * Math.log(sigmoid) - Math.log(1 - sigmoid)) / 3, within(1e-7));
    assertThat(result.worst()).singleElement().satisfies(m -> assertThat(m.probability()).isEqualTo(sigmoid, within(1e-7)));
  }

  @Test
  void hugeLogitsDoNotOverflow() {
    Model softmax = linear(TWO_PIXELS, names(3), 3, 1e6f, 0, 0, 1e6f, 0, 0, 0, 0, 0);
    Model sigmoid = linear(TWO_PIXELS, names(2), 1, 1e6f, 0, 0);
    Evaluation three = Evaluator.of(softmax, 1).evaluate(data(TWO_PIXELS, names(3), new int[] {1}, 255, 0));
    Evaluation two = Evaluator.of(sigmoid, 1).evaluate(data(TWO_PIXELS, names(2), new int[] {0}, 255, 0));
    assertThat(three.loss()).isEqualTo(1e6, within(1.0));
    assertThat(two.loss()).isEqualTo(1e6, within(1.0));
    assertThat(two.worst().getFirst().probability()).isEqualTo(1.0);
  }

  @Test
  void nanOutputsHaveNoLossButAreCounted() {
    Model model = linear(TWO_PIXELS, names(3), 3, Float.NaN, 0, 0, 0, 0, 0, 0, 0, 0);
    Evaluation result = Evaluator.of(model, 1).evaluate(data(TWO_PIXELS, names(3), new int[] {0, 1}, 255, 0, 255, 0));
    assertThat(result.loss()).isNaN();
    assertThat(result.count()).isEqualTo(2);
    assertThatThrownBy(() -> model.predict(new Image(2, 1, 1, new byte[2]))).isInstanceOf(FoveaException.class)
        .hasMessage(
            "linear gives outputs that are not finite: its weights have diverged or are damaged; use an earlier model, or"
                + " train it again");
  }

  @Test
  void batchesGiveTheSameAsSingleImages() {
    Model model = randomModel(5);
    Dataset data = randomData(300, 5);
    List<Integer> heard = new ArrayList<>();
    Evaluation result = Evaluator.of(model, 1).evaluate(data, heard::add);

    long[][] oneByOne = new long[5][5];
    double loss = 0;
    for (int i = 0; i < data.size(); i++) {
      Prediction prediction = model.predict(data.image(i));
      oneByOne[data.label(i)][prediction.best().index()]++;
      int label = data.label(i);
      loss -= prediction.scores().stream().filter(s -> s.index() == label).mapToDouble(s -> Math.log(s.probability())).sum();
    }
    assertThat(heard).containsExactly(128, 256, 300);
    assertThat(result.confusion()).isDeepEqualTo(oneByOne);
    assertThat(result.loss()).isEqualTo(loss / 300, within(1e-6));
  }

  @Test
  void theWorstMistakesAreTheMostConfidentOnes() {
    Model model = randomModel(5);
    Dataset data = randomData(300, 5);
    List<Mistake> all = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      Prediction.Score best = model.predict(data.image(i)).best();
      if (best.index() != data.label(i)) {
        all.add(new Mistake(i, data.label(i), best.index(), best.probability()));
      }
    }
    all.sort(Evaluation.WORST_FIRST);
    List<Mistake> worst = Evaluator.of(model, 1).evaluate(data).worst();
    assertThat(worst).hasSize(Evaluation.MAX_MISTAKES).isSortedAccordingTo(Evaluation.WORST_FIRST);
    assertThat(worst).extracting(Mistake::index).containsExactlyElementsOf(all.stream().limit(36).map(Mistake::index).toList());
  }

  @Test
  void sameResultOnAnyNumberOfThreads() {
    Model model = randomModel(4);
    Dataset data = randomData(200, 4);
    assertThat(Evaluator.of(model, 3).evaluate(data)).isEqualTo(Evaluator.of(model, 1).evaluate(data));
  }

  @Test
  void evaluatorReadsCurrentParameters() {
    Model model = linear(TWO_PIXELS, names(2), 1, 2, 0, -1);
    Dataset data = data(TWO_PIXELS, names(2), new int[] {1}, 255, 0);
    Evaluator evaluator = Evaluator.of(model, 1);
    assertThat(evaluator.evaluate(data).accuracy()).isEqualTo(1);
    model.parameters().values()[0] = -2;
    model.parameters().changed();
    assertThat(evaluator.evaluate(data).accuracy()).isZero();
  }

  @Test
  void otherClassesAreRefused() {
    Evaluator evaluator = Evaluator.of(randomModel(5), 1);
    assertThatThrownBy(() -> evaluator.evaluate(randomData(3, 4)))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("5 classes")
        .hasMessageContaining("got 4");

    List<String> reversed = new ArrayList<>(names(5));
    Collections.reverse(reversed);
    Dataset reordered = data(TWELVE_PIXELS, reversed, new int[] {0}, new int[12]);
    assertThatThrownBy(() -> evaluator.evaluate(reordered))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("in their order");
  }

  @Test
  void classNamesAreThoseOfTheData() {
    Dataset named = data(TWELVE_PIXELS, List.of("coat", "shoe", "hat", "bag", "sock"), new int[] {0}, new int[12]);
    assertThat(Evaluator.of(randomModel(5), 1).evaluate(named).classes()).containsExactly("coat", "shoe", "hat", "bag", "sock");
  }

  @Test
  void zeroThreadsAreRefused() {
    assertThatThrownBy(() -> Evaluator.of(randomModel(5), 0)).isInstanceOf(FoveaException.class);
  }
}
