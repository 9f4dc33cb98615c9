package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PreprocessingTest {
  @Test
  void valuesAreNormalisedPerChannelIntoPlanes() {
    Preprocessing preprocessing =
        Preprocessing.of(Shape.of(3, 5, 4), Fit.STRETCH).mean(0.485f, 0.456f, 0.406f).std(0.229f, 0.224f, 0.225f);
    Image image = TestImages.formula(4, 5, 3);
    float[] to = new float[70];
    preprocessing.apply(image, to, 7);
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < 5; y++) {
        for (int x = 0; x < 4; x++) {
          double expected = (image.at(x, y, c) / 255.0 - preprocessing.mean().get(c)) / preprocessing.std().get(c);
          assertThat((double) to[7 + (c * 5 + y) * 4 + x]).isCloseTo(expected, within(1e-6));
        }
      }
    }
    assertThat(to[6]).isZero();
    assertThat(to[67]).isZero();
  }

  @Test
  void greyIsScaledToZeroToOne() {
    float[] to = new float[2];
    Preprocessing.of(Shape.of(1, 1, 2), Fit.STRETCH).apply(new Image(2, 1, 1, new byte[] {0, (byte) 255}), to, 0);
    assertThat(to).containsExactly(0f, 1f);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("slow")
  void everyFitReturnsTheSizeForAnyInputSize(Fit fit) {
    int[][] sizes = {{1, 1}, {1, 2}, {28, 28}, {20, 28}, {3, 900}, {900, 3}, {1, 100_000}, {100_000, 1}, {640, 480}};
    for (int[] size : sizes) {
      for (int channels = 1; channels <= 3; channels += 2) {
        Image image = TestImages.formula(size[0], size[1], channels);
        assertThat(Preprocessing.of(Shape.of(1, 28, 20), fit).fit(image).toString()).isEqualTo("20x28x1");
        assertThat(Preprocessing.of(Shape.of(3, 32, 32), fit).fit(image).toString()).isEqualTo("32x32x3");
        assertThat(Preprocessing.of(Shape.of(1, 1, 1), fit).fit(image).toString()).isEqualTo("1x1x1");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Tag("slow")
  void photographsOfTwelveMegapixelsAreFitted(Fit fit) {
    Image image = TestImages.smooth(4000, 3000, 3);
    assertThat(Preprocessing.of(Shape.of(1, 28, 28), fit).fit(image).toString()).isEqualTo("28x28x1");
  }

  @ParameterizedTest
  @CsvSource({"64, 48, 32, 32, 42, 32, 5, 0", "48, 64, 32, 32, 32, 42, 0, 5", "51, 51, 20, 10, 20, 20, 0, 5"})
  void cropIsTheMiddleOfTheResizedImage(int w, int h, int width, int height, int fullW, int fullH, int left, int top) {
    Image image = TestImages.formula(w, h, 3);
    Image cropped = Preprocessing.of(Shape.of(3, height, width), Fit.CROP).fit(image);
    Image expected = image.resize(fullW, fullH).crop(left, top, width, height);
    // The crop resizes by the exact ratio; the full image's size is rounded to pixels first in both.
    assertThat(TestImages.difference(cropped, expected)).isZero();
  }

  /** torchvision's Resize(256), CenterCrop(224), here with smaller sizes: the longer side is rounded down. */
  @ParameterizedTest
  @CsvSource({"64, 48, 32, 24, 42, 32, 9, 4", "48, 65, 32, 24, 32, 43, 4, 10", "40, 40, 24, 24, 24, 24, 0, 0"})
  void theShorterSideIsResizedBeforeTheCrop(int w, int h, int resize, int size, int fullW, int fullH, int left, int top) {
    Image image = TestImages.formula(w, h, 3);
    Preprocessing preprocessing = Preprocessing.of(Shape.of(3, size, size), Fit.STRETCH).resize(resize);
    Image expected = image.resize(fullW, fullH).crop(left, top, size, size);
    assertThat(TestImages.difference(preprocessing.fit(image), expected)).isZero();
    assertThat(preprocessing.size(2 * size, 2 * size).resize()).isEqualTo(2 * resize);
  }

  @Test
  void aCropLargerThanTheImageIsRefused() {
    Preprocessing preprocessing = Preprocessing.of(Shape.of(3, 24, 32), Fit.STRETCH);
    assertThatThrownBy(() -> preprocessing.resize(31)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("a crop of 24x32 from an image whose shorter side is 31");
    assertThat(preprocessing.resize(32).fit(Fit.INK).resize()).isZero();
  }

  @Test
  void blueComesFirst() {
    float[] to = new float[3];
    Preprocessing preprocessing =
        Preprocessing.of(Shape.of(3, 1, 1), Fit.STRETCH).bgr(true).std(1 / 255f, 1 / 255f, 1 / 255f).mean(0, 0, 100 / 255f);
    preprocessing.apply(new Image(1, 1, 3, new byte[] {(byte) 200, 20, 30}), to, 0);
    // 0 to 255 with a mean of 100 for red, in float: within 255 * 2^-22
    assertThat(to[0]).isCloseTo(30, within(1e-4f));
    assertThat(to[1]).isCloseTo(20, within(1e-4f));
    assertThat(to[2]).isCloseTo(100, within(1e-4f));
    assertThatThrownBy(() -> Preprocessing.of(Shape.of(1, 1, 1), Fit.STRETCH).bgr(true)).isInstanceOf(FoveaException.class)
        .hasMessageContaining("needs 3 channels, got 1");
  }

  @Test
  void anImageOfTheRightSizeIsNotChanged() {
    Image image = TestImages.formula(28, 28, 1);
    assertThat(Preprocessing.of(Shape.of(1, 28, 28), Fit.STRETCH).fit(image)).isSameAs(image);
    assertThat(Preprocessing.of(Shape.of(1, 28, 28), Fit.CROP).fit(image)).isSameAs(image);
  }

  @Test
  void aWrongNumberOfMeansIsRefused() {
    assertThatThrownBy(() -> new Preprocessing(3, 2, 2, Fit.CROP, List.of(0f), List.of(1f, 1f, 1f)))
        .isInstanceOf(FoveaException.class)
        .hasMessage("preprocessing: 3 channels need one mean and one std each, got 1 and 3");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, -1", "0, NaN", "NaN, 1", "Infinity, 1", "0, Infinity", "0, 1e-45"})
  void invalidMeansAndStdsAreRefused(float mean, float std) {
    assertThatThrownBy(() -> new Preprocessing(1, 2, 2, Fit.CROP, List.of(mean), List.of(std)))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("finite mean and a std above 0");
  }

  @Test
  void shapesOtherThanImagesAreRefused() {
    assertThatThrownBy(() -> Preprocessing.of(Shape.of(28, 28), Fit.INK)).isInstanceOf(FoveaException.class);
    Preprocessing deep = Preprocessing.of(Shape.of(16, 5, 5), Fit.STRETCH);
    assertThatThrownBy(() -> deep.fit(TestImages.formula(5, 5, 3)))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("16 channels");
  }

  @Test
  void imageOfAnotherSizeIsNotNormalised() {
    Preprocessing preprocessing = Preprocessing.of(Shape.of(1, 28, 28), Fit.STRETCH);
    float[] to = new float[784];
    assertThatThrownBy(() -> preprocessing.normalise(TestImages.formula(28, 28, 3), to, 0))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("expected an image of 28x28x1, got 28x28x3");
  }

  @ParameterizedTest
  @CsvSource({
      "1000, 500, 512x256x3, 224, 256", // the shorter side has the length before the crop
      "1000, 500, 64x32x3, 28, 0", // 256/224 of the input
      "20, 25, 20x25x3, 224, 256", // a smaller image keeps its size
      "100, 100000, 11x11449x3, 224, 256", // at most 2 x 256 x 256 pixels
      "100000, 1, 100000x1x3, 224, 256"
  })
  void uncroppedImagesKeepTheirAspectRatioAndAreBounded(int width, int height, String expected, int input, int resize) {
    Preprocessing cropped = Preprocessing.of(Shape.of(3, input, input), Fit.CROP);
    Preprocessing preprocessing = resize == 0 ? cropped : cropped.resize(resize);
    Image uncropped = preprocessing.uncropped(TestImages.formula(width, height, 3));
    assertThat(uncropped).hasToString(expected);
    // rounding to whole pixels adds at most half a pixel to each side
    assertThat((uncropped.width() - 0.5) * (uncropped.height() - 0.5))
        .isLessThanOrEqualTo((double) preprocessing.uncroppedPixels());
    assertThat(preprocessing.fit(Fit.STRETCH).uncropped(TestImages.formula(20, 25, 1))).hasToString("20x25x3");
    assertThat(preprocessing.fit(Fit.INK).uncropped(TestImages.formula(200, 250, 3))).hasToString(input + "x" + input + "x3");
  }
}
