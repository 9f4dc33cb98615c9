package dev.fovea.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Dataset;
import dev.fovea.data.MemoryDataset;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.image.TestTimeAugmentation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.metric.Calibration.Bin;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ScoresTest {
  private static final Shape IMAGE = Shape.of(1, 6, 5);
  private static final Offset<Double> EXACT = within(1e-15);

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "c" + i).toList();
  }

  private static Model model(int outputs, double temperature) {
    Card card = new Card("random", names(Math.max(2, outputs)), Preprocessing.of(IMAGE, Fit.STRETCH), Map.of());
    return Model.create(Sequential.of(Conv2d.of(3, 3), new Flatten(), Linear.of(outputs)), card.temperature(temperature), 7);
  }

  private static Dataset data(int count, int classes) {
    Rng random = Rng.of(11);
    int[] labels = new int[count];
    byte[] pixels = new byte[count * IMAGE.size()];
    Arrays.setAll(labels, i -> random.below(i, classes));
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.below(count + i, 256);
    }
    return MemoryDataset.of("random", names(classes), IMAGE, pixels, labels, Fit.STRETCH);
  }

  @Test
  void scoresGiveTheSameEvaluationOnAnyNumberOfThreads() {
    for (int outputs : new int[] {1, 2, 5}) {
      Model model = model(outputs, 1.7);
      Dataset data = data(150, Math.max(2, outputs));
      Evaluation expected = Evaluator.of(model, 1).evaluate(data);
      for (int threads = 1; threads <= 3; threads++) {
        Scores scores = Evaluator.of(model, threads).scores(data, _ -> {});
        assertThat(scores.evaluation()).as("%d outputs, %d threads", outputs, threads).isEqualTo(expected);
        assertThat(scores.correct(1)).isEqualTo((int) expected.correct());
        assertThat(scores.correct(Math.max(2, outputs))).isEqualTo(150);
      }
    }
  }

  @Test
  void temperatureOfTheModelIsUsed() {
    Dataset data = data(100, 5);
    Scores cold = Evaluator.of(model(5, 1), 1).scores(data, _ -> {});
    Scores warm = Evaluator.of(model(5, 4), 1).scores(data, _ -> {});
    assertThat(cold.temperature(4).evaluation()).isEqualTo(warm.evaluation()).isNotEqualTo(cold.evaluation());
    assertThat(warm.evaluation().confusion()).isDeepEqualTo(cold.evaluation().confusion());
  }

  @Test
  void viewsAreAveragedAsInPredictions() {
    Model model = model(5, 1.3);
    Dataset data = data(40, 5);
    for (TestTimeAugmentation views : TestTimeAugmentation.values()) {
      Scores one = Evaluator.of(model, 1).scores(data, views, _ -> {});
      Scores scores = Evaluator.of(model, 3).scores(data, views, _ -> {});
      for (int i = 0; i < data.size(); i++) {
        double[] p = scores.probabilities(i);
        // the logarithm of a probability is kept as a float: a relative error of |log p| 2^-24, and log p is above -10
        model.predict(data.image(i), views).scores()
            .forEach(score -> assertThat(p[score.index()]).isCloseTo(score.probability(), within(1e-6)));
        assertThat(one.probabilities(i)).isEqualTo(p);
      }
    }
  }

  @Test
  void equallyProbableClassesComeInTheirOrder() {
    Scores scores = Scores.of(names(3), new int[] {0, 1, 2}, new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1});
    assertThat(IntStream.rangeClosed(1, 3).map(scores::correct)).containsExactly(1, 2, 3);
  }

  @Test
  void columnsAreTheProbabilities() {
    for (int outputs : new int[] {1, 4}) {
      Scores scores = Evaluator.of(model(outputs, 0.7), 1).scores(data(60, Math.max(2, outputs)), _ -> {});
      for (int c = 0; c < scores.classes().size(); c++) {
        int of = c;
        assertThat(scores.columns().apply(c))
            .containsExactly(IntStream.range(0, 60).mapToDouble(i -> scores.probabilities(i)[of]).toArray());
      }
    }
  }

  @Test
  void classWithoutImagesHasNoAreaAndIsNotInTheMeans() {
    Scores scores = Scores.of(names(3), new int[] {0, 1, 0, 1}, new float[] {2, 0, 0, 0, 2, 0, 2, 0, 0, 0, 2, 0});
    List<OneVsRest> curves = OneVsRest.of(scores);
    assertThat(curves.get(2).rocArea()).isNaN();
    assertThat(curves.get(2).averagePrecision()).isNaN();
    assertThat(curves.get(2).roc()).isEmpty();
    assertThat(curves.get(2).precisionRecall()).isEmpty();
    List<Estimate> all = Estimate.of(scores, OptionalInt.empty(), curves);
    assertThat(all).filteredOn(e -> e.key().startsWith("macro")).extracting(Estimate::value).containsOnly(1.0);
  }

  @Test
  void noImagesGiveNaN() {
    Scores none = Scores.of(names(2), new int[0], new float[0]);
    assertThat(Estimate.of(none, OptionalInt.of(1), OneVsRest.of(none))).extracting(e -> e.interval().low())
        .containsOnly(Double.NaN);
    assertThat(Calibration.of(none).ece()).isZero();
  }

  @Test
  void badScoresAreRefused() {
    assertThatThrownBy(() -> Scores.of(names(3), new int[] {0}, new float[] {1, 2})).isInstanceOf(FoveaException.class)
        .hasMessage("scores: expected a logit for each of 3 classes and 1 images, got 2");
    assertThatThrownBy(() -> Scores.of(names(3), new int[] {3}, new float[3])).isInstanceOf(FoveaException.class)
        .hasMessage("scores: expected labels from 0 to 2, got 3");
    assertThatThrownBy(() -> OneVsRest.of(new boolean[1], new double[] {Double.NaN})).isInstanceOf(FoveaException.class)
        .hasMessageContaining("NaN");
  }

  @Test
  void moreScoresThanAreKeptAreRefusedBeforeMemoryIsTaken() {
    assertThat(Scores.fit(1 << 16, (1 << 10) + 1)).isFalse();
    assertThat(Scores.fit(Integer.MAX_VALUE, Integer.MAX_VALUE)).isFalse();
    assertThat(Scores.fit(10_000, 10)).isTrue();
    assertThatThrownBy(() -> Scores.empty(names(2), Integer.MAX_VALUE, 2, 1)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("have more scores than are kept");
  }

  /** Confidences 0.6, 0.7 and 0.95; by hand. */
  @Test
  void binsOfAReliabilityDiagram() {
    Scores scores = Scores.of(names(2), new int[] {1, 0, 1}, new float[] {logit(0.6), logit(0.7), logit(0.95)});
    Calibration calibration = Calibration.of(scores);
    assertThat(calibration.bins()).hasSize(15).filteredOn(bin -> bin.count() > 0).extracting(Bin::count).containsExactly(1L, 1L,
        1L);
    assertThat(calibration.bins().get(10)).satisfies(bin -> { // above 10/15, up to 11/15
      assertThat(bin.confidence()).isCloseTo(0.7, within(1e-7));
      assertThat(bin.accuracy()).isZero();
      assertThat(bin.low()).isEqualTo(10 / 15.0, EXACT);
    });
    assertThat(calibration.bins().getFirst().confidence()).isNaN();
    assertThat(calibration.ece()).isCloseTo((0.4 + 0.7 + 0.05) / 3, within(1e-7));
  }

  private static float logit(double p) {
    return (float) Math.log(p / (1 - p));
  }

  @Test
  void certainPredictionsAreInTheLastBin() {
    Scores scores = Scores.of(names(2), new int[] {1}, new float[] {1e6f});
    assertThat(Calibration.of(scores).bins().getLast().count()).isOne();
    assertThat(Calibration.of(scores).ece()).isZero();
  }
}
