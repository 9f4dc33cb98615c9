package dev.fovea.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Sample;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Positions: which pixels are where, and label maps that follow them. */
class GeometryTest {
  private static Sample applied(String text, Sample sample, int index) {
    return Augmentation.parse(text).apply(sample, TestSamples.CANVAS, TestSamples.random(index));
  }

  /** Mirrored or not, padded, and cropped at that corner. */
  private static Image expected(Image image, boolean flip, int left, int top) {
    byte[] pixels = new byte[image.pixels().length];
    for (int i = 0; i < pixels.length; i++) {
      int x = i / 3 % image.width() + left;
      int y = i / 3 / image.width() + top;
      boolean inside = x >= 0 && x < image.width() && y >= 0 && y < image.height();
      int source = inside ? image.at(flip ? image.width() - 1 - x : x, y, i % 3) : TestSamples.CANVAS.outside().get(i % 3);
      pixels[i] = (byte) source;
    }
    return new Image(image.width(), image.height(), 3, pixels);
  }

  @Test
  void everyImageIsAMirroredCropAndAllOccur() {
    Sample sample = TestSamples.of(TestSamples.image(24, 17, 3));
    Map<Image, String> all = new HashMap<>();
    for (int i = 0; i < 70; i++) {
      int left = i / 10 - 3; // an eighth of 24
      int top = i / 2 % 5 - 2; // of 17
      all.put(expected(sample.image(), i % 2 == 1, left, top), left + "," + top + "," + i % 2);
    }
    assertThat(all).hasSize(70);
    Set<String> seen = new HashSet<>();
    for (int index = 0; index < 1500; index++) {
      String found = all.get(applied("flip,crop", sample, index).image());
      assertThat(found).as("image %d", index).isNotNull();
      seen.add(found);
    }
    assertThat(seen).hasSize(70);
  }

  @Test
  void aVerticalFlipReversesRows() {
    Image image = TestSamples.image(5, 4, 3);
    Image turned = applied("vertical-flip(1)", TestSamples.of(image), 0).image();
    for (int i = 0; i < image.pixels().length; i++) {
      int x = i / 3 % 5;
      int y = i / 3 / 5;
      assertThat(turned.at(x, y, i % 3)).isEqualTo(image.at(x, 3 - y, i % 3));
    }
  }

  /**
   * The class of each pixel is half its red sample. Where an image is moved by whole pixels, it stays so; elsewhere the nearest pixel's
   * red and the interpolated one differ by no more than two neighbours, of which all but a few are close.
   */
  @ParameterizedTest
  @ValueSource(strings = {"flip", "vertical-flip", "crop", "flip,crop(0.3)"})
  void labelsMoveWithTheirPixels(String text) {
    Sample sample = TestSamples.labelled(31, 22);
    for (int index = 0; index < 40; index++) {
      Sample varied = applied(text, sample, index);
      LabelMap labels = varied.labels().orElseThrow();
      for (int i = 0; i < labels.classes().length; i++) {
        int label = labels.classes()[i] & 0xff;
        int red = varied.image().pixels()[3 * i] & 0xff;
        assertThat(label).isEqualTo(label == LabelMap.VOID ? LabelMap.VOID : red / 2);
        assertThat(label == LabelMap.VOID).isEqualTo(isOutside(varied.image(), i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rotation(90)", "affine(20,translate=0.2,scale=0.7..1.3,shear=10)", "perspective(0.6,1)"})
  void labelsAreVoidOutsideAndNearestInside(String text) {
    Sample sample = TestSamples.labelled(60, 44);
    int differing = 0;
    int inside = 0;
    for (int index = 0; index < 20; index++) {
      Sample varied = applied(text, sample, index);
      LabelMap labels = varied.labels().orElseThrow();
      for (int i = 0; i < labels.classes().length; i++) {
        int label = labels.classes()[i] & 0xff;
        if (label == LabelMap.VOID) {
          assertThat(isOutside(varied.image(), i)).isTrue();
        } else {
          inside++;
          differing += Math.abs(2 * label - (varied.image().pixels()[3 * i] & 0xff)) > 24 ? 1 : 0;
        }
      }
    }
    assertThat(inside).isGreaterThan(20 * 44 * 60 / 4);
    // 24: noise of up to 19, and half a step of the gradient; it is only more where the gradient wraps around
    assertThat((double) differing / inside).isLessThan(0.05);
  }

  private static boolean isOutside(Image image, int pixel) {
    for (int c = 0; c < 3; c++) {
      if ((image.pixels()[3 * pixel + c] & 0xff) != TestSamples.CANVAS.outside().get(c)) {
        return false;
      }
    }
    return true;
  }

  @Test
  void resizedCropsHaveTheCanvassSizeWithTheirLabels() {
    Sample sample = TestSamples.labelled(60, 44);
    for (int index = 0; index < 20; index++) {
      Sample varied = applied("resized-crop(0.3..1)", sample, index);
      assertThat(varied.image()).hasToString("20x16x3");
      assertThat(varied.labels().orElseThrow()).hasToString("20x16");
      double sum = 0;
      for (int i = 0; i < 320; i++) {
        sum += Math.abs(2 * (varied.labels().orElseThrow().classes()[i] & 0xff) - (varied.image().pixels()[3 * i] & 0xff));
      }
      assertThat(sum / 320).isLessThan(24);
    }
    Sample whole = applied("resized-crop(1,ratio=1.3636)", sample, 0);
    assertThat(whole.image()).isEqualTo(sample.image().resize(20, 16));
    assertThat(whole.labels().orElseThrow()).isEqualTo(sample.labels().orElseThrow().resize(20, 16));
  }

  @ParameterizedTest
  @ValueSource(strings = {"color-jitter(0.4,0.4,0.4,0.1)", "grayscale(1)", "blur(1,1)", "pca"})
  void coloursLeaveLabelsAlone(String text) {
    Sample sample = TestSamples.labelled(31, 22);
    Sample varied = applied(text, sample, 1);
    assertThat(varied.labels()).containsSame(sample.labels().orElseThrow());
    assertThat(varied.image()).isNotEqualTo(sample.image()).hasToString("31x22x3");
  }

  @Test
  void erasedPixelsHaveNoClass() {
    Sample sample = TestSamples.labelled(40, 30);
    for (int index = 0; index < 20; index++) {
      Sample varied = applied("erasing(1)", sample, index);
      LabelMap labels = varied.labels().orElseThrow();
      for (int i = 0; i < labels.classes().length; i++) {
        boolean kept = labels.classes()[i] == sample.labels().orElseThrow().classes()[i];
        assertThat(kept || (labels.classes()[i] & 0xff) == LabelMap.VOID).isTrue();
        if (kept) {
          assertThat(varied.image().pixels()[3 * i]).isEqualTo(sample.image().pixels()[3 * i]);
        }
      }
    }
  }

  /** A grey image is one whose three channels are equal, to every change of colour: to rounding of the luma. */
  @ParameterizedTest
  @ValueSource(strings = {"color-jitter(0.4,0.4,0.4,0.1)", "grayscale(1)", "blur(1,1)", "pca"})
  void greyImagesAreTreatedAsColouredOnes(String text) {
    Image grey = TestSamples.image(31, 22, 1);
    Image one = applied(text, TestSamples.of(grey), 4).image();
    Image three = applied(text, TestSamples.of(grey.rgb()), 4).image().grey();
    for (int i = 0; i < one.pixels().length; i++) {
      assertThat((double) (one.pixels()[i] & 0xff)).isCloseTo(three.pixels()[i] & 0xff, within(1.0));
    }
  }
}
