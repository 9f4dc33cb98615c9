package dev.fovea.data;

import static dev.fovea.data.Given.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Fit;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DigitsDatasetTest {
  @Test
  void splitHasTheDocumentedSizes() {
    Split split = Datasets.open("digits");
    assertThat(split.train().size() + split.validation().size()).isEqualTo(20_000);
    assertThat(split.validation().size()).isEqualTo(1_666);
    assertThat(split.test().orElseThrow().size()).isEqualTo(5_000);
    assertThat(split.train().name()).isEqualTo("digits:train");
    assertThat(split.validation().name()).isEqualTo("digits:validation");
    assertThat(split.train().fit()).isEqualTo(Fit.INK);
    assertThat(split.train().shape()).isEqualTo(Shape.of(1, 28, 28));
  }

  @Test
  void theSameSeedDrawsTheSameImages() {
    DigitsDataset one = DigitsDataset.train(7, 40);
    DigitsDataset two = DigitsDataset.train(7, 40);
    for (int i = 0; i < 40; i++) {
      assertThat(one.image(i).pixels()).isEqualTo(two.image(i).pixels());
      assertThat(one.label(i)).isEqualTo(two.label(i));
    }
    assertThat(one.fingerprint()).isEqualTo(two.fingerprint());
  }

  @Test
  void anotherSeedChangesTrainingImagesOnly() {
    assertThat(DigitsDataset.train(1, 20).image(3).pixels()).isNotEqualTo(DigitsDataset.train(2, 20).image(3).pixels());
    assertThat(DigitsDataset.train(1, 20).fingerprint()).isNotEqualTo(DigitsDataset.train(2, 20).fingerprint());
    assertThat(DigitsDataset.train(0, 20).fingerprint()).isNotEqualTo(DigitsDataset.test().fingerprint());
    Split one = Datasets.open("digits:20", DataOptions.standard().seed(1));
    Split two = Datasets.open("digits:20", DataOptions.standard().seed(2));
    assertThat(one.test().orElseThrow().fingerprint()).isEqualTo(two.test().orElseThrow().fingerprint());
  }

  @Test
  void imagesHaveInkAndDigitsAreBalanced() {
    DigitsDataset digits = DigitsDataset.train(1, 100);
    int[] counts = new int[10];
    for (int i = 0; i < digits.size(); i++) {
      counts[digits.label(i)]++;
      byte[] pixels = digits.image(i).pixels();
      int[] levels = new int[pixels.length];
      Arrays.setAll(levels, p -> pixels[p] & 0xff);
      assertThat(Arrays.stream(levels).max().orElse(0)).as("image %d", i).isGreaterThan(128);
    }
    assertThat(counts).containsOnly(10);
  }

  @Test
  void smallerSetIsPrefixOfLargerSet() {
    assertThat(DigitsDataset.train(3, 30).image(11).pixels()).isEqualTo(DigitsDataset.train(3, 12).image(11).pixels());
  }

  @Test
  void sizesOutOfRangeAreRefused() {
    failure(() -> DigitsDataset.train(1, 0)).contains("digits:0", "1 to 1000000");
    failure(() -> DigitsDataset.train(1, 1_000_001)).contains("digits:1000001");
  }
}
