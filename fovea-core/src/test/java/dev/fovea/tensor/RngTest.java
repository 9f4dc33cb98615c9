package dev.fovea.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RngTest {
  @Test
  void bitsAreSplitMix64() {
    long[] published = {0xE220A8397B1DCDAFL, 0x6E789E6AA1B965F4L, 0x06C45D188009454FL, 0xF88BB8A8724C81ECL, 0x1B39896A51A8749BL};
    for (int i = 0; i < published.length; i++) {
      assertThat(new Rng(0).bits(i)).isEqualTo(published[i]);
    }
  }

  /** These must never change: a seed gives the same run in every version. */
  @Test
  void streamsAreFixed() {
    Rng random = Rng.of(1);
    assertThat(random.key()).isEqualTo(0x910a2dec89025cc1L);
    assertThat(random.at(2).key()).isEqualTo(0x782f2f51d71580adL);
    assertThat(random.at("weight").key()).isEqualTo(0x7e1294a720b67240L);
    assertThat(Rng.of(42).at("dropout").at(3).bits(5)).isEqualTo(0xa3b5fc2c9b17ff40L);
    assertThat(random.uniform(0)).isEqualTo(0.3681895f);
    assertThat(random.uniform(1)).isEqualTo(0.9435642f);
    assertThat(random.uniform(7, -2, 3)).isEqualTo(-0.76517415f);
    assertThat(random.gaussian(0)).isEqualTo(1.3256719f);
    assertThat(random.gaussian(1)).isEqualTo(0.4268106f);
    assertThat(random.below(4, 1000)).isEqualTo(219);
    assertThat(random.permutation(8)).containsExactly(2, 7, 0, 3, 6, 1, 5, 4);
  }

  @Test
  void streamsDifferByIndexNameAndSeed() {
    Rng root = Rng.of(1);
    assertThat(
        IntStream.range(0, 1000)
            .boxed()
            .flatMap(i -> Stream.of(root.at(i), root.at("layer" + i), Rng.of(i + 2), root.at("a").at(i)))
            .map(Rng::key))
        .doesNotHaveDuplicates();
    assertThat(root.at("a").at("b")).isNotEqualTo(root.at("b").at("a"));
  }

  @Test
  void uniformIsSpreadEvenly() {
    Rng random = Rng.of(5).at("uniform");
    int n = 100_000;
    int[] bins = new int[10];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      float u = random.uniform(i);
      assertThat(u >= 0 && u < 1).isTrue();
      assertThat(u * 0x1p24f).isEqualTo((float) (int) (u * 0x1p24f));
      bins[(int) (u * 10)]++;
      sum += u;
    }
    // four standard deviations
    assertThat(sum / n).isCloseTo(0.5, within(4 * Math.sqrt(1.0 / 12 / n)));
    assertThat(Arrays.stream(bins))
        .allSatisfy(bin -> assertThat((double) bin).isCloseTo(n / 10.0, within(4 * Math.sqrt(n * 0.09))));
  }

  @Test
  void uniformBetweenBoundsStaysThere() {
    Rng random = Rng.of(5);
    assertThat(IntStream.range(0, 10_000).mapToObj(i -> random.uniform(i, -2, 3))).allMatch(u -> u >= -2 && u < 3);
  }

  @Test
  void gaussianHasMeanZeroAndStdOne() {
    Rng random = Rng.of(5).at("gaussian");
    int n = 100_000;
    double sum = 0;
    double squares = 0;
    int beyondTwo = 0;
    for (int i = 0; i < n; i++) {
      double g = random.gaussian(i);
      sum += g;
      squares += g * g;
      beyondTwo += Math.abs(g) > 2 ? 1 : 0;
    }
    assertThat(sum / n).isCloseTo(0, within(4 / Math.sqrt(n)));
    assertThat(squares / n).isCloseTo(1, within(4 * Math.sqrt(2.0 / n)));
    assertThat(beyondTwo / (double) n).isCloseTo(0.0455, within(0.003));
  }

  @Test
  void belowReachesExactlyItsRange() {
    Rng random = Rng.of(9);
    assertThat(IntStream.range(0, 1000).map(i -> random.below(i, 7)).boxed()).containsOnly(0, 1, 2, 3, 4, 5, 6);
    assertThat(IntStream.range(0, 100).map(i -> random.below(i, 1))).containsOnly(0);
    assertThat(IntStream.range(0, 1000).map(i -> random.below(i, Integer.MAX_VALUE))).allMatch(i -> i >= 0);
  }

  @Test
  void permutationContainsEachIndexOnce() {
    for (int n : new int[] {0, 1, 2, 17, 1000}) {
      int[] order = Rng.of(3).permutation(n);
      assertThat(order).hasSize(n);
      assertThat(Arrays.stream(order).sorted().toArray()).isEqualTo(IntStream.range(0, n).toArray());
    }
    assertThat(Rng.of(3).permutation(1000)).isEqualTo(Rng.of(3).permutation(1000)).isNotEqualTo(Rng.of(4).permutation(1000));
  }

  @Test
  void everyPermutationIsEquallyProbable() {
    int[] seen = new int[6];
    for (int seed = 0; seed < 6000; seed++) {
      int[] p = Rng.of(seed).permutation(3);
      seen[p[0] * 2 + (p[1] > p[2] ? 1 : 0)]++;
    }
    assertThat(Arrays.stream(seen)).allSatisfy(count -> assertThat(count).isBetween(880, 1120));
  }
}
