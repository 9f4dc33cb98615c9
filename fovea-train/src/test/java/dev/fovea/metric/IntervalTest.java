package dev.fovea.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IntervalTest {
  /** Newcombe 1998, Two-sided confidence intervals for the single proportion, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29. */
  @Test
  void wilsonsIntervalIsThePublishedOne() {
    int[][] cases = {{81, 263}, {15, 148}, {0, 20}, {1, 29}};
    double[][] expected = {{0.2553, 0.3662}, {0.0624, 0.1605}, {0, 0.1611}, {0.0061, 0.1718}};
    for (int i = 0; i < cases.length; i++) {
      Interval interval = Interval.wilson(cases[i][0], cases[i][1]);
      assertThat(interval.low()).isCloseTo(expected[i][0], within(5e-5));
      assertThat(interval.high()).isCloseTo(expected[i][1], within(5e-5));
    }
    assertThat(Interval.wilson(20, 20).high()).isEqualTo(1);
    assertThat(Interval.wilson(0, 0).low()).isNaN();
    assertThatThrownBy(() -> Interval.wilson(3, 2)).isInstanceOf(FoveaException.class).hasMessageContaining("got 3 of 2");
  }

  /** The mean of 400 normal numbers has a standard error of 1/20; a percentile of 1,000 resamples is within 0.2 of these. */
  @Test
  void bootstrapOfAMeanIsTheNormalInterval() {
    Rng random = Rng.of(3);
    double[] values = IntStream.range(0, 400).mapToDouble(random::gaussian).toArray();
    double mean = Arrays.stream(values).average().orElseThrow();
    Interval interval =
        Interval.bootstrap(400, times -> IntStream.range(0, 400).mapToDouble(i -> times[i] * values[i]).sum() / 400);
    assertThat(interval.low()).isCloseTo(mean - 1.96 / 20, within(0.02));
    assertThat(interval.high()).isCloseTo(mean + 1.96 / 20, within(0.02));
  }

  @Test
  void resamplesHaveTheNumberOfImagesAndAreTheSameEachTime() {
    int[] sums = new int[Interval.RESAMPLES];
    int[] at = {0};
    Interval first = Interval.bootstrap(30, times -> {
      sums[at[0]++] = Arrays.stream(times).sum();
      return times[0];
    });
    assertThat(sums).containsOnly(30);
    assertThat(Interval.bootstrap(30, times -> times[0])).isEqualTo(first);
  }

  @Test
  void undefinedResamplesAreLeftOut() {
    Interval some = Interval.bootstrap(5, times -> times[0] == 0 ? Double.NaN : 2);
    assertThat(some).isEqualTo(new Interval(2, 2));
    assertThat(Interval.bootstrap(5, _ -> Double.NaN).high()).isNaN();
    assertThat(Interval.bootstrap(0, _ -> 1).low()).isNaN();
  }
}
