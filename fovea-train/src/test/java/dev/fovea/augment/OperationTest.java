package dev.fovea.augment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.Sample;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The operations of RandAugment and TrivialAugment. */
class OperationTest {
  private static final Sample SAMPLE = TestSamples.labelled(40, 30);

  private static Sample applied(Operation operation, double amount) {
    return operation.apply(SAMPLE, amount, TestSamples.CANVAS);
  }

  /** What torchvision's augmentation spaces give for these magnitudes. */
  @Test
  void amountsAreTorchvisions() {
    assertThat(new RandAugment(2, 9)).hasToString("randaugment");
    assertThat(Operation.part(0.3, 9)).isEqualTo(0.09);
    assertThat(Operation.part(150.0 / 331 * 224, 30)).isEqualTo(150.0 / 331 * 224);
    int[] bits = {8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4};
    int[] wide = {8, 8, 8, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 2, 2, 2};
    for (int magnitude = 0; magnitude < Operation.MAGNITUDES; magnitude++) {
      assertThat(Operation.bits(magnitude, 7.5)).as("magnitude %d", magnitude).isEqualTo(bits[magnitude]);
      assertThat(Operation.bits(magnitude, 5)).as("magnitude %d", magnitude).isEqualTo(wide[magnitude]);
      assertThat(Operation.threshold(magnitude)).isEqualTo(255 - 8.5 * magnitude);
    }
  }

  @Test
  void withoutAnAmountImagesStayAsTheyAre() {
    for (Operation operation : Operation.values()) {
      double neutral = switch (operation) {
        case POSTERIZE -> 8;
        case SOLARIZE -> 256;
        default -> 0;
      };
      Sample same = applied(operation, neutral);
      if (operation != Operation.AUTO_CONTRAST && operation != Operation.EQUALIZE) {
        assertThat(same).as(operation.name()).isEqualTo(SAMPLE);
      }
      assertThat(same.labels().orElseThrow()).isEqualTo(SAMPLE.labels().orElseThrow());
    }
  }

  @Test
  void imagesMoveToTheRightAndDownAndTurnCounterclockwise() {
    assertThat(applied(Operation.TRANSLATE_X, 3.9).image().at(3, 0, 1)).isEqualTo(SAMPLE.image().at(0, 0, 1));
    assertThat(applied(Operation.TRANSLATE_Y, -2.9).image().at(5, 0, 1)).isEqualTo(SAMPLE.image().at(5, 2, 1));
    Sample square = TestSamples.labelled(9, 9);
    Sample turned = Operation.ROTATE.apply(square, 90, TestSamples.CANVAS);
    assertThat(turned.image().at(0, 0, 0)).isEqualTo(square.image().at(8, 0, 0));
  }

  @Test
  void allOperationsAndMagnitudesOccur() {
    Set<Sample> single = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      single.add(new RandAugment(1, 9).apply(SAMPLE, TestSamples.CANVAS, TestSamples.random(i)));
    }
    // both signs of nine operations; five without a sign, of which posterize, solarize, equalize and the like each change the image
    assertThat(single).hasSize(2 * 9 + 5);
    Set<Sample> wide = new HashSet<>();
    for (int i = 0; i < 3000; i++) {
      wide.add(new TrivialAugment().apply(SAMPLE, TestSamples.CANVAS, TestSamples.random(i)));
    }
    assertThat(wide).hasSizeGreaterThan(400);
  }
}
