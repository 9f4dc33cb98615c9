package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestTimeAugmentationTest {
  private static Image random(int width, int height, int channels, long seed) {
    byte[] pixels = new byte[width * height * channels];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) Rng.of(seed).below(i, 256);
    }
    return new Image(width, height, channels, pixels);
  }

  @Test
  void aFlipIsTheImageAndItsMirrorImage() {
    Image image = random(5, 3, 3, 1);
    List<Image> views = TestTimeAugmentation.FLIP.views(image, Preprocessing.of(Shape.of(3, 3, 5), Fit.STRETCH));
    assertThat(views).hasSize(2).first().isEqualTo(image);
    for (int y = 0; y < 3; y++) {
      for (int x = 0; x < 5; x++) {
        for (int c = 0; c < 3; c++) {
          assertThat(views.get(1).at(x, y, c)).isEqualTo(image.at(4 - x, y, c));
        }
      }
    }
  }

  @Test
  void cropsAreThoseOfTheResizedImage() {
    Preprocessing p = Preprocessing.of(Shape.of(3, 20, 24), Fit.CROP).resize(32);
    Image image = random(70, 50, 3, 2); // its shorter side becomes 32: 44 x 32
    Image full = image.resize(44, 32);
    List<Image> views = TestTimeAugmentation.FIVE_CROP.views(image, p);
    assertThat(views).containsExactly(full.crop(0, 0, 24, 20), full.crop(20, 0, 24, 20), full.crop(0, 12, 24, 20),
        full.crop(20, 12, 24, 20), full.crop(10, 6, 24, 20));
    assertThat(views.getLast()).isEqualTo(p.fit(image));
    List<Image> ten = TestTimeAugmentation.TEN_CROP.views(image, p);
    assertThat(ten).hasSize(TestTimeAugmentation.TEN_CROP.count()).startsWith(views.toArray(Image[]::new));
    assertThat(ten.get(7).at(0, 5, 1)).isEqualTo(views.get(2).at(23, 5, 1));
  }

  /** 256 of 224, as AlexNet: 8 of 7. */
  @Test
  void withoutALargerSizeTheImageIsEightSeventhsOfTheInput() {
    Image image = random(30, 40, 1, 3);
    Image full = image.resize(16, 24);
    Preprocessing stretch = Preprocessing.of(Shape.of(1, 21, 14), Fit.STRETCH);
    assertThat(TestTimeAugmentation.FIVE_CROP.views(image, stretch)).containsExactly(full.crop(0, 0, 14, 21),
        full.crop(2, 0, 14, 21),
        full.crop(0, 3, 14, 21), full.crop(2, 3, 14, 21), full.crop(1, 2, 14, 21));
    Preprocessing crop = Preprocessing.of(Shape.of(1, 14, 14), Fit.CROP);
    assertThat(TestTimeAugmentation.FIVE_CROP.views(image, crop)).isEqualTo(
        TestTimeAugmentation.FIVE_CROP.views(image, crop.resize(16)));
  }

  @Test
  void viewsHaveTheInputsChannelsAndSize() {
    for (TestTimeAugmentation views : TestTimeAugmentation.values()) {
      for (Image image : List.of(random(1, 1, 3, 4), random(300, 2, 1, 5), random(2, 300, 3, 6))) {
        for (Fit fit : List.of(Fit.STRETCH, Fit.CROP)) {
          assertThat(views.views(image, Preprocessing.of(Shape.of(3, 9, 8), fit))).hasSize(views.count())
              .allSatisfy(view -> assertThat(view).hasToString("8x9x3"));
        }
      }
    }
  }

  @Test
  void handwritingHasNoCorners() {
    Preprocessing ink = Preprocessing.of(Shape.of(1, 28, 28), Fit.INK);
    Image image = random(28, 28, 1, 7);
    assertThat(TestTimeAugmentation.NONE.views(image, ink)).containsExactly(ink.fit(image));
    assertThat(TestTimeAugmentation.FLIP.views(image, ink)).hasSize(2);
    assertThatThrownBy(() -> TestTimeAugmentation.TEN_CROP.views(image, ink)).isInstanceOf(FoveaException.class)
        .hasMessage("ten-crop: the model centres the ink of handwriting, which has no corners: choose flip, or none");
    assertThatThrownBy(() -> TestTimeAugmentation.FIVE_CROP.views(image, Preprocessing.of(Shape.of(2, 28, 28), Fit.CROP)))
        .isInstanceOf(FoveaException.class).hasMessageContaining("the network expects 2 channels");
  }
}
