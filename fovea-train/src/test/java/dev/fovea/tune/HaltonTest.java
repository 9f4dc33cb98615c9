package dev.fovea.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.Rng;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HaltonTest {
  private static double plain(int base, long index) {
    return Halton.radicalInverse(base, index, _ -> IntStream.range(0, base).toArray());
  }

  /** Halton 1960: 1/2, 1/4, 3/4, 1/8, 5/8, 3/8 in base 2; 1/3, 2/3, 1/9, 4/9, 7/9, 2/9 in base 3. */
  @Test
  void digitsAreMirroredAtThePoint() {
    double[] two = {0, 1 / 2.0, 1 / 4.0, 3 / 4.0, 1 / 8.0, 5 / 8.0, 3 / 8.0, 7 / 8.0};
    double[] three = {0, 1 / 3.0, 2 / 3.0, 1 / 9.0, 4 / 9.0, 7 / 9.0, 2 / 9.0, 5 / 9.0};
    for (int i = 0; i < 8; i++) {
      assertThat(plain(2, i)).isEqualTo(two[i]);
      assertThat(plain(3, i)).isCloseTo(three[i], within(1e-15));
    }
    // 5 is 5 in base 7, 10 is 13
    assertThat(plain(7, 10)).isCloseTo(3 / 7.0 + 1 / 49.0, within(1e-15));
  }

  @Test
  void basesAreThePrimes() {
    assertThat(IntStream.range(0, 10).map(Halton::prime)).containsExactly(2, 3, 5, 7, 11, 13, 17, 19, 23, 29);
  }

  @Test
  void scrambledPointsFillEachPart() {
    for (int dimension = 0; dimension < 4; dimension++) {
      int parts = Halton.prime(dimension) * Halton.prime(dimension);
      for (long seed = 1; seed < 5; seed++) {
        Rng random = Rng.of(seed);
        int d = dimension;
        // rounding of sums of powers of a prime is below 1e-12
        assertThat(IntStream.range(0, parts).map(i -> (int) (Halton.scrambled(random, i, d) * parts + 1e-12)).sorted())
            .containsExactly(IntStream.range(0, parts).boxed().toArray(Integer[]::new));
      }
    }
  }

  @Test
  void seedsGiveOtherPoints() {
    assertThat(Halton.scrambled(Rng.of(1), 3, 2)).isNotEqualTo(Halton.scrambled(Rng.of(2), 3, 2));
    assertThat(Halton.scrambled(Rng.of(1), 3, 2)).isEqualTo(Halton.scrambled(Rng.of(1), 3, 2)).isBetween(0.0, Math.nextDown(1.0));
  }
}
