package dev.fovea.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.metric.EpochMetrics;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tune.Halving.Rung;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HalvingTest {
  /** A trial with these scores of its epochs; the loss of each is 1 minus the score. */
  private static TrialResult trial(int number, String value, double... scores) {
    List<EpochMetrics> curve = IntStream.range(0, scores.length)
        .mapToObj(i -> new EpochMetrics(i + 1, 0, 1 - scores[i], scores[i], 0.1)).toList();
    return new TrialResult(number, Map.of("x", value), Map.of(), curve, Optional.empty(), Optional.empty());
  }

  @Test
  void aThirdGoesOnForThreeTimesAsManyEpochs() {
    assertThat(new Halving(9, 3, 9).rungs()).containsExactly(new Rung(9, 1), new Rung(3, 3), new Rung(1, 9));
    assertThat(new Halving(27, 3, 27).rungs()).containsExactly(new Rung(27, 1), new Rung(9, 3), new Rung(3, 9), new Rung(1, 27));
    assertThat(new Halving(16, 4, 32).rungs()).containsExactly(new Rung(16, 2), new Rung(4, 8), new Rung(1, 32));
  }

  @Test
  void otherNumbersEndWithOneTrialToo() {
    assertThat(new Halving(20, 3, 30).rungs()).containsExactly(new Rung(20, 1), new Rung(6, 3), new Rung(2, 10), new Rung(1, 30));
    assertThat(new Halving(5, 3, 6).rungs()).containsExactly(new Rung(5, 2), new Rung(1, 6));
    assertThat(new Halving(2, 3, 2).rungs()).containsExactly(new Rung(2, 1), new Rung(1, 2));
  }

  @Test
  void rungsWithoutEpochsAreLeftOut() {
    assertThat(new Halving(9, 3, 3).rungs()).containsExactly(new Rung(9, 1), new Rung(1, 3));
    assertThat(new Halving(81, 3, 2).rungs()).containsExactly(new Rung(81, 1), new Rung(1, 2));
  }

  @Test
  void epochsOfAllTrialsAreCounted() {
    // 9 to 1, 3 to 3, 1 to 9
    assertThat(new Halving(9, 3, 9).trialEpochs()).isEqualTo(9 + 3 * 2 + 6);
  }

  @Test
  void tooFewOfAnythingIsRefused() {
    assertThatThrownBy(() -> new Halving(1, 3, 9)).isInstanceOf(FoveaException.class).hasMessageContaining("got 1 and 3");
    assertThatThrownBy(() -> new Halving(9, 1, 9)).isInstanceOf(FoveaException.class).hasMessageContaining("got 9 and 1");
    assertThatThrownBy(() -> new Halving(9, 3, 1)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("2 epochs or more, got 1");
  }

  @Test
  void promotionIsByTheBestOfTheRungsEpochs() {
    TrialResult late = trial(1, "a", 0.1, 0.2, 0.9);
    TrialResult early = trial(2, "a", 0.5, 0.3);
    TrialResult middle = trial(3, "a", 0.3, 0.4);
    assertThat(Stream.of(late, early, middle).sorted(TrialResult.byScore(2))).containsExactly(early, middle, late);
    assertThat(Stream.of(late, early, middle).sorted(TrialResult.byScore(3))).containsExactly(late, early, middle);
  }

  @Test
  void equalScoresAreRankedByLossAndThenByNumber() {
    TrialResult first = trial(1, "a", 0.5);
    TrialResult second = trial(2, "a", 0.5);
    TrialResult better = new TrialResult(
        3, Map.of(), Map.of(), List.of(new EpochMetrics(1, 0, 0.4, 0.5, 0.1)), Optional.empty(), Optional.empty());
    assertThat(Stream.of(second, first, better).sorted(TrialResult.byScore(1))).containsExactly(better, first, second);
  }

  @Test
  void longerTrialsRankBeforeBetterOnesAndDivergedOnesLast() {
    TrialResult diverged = new TrialResult(
        1, Map.of(), Map.of(), trial(1, "a", 0.9, 0.9, 0.9).curve(), Optional.of(7L), Optional.empty());
    TrialResult shorter = trial(2, "a", 0.8);
    TrialResult longer = trial(3, "a", 0.1, 0.2);
    assertThat(Stream.of(diverged, shorter, longer).sorted(TrialResult.RANK)).containsExactly(longer, shorter, diverged);
  }

  /** Scores 1, 3 and 5, 7: the mean is 4, the groups' means are 2 and 6: 16 of 20 are between groups. */
  @Test
  void influenceOfAChoiceIsEtaSquared() {
    Dimension choice = Dimension.parse("x=a,b");
    List<TrialResult> trials = List.of(trial(1, "a", 0.1), trial(2, "a", 0.3), trial(3, "b", 0.5), trial(4, "b", 0.7, 1));
    Influence influence = Influence.of(choice, trials, 1);
    assertThat(influence.share()).isCloseTo(0.8, within(1e-12));
    assertThat(influence.groups()).isEqualTo(2);
    assertThat(influence.trials()).isEqualTo(4);
    assertThat(influence.byChance()).isCloseTo(1 / 3.0, within(1e-12));
  }

  @Test
  void influenceOfARangeIsThatOfThreeGroupsByRank() {
    Dimension range = Dimension.parse("x=0.001..10 log");
    List<TrialResult> trials = List.of(trial(1, "0.001", 0.2), trial(2, "0.002", 0.2), trial(3, "0.003", 0.4),
        trial(4, "4", 0.4), trial(5, "5", 0.6), trial(6, "10", 0.6));
    assertThat(Influence.of(range, trials, 1).share()).isCloseTo(1, within(1e-12));
    assertThat(Influence.of(range, trials, 1).groups()).isEqualTo(3);
  }

  @Test
  void influenceThatCannotBeComputedIsNotANumber() {
    Dimension choice = Dimension.parse("x=a,b,c");
    assertThat(Influence.of(choice, List.of(trial(1, "a", 0.5), trial(2, "a", 0.5), trial(3, "b", 0.5)), 1).share()).isNaN();
    assertThat(Influence.of(choice, List.of(trial(1, "a", 0.5), trial(2, "b", 0.6)), 1).share()).isNaN();
    assertThat(Influence.of(choice, List.of(), 1).share()).isNaN();
  }
}
