package dev.fovea.data.digits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.data.digits.DigitStyle.Knot;
import dev.fovea.data.digits.DigitStyle.Stroke;
import dev.fovea.tensor.Rng;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DigitStyleTest {

  @Test
  void strokesCornersAndNegativePointsAreRead() {
    DigitStyle style = DigitStyle.of("any", 3, "10,20 30,-4! 50,60 / 0,0 100,100");
    assertThat(style.strokes()).containsExactly(
        new Stroke(List.of(new Knot(0.1f, 0.2f, false), new Knot(0.3f, -0.04f, true), new Knot(0.5f, 0.6f, false))),
        new Stroke(List.of(new Knot(0, 0, false), new Knot(1, 1, false))));
  }

  @Test
  void invalidKnotIsReported() {
    assertThatThrownBy(() -> DigitStyle.of("any", 1, "10,20 30;40")).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("30;40");
  }

  @Test
  void everyDigitHasSeveralStylesOfStrokesNearTheUnitBox() {
    for (int digit = 0; digit < Digits.CLASSES; digit++) {
      Set<DigitStyle> styles = new HashSet<>();
      for (int i = 0; i < 1000; i++) {
        styles.add(DigitStyles.pick(digit, new DigitRandom(Rng.of(i))));
      }
      assertThat(styles).as("styles of %d", digit).hasSizeGreaterThanOrEqualTo(4);
      assertThat(styles).flatExtracting(DigitStyle::strokes)
          .allSatisfy(stroke -> assertThat(stroke.knots()).hasSizeGreaterThanOrEqualTo(2).allSatisfy(knot -> {
            assertThat(knot.x()).isBetween(-0.1f, 1.1f);
            assertThat(knot.y()).isBetween(-0.1f, 1.1f);
          }));
    }
  }

  @Test
  void normalIsApproximatelyNormal() {
    DigitRandom dice = new DigitRandom(Rng.of(5));
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 100_000; i++) {
      float z = dice.normal();
      assertThat(Math.abs(z)).isLessThan(3.5f);
      sum += z;
      squares += z * z;
    }
    assertThat(sum / 100_000).isBetween(-0.02, 0.02);
    assertThat(squares / 100_000).isBetween(0.98, 1.02);
  }
}
