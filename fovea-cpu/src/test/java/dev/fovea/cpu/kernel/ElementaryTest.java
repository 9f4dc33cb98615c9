package dev.fovea.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.Rng;
import org.junit.jupiter.api.Test;

class ElementaryTest {
  /** Three units in the last place of a float between 1 and 2. */
  private static final double TOLERANCE = 3 * 0x1p-23;

  @Test
  void expIsAccurate() {
    Rng random = Rng.of(1);
    for (int i = 0; i < 100_000; i++) {
      float x = random.uniform(i, -87, 88);
      assertThat(Elementary.exp(x) / Math.exp(x)).as("exp(%s)", x).isCloseTo(1, within(TOLERANCE));
    }
  }

  @Test
  void tanhIsAccurateAlsoNearZero() {
    Rng random = Rng.of(2);
    for (int i = 0; i < 100_000; i++) {
      float x = random.uniform(i, -10, 10) * (i % 3 == 0 ? 1 : i % 3 == 1 ? 0.01f : 1e-5f);
      if (x != 0) {
        assertThat(Elementary.tanh(x) / Math.tanh(x)).as("tanh(%s)", x).isCloseTo(1, within(TOLERANCE));
      }
    }
  }

  @Test
  void sigmoidIsAccurate() {
    Rng random = Rng.of(3);
    for (int i = 0; i < 100_000; i++) {
      float x = random.uniform(i, -80, 80);
      assertThat(Elementary.sigmoid(x) * (1 + Math.exp(-x))).as("sigmoid(%s)", x).isCloseTo(1, within(2 * TOLERANCE));
    }
  }

  /** Relative to the result, and next to 1, where the logarithm is 0, to the argument's distance from it. */
  @Test
  void logIsAccurate() {
    Rng random = Rng.of(4);
    for (int i = 0; i < 100_000; i++) {
      float x = i % 2 == 0 ? (float) Math.exp(random.uniform(i, -103, 88)) : random.uniform(i, 0.5f, 2);
      if (x > 0 && x != 1) {
        assertThat(Elementary.log(x) / Math.log(x)).as("log(%s)", x).isCloseTo(1, within(TOLERANCE));
      }
    }
    assertThat(Elementary.log(1)).isZero();
    assertThat(Elementary.log(Float.MIN_VALUE)).isEqualTo((float) Math.log(Float.MIN_VALUE));
    assertThat(Elementary.log(-0f)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(Elementary.log(Float.POSITIVE_INFINITY)).isInfinite();
    assertThat(Elementary.log(-1)).isNaN();
    assertThat(Elementary.log(Float.NaN)).isNaN();
  }

  @Test
  void rootsAndReciprocalsAreRoundedOnce() {
    Rng random = Rng.of(5);
    for (int i = 0; i < 1000; i++) {
      float x = (float) Math.exp(random.uniform(i, -80, 80));
      assertThat(Elementary.pow(x, 0.5f)).isEqualTo((float) Math.sqrt(x));
      assertThat(Elementary.pow(x, -1)).isEqualTo(1 / x);
    }
  }

  @Test
  void extremeArgumentsSaturate() {
    assertThat(Elementary.exp(-1000)).isZero();
    assertThat(Elementary.exp(1000)).isInfinite();
    assertThat(Elementary.exp(0)).isEqualTo(1);
    assertThat(Elementary.exp(Float.NaN)).isNaN();
    assertThat(Elementary.sigmoid(-1000)).isZero();
    assertThat(Elementary.sigmoid(1000)).isEqualTo(1);
    assertThat(Elementary.tanh(1000)).isEqualTo(1);
    assertThat(Elementary.tanh(-1000)).isEqualTo(-1);
    assertThat(Elementary.tanh(0)).isZero();
  }

  @Test
  void theReductionTreeAddsAllPartialSums() {
    float[] partial = new float[Layout.BLOCK + 1];
    double[] wide = new double[Layout.BLOCK + 1];
    for (int i = 0; i < Layout.BLOCK; i++) {
      partial[i + 1] = 1 << i;
      wide[i + 1] = 1 << i;
    }
    assertThat(PartialSums.tree(partial, 1)).isEqualTo((1 << 16) - 1);
    assertThat(PartialSums.tree(wide, 1)).isEqualTo((1 << 16) - 1);
  }
}
