package dev.fovea.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MixingTest {
  private static final Shape BATCH = Shape.of(7, 2, 6, 5);
  private static final int OFFSET = 3;

  private static float[] batch() {
    float[] values = new float[OFFSET + BATCH.size() + 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = Rng.of(4).uniform(i);
    }
    return values;
  }

  @Test
  void mixupIsTheWeightedSumWithThePartner() {
    int size = BATCH.sizeFrom(1);
    for (int step = 0; step < 30; step++) {
      float[] mixed = batch();
      Mixing.Mixed result = new Mixup(0.4).mix(mixed, OFFSET, BATCH, Rng.of(1).at(step));
      assertThat(result.weight()).isBetween(0.0, 1.0);
      float weight = (float) result.weight();
      for (int i = 0; i < BATCH.size(); i++) {
        int partner = result.partners()[i / size] * size + i % size;
        float expected = weight * batch()[OFFSET + i] + (1 - weight) * batch()[OFFSET + partner];
        boolean alone = result.partners()[i / size] == i / size;
        assertThat(mixed[OFFSET + i]).isEqualTo(alone ? batch()[OFFSET + i] : expected);
      }
      assertGuards(mixed);
    }
  }

  @Test
  void cutMixReplacesOneRectangleWhoseAreaIsTheRestOfTheWeight() {
    int plane = 30;
    for (int step = 0; step < 200; step++) {
      float[] mixed = batch();
      Mixing.Mixed result = new CutMix(1).mix(mixed, OFFSET, BATCH, Rng.of(1).at(step));
      int replaced = 0;
      for (int i = 0; i < BATCH.size(); i++) {
        int partner = result.partners()[i / (2 * plane)] * 2 * plane + i % (2 * plane);
        boolean own = mixed[OFFSET + i] == batch()[OFFSET + i];
        assertThat(own || mixed[OFFSET + i] == batch()[OFFSET + partner]).isTrue();
        replaced += own ? 0 : 1;
      }
      long moved = Arrays.stream(result.partners()).filter(p -> result.partners()[p] != p).count();
      if (moved > 0) {
        assertThat((double) replaced / (moved * 2 * plane)).isCloseTo(1 - result.weight(), within(1e-12));
      }
      assertGuards(mixed);
    }
  }

  private static void assertGuards(float[] mixed) {
    assertThat(Arrays.copyOf(mixed, OFFSET)).isEqualTo(Arrays.copyOf(batch(), OFFSET));
    int end = OFFSET + BATCH.size();
    assertThat(Arrays.copyOfRange(mixed, end, end + 2)).isEqualTo(Arrays.copyOfRange(batch(), end, end + 2));
  }

  @Test
  void onlyTheKeyDeterminesTheResultAndOneOfSeveralIsChosen() {
    Augmentation both = Augmentation.parse("mixup(0.4),cutmix");
    int blended = 0;
    for (int step = 0; step < 200; step++) {
      float[] one = batch();
      float[] two = batch();
      Mixing.Mixed first = both.mix(one, OFFSET, BATCH, Rng.of(2).at(step));
      Mixing.Mixed second = both.mix(two, OFFSET, BATCH, Rng.of(2).at(step));
      assertThat(one).isEqualTo(two);
      assertThat(first.weight()).isEqualTo(second.weight());
      float[] mixup = batch();
      Augmentation.parse("mixup(0.4)").mix(mixup, OFFSET, BATCH, Rng.of(2).at(step));
      blended += Arrays.equals(mixup, one) ? 1 : 0;
    }
    assertThat(blended).isBetween(65, 135); // 5 std of 200 coins, and rectangles of no size
  }

  @Test
  void aBatchOfOneIsMixedWithItself() {
    float[] one = batch();
    new Mixup(1).mix(one, 0, Shape.of(1, 2, 6, 5), Rng.of(1));
    new CutMix(1).mix(one, 0, Shape.of(1, 2, 6, 5), Rng.of(1));
    assertThat(one).isEqualTo(batch());
  }
}
