package dev.fovea.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.metric.Evaluation.Mistake;
import dev.fovea.tensor.FoveaException;
import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static final Offset<Double> EXACT = within(1e-15);

  /** Three classes, computed by hand; rows are true classes. */
  private static final Evaluation THREE =
      new Evaluation(List.of("ant", "bee", "cat"), new long[][] {{5, 1, 0}, {2, 3, 1}, {0, 0, 8}}, 0.5, List.of());

  @Test
  void accuracyIsTheShareOnTheDiagonal() {
    assertThat(THREE.count()).isEqualTo(20);
    assertThat(THREE.correct()).isEqualTo(16);
    assertThat(THREE.errors()).isEqualTo(4);
    assertThat(THREE.accuracy()).isEqualTo(0.8, EXACT);
  }

  @Test
  void recallDividesByTheRowAndPrecisionByTheColumn() {
    assertThat(THREE.support(1)).isEqualTo(6);
    assertThat(THREE.predicted(1)).isEqualTo(4);
    assertThat(THREE.recall(1)).isEqualTo(3.0 / 6, EXACT);
    assertThat(THREE.precision(1)).isEqualTo(3.0 / 4, EXACT);
    assertThat(THREE.f1(1)).isEqualTo(2 * 0.5 * 0.75 / 1.25, EXACT);
    assertThat(THREE.precision(0)).isEqualTo(5.0 / 7, EXACT);
    assertThat(THREE.precision(2)).isEqualTo(8.0 / 9, EXACT);
  }

  @Test
  void macroMetricsAreUnweightedMeansOfClasses() {
    assertThat(THREE.macroPrecision()).isEqualTo((5.0 / 7 + 3.0 / 4 + 8.0 / 9) / 3, EXACT);
    assertThat(THREE.macroRecall()).isEqualTo((5.0 / 6 + 3.0 / 6 + 1) / 3, EXACT);
    assertThat(THREE.macroF1()).isEqualTo((10.0 / 13 + 6.0 / 10 + 16.0 / 17) / 3, EXACT);
  }

  @Test
  void absentClassIsZeroAndNotInMeans() {
    Evaluation absent = new Evaluation(List.of("a", "b", "never"), new long[][] {{3, 1, 0}, {0, 4, 0}, {0, 0, 0}}, 0, List.of());
    assertThat(absent.precision(2)).isZero();
    assertThat(absent.recall(2)).isZero();
    assertThat(absent.f1(2)).isZero();
    assertThat(absent.macroRecall()).isEqualTo((0.75 + 1) / 2, EXACT);
  }

  @Test
  void onlyPredictedClassCountsInMeans() {
    Evaluation predicted = new Evaluation(List.of("a", "b"), new long[][] {{3, 1}, {0, 0}}, 0, List.of());
    assertThat(predicted.recall(1)).isZero();
    assertThat(predicted.macroRecall()).isEqualTo(0.75 / 2, EXACT);
  }

  @Test
  void noImagesGiveZeroAndNotNaN() {
    Evaluation none = new Evaluation(List.of("a", "b"), new long[2][2], 0, List.of());
    assertThat(none.accuracy()).isZero();
    assertThat(none.macroF1()).isZero();
  }

  @Test
  void mistakesAreSortedByConfidenceThenIndex() {
    List<Mistake> sorted =
        List.of(new Mistake(7, 0, 1, 0.9), new Mistake(1, 0, 1, 0.5), new Mistake(3, 0, 1, 0.9)).stream()
            .sorted(Evaluation.WORST_FIRST)
            .toList();
    assertThat(sorted).extracting(Mistake::index).containsExactly(3, 7, 1);
  }

  @Test
  void equalEvaluationsAreEqual() {
    Evaluation same = new Evaluation(THREE.classes(), new long[][] {{5, 1, 0}, {2, 3, 1}, {0, 0, 8}}, 0.5, List.of());
    Evaluation other = new Evaluation(THREE.classes(), new long[][] {{5, 0, 1}, {2, 3, 1}, {0, 0, 8}}, 0.5, List.of());
    assertThat(THREE).isEqualTo(same).hasSameHashCodeAs(same).isNotEqualTo(other);
  }

  @Test
  void theMatrixIsNotChangedFromOutside() {
    long[][] confusion = {{5, 1}, {2, 3}};
    Evaluation e = new Evaluation(List.of("a", "b"), confusion, 0.5, List.of());
    confusion[0][1] = 9;
    e.confusion()[1][0] = 9;
    assertThat(e.confusion()).isDeepEqualTo(new long[][] {{5, 1}, {2, 3}});
    assertThat(e.confusion(0, 1)).isOne();
    assertThat(e.errors()).isEqualTo(3);
  }

  @Test
  void aMatrixOfAnotherSizeIsRefused() {
    assertThatThrownBy(() -> new Evaluation(List.of("a", "b"), new long[][] {{1, 2, 3}, {1, 2, 3}}, 0, List.of()))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("2 x 2");
    assertThatThrownBy(() -> new Evaluation(List.of("a", "b"), new long[][] {{1, -2}, {1, 2}}, 0, List.of()))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("negative");
  }

  @Test
  void tooManyMistakesAreRefused() {
    List<Mistake> many = Collections.nCopies(Evaluation.MAX_MISTAKES + 1, new Mistake(0, 0, 1, 0.5));
    assertThatThrownBy(() -> new Evaluation(List.of("a", "b"), new long[2][2], 0, many)).isInstanceOf(FoveaException.class);
  }

  /** Long et al. 2015, section 5, computed by hand: intersection over union is n_ii / (t_i + sum_j n_ji - n_ii). */
  @Test
  void metricsOfPixels() {
    Evaluation pixels = Evaluation.ofPixels(
        List.of("a", "b", "c", "never"), new long[][] {{50, 10, 0, 0}, {5, 30, 5, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}, 0.5);
    assertThat(pixels.ofPixels()).isTrue();
    assertThat(pixels.accuracy()).isEqualTo(0.8, EXACT);
    assertThat(pixels.meanAccuracy()).isEqualTo((50.0 / 60 + 30.0 / 40) / 2, EXACT);
    assertThat(pixels.iou(0)).isEqualTo(50.0 / 65, EXACT);
    assertThat(pixels.iou(1)).isEqualTo(30.0 / 50, EXACT);
    assertThat(pixels.iou(2)).isZero();
    assertThat(pixels.occurs(2)).isTrue();
    assertThat(pixels.occurs(3)).isFalse();
    assertThat(pixels.meanIou()).isEqualTo((50.0 / 65 + 30.0 / 50 + 0) / 3, EXACT);
    assertThat(pixels.score()).isEqualTo(pixels.meanIou());
    assertThat(THREE.score()).isEqualTo(THREE.accuracy());
    assertThat(pixels.frequencyWeightedIou()).isEqualTo((60 * 50.0 / 65 + 40 * 30.0 / 50) / 100, EXACT);
    assertThat(pixels).isNotEqualTo(new Evaluation(pixels.classes(), pixels.confusion(), 0.5, List.of()));
  }

  @Test
  void morePixelsThanAnIntHoldsAreCounted() {
    long many = 3_000_000_000L;
    Evaluation pixels = Evaluation.ofPixels(List.of("a", "b"), new long[][] {{many, 0}, {many, many}}, 0);
    assertThat(pixels.count()).isEqualTo(3 * many);
    assertThat(pixels.accuracy()).isEqualTo(2.0 / 3, EXACT);
  }
}
