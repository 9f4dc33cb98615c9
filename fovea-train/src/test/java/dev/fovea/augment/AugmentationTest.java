package dev.fovea.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.data.Sample;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AugmentationTest {
  private static long crc(Image image) {
    CRC32 crc = new CRC32();
    crc.update(image.pixels());
    return crc.getValue();
  }

  /** Of twenty colour and twenty grey images each; a change of these values changes the bits of everyone's runs. */
  @ParameterizedTest
  @CsvSource(delimiter = ';', value = {
      "flip; 2367134979",
      "crop; 2702233356",
      "resized-crop; 653498179",
      "rotation; 196077421",
      "affine(10,translate=0.1,scale=0.9..1.1,shear=5); 2237688628",
      "perspective; 1694242629",
      "color-jitter(0.4,0.4,0.4,0.1); 2801647953",
      "grayscale(0.5); 3704531126",
      "blur; 3241081957",
      "pca; 1376591369",
      "erasing; 727993236",
      "randaugment; 112802779",
      "trivialaugment; 2572334530",
      "flip,resized-crop(0.3..1),randaugment(1,5); 756692558"
  })
  void imagesKeepTheirBits(String text, long expected) {
    Augmentation augmentation = Augmentation.parse(text);
    CRC32 all = new CRC32();
    for (int i = 0; i < 40; i++) {
      Sample sample = TestSamples.of(TestSamples.image(29, 23, i % 2 == 0 ? 1 : 3));
      all.update(augmentation.apply(sample, TestSamples.CANVAS, TestSamples.random(i)).image().pixels());
    }
    assertThat(all.getValue()).as("CRC-32").isEqualTo(expected);
  }

  @Test
  void anyThreadGivesTheSameImageAndNoneChangesItsSource() {
    Augmentation augmentation = Augmentation.parse(String.join(",", transforms()));
    Sample sample = TestSamples.labelled(29, 23);
    long before = crc(sample.image());
    List<Sample> one = IntStream.range(0, 50).mapToObj(i -> varied(augmentation, sample, i)).toList();
    List<Sample> many = IntStream.range(0, 50).parallel().mapToObj(i -> varied(augmentation, sample, i)).toList();
    assertThat(many).isEqualTo(one);
    assertThat(crc(sample.image())).isEqualTo(before);
    assertThat(sample).isEqualTo(TestSamples.labelled(29, 23));
  }

  private static List<String> transforms() {
    return Augmentation.examples().stream().filter(step -> !step.mixes()).map(Augmentation::toString).toList();
  }

  private static Sample varied(Augmentation augmentation, Sample sample, int index) {
    return augmentation.apply(sample, TestSamples.CANVAS, TestSamples.random(index));
  }

  /** What a step draws depends on no other step. */
  @ParameterizedTest
  @CsvSource(delimiter = ';', value = {"flip; color-jitter(0.4,hue=0.2)", "crop; grayscale(0.5)", "flip; pca", "flip; crop"})
  void addingAStepDoesNotChangeTheRandomNumbersOfOthers(String first, String second) {
    Sample sample = TestSamples.of(TestSamples.image(24, 24, 3));
    for (int i = 0; i < 20; i++) {
      Sample alone = varied(Augmentation.parse(second), varied(Augmentation.parse(first), sample, i), i);
      assertThat(varied(Augmentation.parse(first + "," + second), sample, i)).isEqualTo(alone);
    }
  }

  @Test
  void onlySeedEpochAndIndexDetermineTheResult() {
    Augmentation augmentation = Augmentation.parse("crop,rotation,color-jitter(0.4)");
    Sample sample = TestSamples.of(TestSamples.image(24, 24, 3));
    Set<Sample> different = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      different.add(augmentation.apply(sample, TestSamples.CANVAS, Augmentation.random(1, i, 4)));
      different.add(augmentation.apply(sample, TestSamples.CANVAS, Augmentation.random(1, 0, 100 + i)));
      different.add(augmentation.apply(sample, TestSamples.CANVAS, Augmentation.random(2 + i, 0, 4)));
    }
    assertThat(different).hasSize(60);
    assertThat(augmentation.apply(sample, TestSamples.CANVAS, Augmentation.random(1, 3, 4))).isIn(different);
  }

  @Test
  void noneLeavesImagesAsTheyAre() {
    Sample sample = TestSamples.labelled(5, 4);
    assertThat(varied(Augmentation.NONE, sample, 0)).isSameAs(sample);
    assertThat(Augmentation.NONE.resizes()).isFalse();
    assertThat(Augmentation.parse("flip,mixup").resizes()).isFalse();
    assertThat(Augmentation.parse("flip,resized-crop").resizes()).isTrue();
  }

  /** Even for the smallest images, and those much longer than wide. */
  @Test
  void everyStepTakesImagesOfAnySize() {
    for (String text : transforms()) {
      for (int[] size : new int[][] {{1, 1}, {2, 1}, {1, 3}, {2, 2}, {300, 1}, {1, 300}, {7, 40}}) {
        for (int channels : new int[] {1, 3}) {
          Sample sample = TestSamples.of(TestSamples.image(size[0], size[1], channels));
          Augmentation augmentation = Augmentation.parse(text);
          for (int i = 0; i < 10; i++) {
            Image image = varied(augmentation, sample, i).image();
            String expected = augmentation.resizes() ? "20x16x" + channels : sample.image().toString();
            assertThat(image).as("%s of %s", text, sample.image()).hasToString(expected);
          }
        }
      }
    }
  }

  @Test
  void outsideOfImagesIsThePreprocessingsMean() {
    Preprocessing colour = Preprocessing.of(Shape.of(3, 8, 9), Fit.CROP).mean(0.485f, 0.456f, 0.406f);
    assertThat(Canvas.of(colour)).isEqualTo(new Canvas(9, 8, List.of(124, 116, 104)));
    assertThat(Canvas.of(colour.bgr(true)).outside()).containsExactly(104, 116, 124);
    assertThat(Canvas.of(Preprocessing.of(Shape.of(1, 8, 9), Fit.INK).mean(0.1307f)).outside()).containsExactly(33);
  }

  /** Another implementation of the interface. */
  private record Inverted() implements Transform {
    @Override
    public String name() {
      return "inverted";
    }

    @Override
    public Sample apply(Sample sample, Canvas canvas, Rng random) {
      byte[] pixels = sample.image().pixels().clone();
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) ~pixels[i];
      }
      Image image = sample.image();
      return new Sample(new Image(image.width(), image.height(), image.channels(), pixels), sample.labels());
    }
  }

  @Test
  void othersMayWriteTransforms() {
    Sample sample = TestSamples.of(TestSamples.image(5, 4, 3));
    Augmentation twice = Augmentation.of(new Flip(1), new Inverted());
    assertThat(varied(twice, sample, 0).image().at(0, 0, 0)).isEqualTo(255 - sample.image().at(4, 0, 0));
    assertThatThrownBy(() -> Augmentation.of(new Inverted(), new Inverted()))
        .isInstanceOf(FoveaException.class)
        .hasMessage("augmentation: expected each step once, got inverted twice: leave one out");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mixup", "flip,cutmix(0.5)", "cutmix,mixup"})
  void mixingIsRefusedByName(String text) {
    Augmentation augmentation = Augmentation.parse(text);
    assertThat(augmentation.mixes()).isTrue();
    Task classes = new Task.OneLabel(List.of("a", "b"));
    Task numbers = new Task.Numbers(List.of(new Task.Quantity("size", 0, 1)));
    assertThatThrownBy(() -> augmentation.requireImageLabels(classes, true)).isInstanceOf(FoveaException.class)
        .hasMessageMatching(
            "augmentation: (mixup|cutmix) mixes the labels of whole images, here each pixel has one: leave it out");
    assertThatThrownBy(() -> augmentation.requireImageLabels(numbers, false)).isInstanceOf(FoveaException.class)
        .hasMessageMatching(
            "augmentation: (mixup|cutmix) mixes the labels of whole images, here they have numbers: leave it out");
    augmentation.requireImageLabels(classes, false);
    augmentation.requireImageLabels(new Task.SeveralLabels(List.of("a")), false);
    Augmentation.parse("flip").requireImageLabels(classes, true);
    Augmentation.parse("flip").requireImageLabels(numbers, false);
  }
}
