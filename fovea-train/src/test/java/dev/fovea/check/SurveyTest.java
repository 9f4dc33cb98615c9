package dev.fovea.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.MemoryDataset;
import dev.fovea.image.Fit;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is found out about images before settings are chosen. */
class SurveyTest {
  private static final int IMAGES = 1200;
  private static final int SIDE = 20;

  @FunctionalInterface
  private interface Light {
    double at(int label, int x, int y);
  }

  /** Grey noise under a light; every fourth image is of the class b. */
  private static MemoryDataset images(Light light) {
    byte[] pixels = new byte[IMAGES * SIDE * SIDE];
    int[] labels = new int[IMAGES];
    Rng random = Rng.of(7);
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = i % 4 == 0 ? 1 : 0;
      for (int p = 0; p < SIDE * SIDE; p++) {
        int at = i * SIDE * SIDE + p;
        pixels[at] = (byte) (100 + light.at(labels[i], p % SIDE, p / SIDE) + random.below(at, 40));
      }
    }
    return MemoryDataset.of("noise", List.of("a", "b"), Shape.of(1, SIDE, SIDE), pixels, labels, Fit.STRETCH);
  }

  @Test
  void countsAndSizes() {
    Survey survey = Survey.of(images((_, _, _) -> 0));
    assertThat(survey.images()).isEqualTo(IMAGES);
    assertThat(survey.channels()).isEqualTo(1);
    assertThat(survey.side()).isEqualTo(SIDE);
    assertThat(survey.fewest()).isEqualTo(IMAGES / 4);
    assertThat(survey.most()).isEqualTo(IMAGES * 3 / 4);
    assertThat(survey.handwriting()).isFalse();
    assertThat(survey.mirrored().images()).isEqualTo(400);
  }

  @Test
  void noiseLooksAlikeMirrored() {
    Survey survey = Survey.of(images((_, _, _) -> 0));
    assertThat(survey.mirrored().interval().low()).isLessThan(0.5);
    assertThat(survey.mirrored().interval().high()).isBetween(0.45, 0.6);
    assertThat(survey.upsideDown().interval().low()).isLessThan(0.5);
    assertThat(survey.upsideDown().interval().high()).isBetween(0.45, 0.6);
  }

  @Test
  void lightFromAboveTellsWhatIsUp() {
    Survey survey = Survey.of(images((_, _, y) -> 2.0 * (SIDE - y)));
    assertThat(survey.mirrored().interval().high()).isBetween(0.45, 0.6);
    assertThat(survey.upsideDown().interval().low()).isGreaterThan(0.9);
  }

  /** As of letters: no side is brighter on the whole, but each class has its own. */
  @Test
  void eachClassIsLookedAtByItself() {
    Survey survey = Survey.of(images((label, x, _) -> label == 0 ? x : 3.0 * (SIDE - x)));
    assertThat(survey.mirrored().interval().low()).isGreaterThan(0.9);
    assertThat(survey.upsideDown().interval().high()).isBetween(0.45, 0.6);
  }

  @Test
  void tooFewImagesSayNothing() {
    Survey survey = Survey.of(images((_, _, _) -> 0).subset(new int[] {0, 1, 2, 3, 4}, "few"));
    assertThat(survey.mirrored().images()).isZero();
    assertThat(survey.mirrored().interval().low()).isNaN();
  }
}
