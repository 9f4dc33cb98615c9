package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageTest {
  @Test
  void greyIsLumaOfItu601() {
    byte[] luma = HexFormat.of().parseHex("2b50759abfc7562e5386b2c15736628ebac9c461477aadc36046793c76b0cd715e98b55997bb"
        + "665a9bbf6a5e9fd53a82ad5f5aa2cd324d9cce3a89bb7476a8");
    assertThat(TestImages.formula(9, 7, 3).grey()).isEqualTo(new Image(9, 7, 1, luma));
  }

  @Test
  void greyToRgbToGreyIsTheIdentity() {
    Image grey = TestImages.formula(16, 16, 1);
    assertThat(grey.rgb().grey()).isEqualTo(grey);
    assertThat(grey.rgb().channels()).isEqualTo(3);
  }

  /** Computed by Pillow 12.3: {@code Image.resize((w, h), Image.BILINEAR)}. */
  @ParameterizedTest
  @CsvSource({
      "13, 11, 3, 5, 4, 6e848d7c868e7f7e87768187798e7c7a8d7c8a8a7d8f827d7e867989848a787e887e7d7e887e80807c7786668f967380917d7d7182"
          + "8b848a7f7e7895",
      "13, 11, 1, 5, 4, 6e7c7f76797a8a8f7e89787e888086969171847e",
      "6, 5, 1, 8, 3, 27405e7c9a7469817d9d8e5b8284807c456c9ab67794997b",
      "3, 2, 3, 5, 5, 00356a0f4479255a8f3b70a54a7fb4093e73184d822f6499457aa05489a52e63983e73a8568bc06ea38c7fb4695287bc6499ce7db2e7"
          + "97cc77a9de2c5b90c56da2d787bcf1a1d672b3e81d",
      "13, 11, 3, 1, 1, 818182",
      "1, 1, 1, 3, 2, 000000000000",
      "7, 9, 1, 7, 4, 4b766e995680ab5b8e8283a972ab7d5c925ea76db68d856e928a746c",
      "7, 9, 1, 3, 9, 206fbe81943dab5ebc43b072a47aba609070665ab8907f6e83a45b"
  })
  void resizesAsPillowDoes(int width, int height, int channels, int newWidth, int newHeight, String hex) {
    Image resized = TestImages.formula(width, height, channels).resize(newWidth, newHeight);
    assertThat(resized).isEqualTo(new Image(newWidth, newHeight, channels, HexFormat.of().parseHex(hex)));
  }

  @ParameterizedTest
  @CsvSource({
      "400, 300, 3, 224, 224, 2616275897",
      "400, 300, 1, 28, 28, 4237609811",
      "64, 64, 3, 224, 224, 472587684",
      "1000, 3, 1, 7, 200, 177977717",
      "333, 257, 3, 332, 258, 3392800680"
  })
  void resizesLargerImagesAsPillowDoes(int width, int height, int channels, int newWidth, int newHeight, long crc) {
    CRC32 made = new CRC32();
    made.update(TestImages.formula(width, height, channels).resize(newWidth, newHeight).pixels());
    assertThat(made.getValue()).isEqualTo(crc);
  }

  /** Computed by Pillow 12.3: {@code Image.resize((w, h), Image.BICUBIC)}. */
  @ParameterizedTest
  @CsvSource({
      "400, 300, 3, 224, 224, 3968978692",
      "400, 300, 1, 28, 28, 2058201361",
      "64, 64, 3, 224, 224, 1758983265",
      "1000, 3, 1, 7, 200, 3250133747",
      "333, 257, 3, 332, 258, 247283152",
      "6, 5, 1, 8, 3, 1139489791"
  })
  void resizesBicubicallyAsPillowDoes(int width, int height, int channels, int newWidth, int newHeight, long crc) {
    CRC32 made = new CRC32();
    made.update(TestImages.formula(width, height, channels).resize(newWidth, newHeight, Interpolation.BICUBIC).pixels());
    assertThat(made.getValue()).isEqualTo(crc);
  }

  @Test
  void aVeryWideResizeNeedsNoLargeIntermediateImage() {
    Image thread = TestImages.smooth(1, 1_000_000, 1);
    Image wide = thread.resize(100_000, 2);
    assertThat(wide.at(0, 0, 0)).isLessThan(wide.at(99_999, 1, 0));
  }

  @Test
  void cropReturnsThePart() {
    Image image = TestImages.formula(10, 8, 3);
    Image part = image.crop(3, 2, 5, 4);
    assertThat(part.toString()).isEqualTo("5x4x3");
    assertThat(part.at(4, 3, 2)).isEqualTo(image.at(7, 5, 2));
    assertThatThrownBy(() -> image.crop(6, 0, 5, 4)).isInstanceOf(FoveaException.class).hasMessageContaining("10x8x3");
  }

  @Test
  void wrongNumberOfSamplesIsRefused() {
    assertThatThrownBy(() -> new Image(2, 2, 3, new byte[11]))
        .isInstanceOf(FoveaException.class)
        .hasMessage("an image of 2x2x3 has 12 samples, got 11");
    assertThatThrownBy(() -> new Image(2, 2, 2, new byte[8])).isInstanceOf(FoveaException.class);
    assertThatThrownBy(() -> new Image(70_000, 70_000, 3, new byte[8])).isInstanceOf(FoveaException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void pngsRoundTrip(int channels) {
    for (int size : new int[] {1, 2, 7, 31, 200}) {
      Image image = TestImages.formula(size, size + 3, channels);
      assertThat(Image.read(image.png(), "formula")).isEqualTo(image);
      Image smooth = TestImages.smooth(size + 5, size, channels);
      assertThat(Image.read(smooth.png(), "smooth")).isEqualTo(smooth);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void theJdkReadsOurPngs(int channels) throws IOException {
    Image image = TestImages.formula(61, 40, channels);
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(image.png()));
    assertThat(Image.of(read)).isEqualTo(image);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void bufferedImagesRoundTrip(int channels) {
    Image image = TestImages.formula(9, 5, channels);
    assertThat(Image.of(image.toBufferedImage())).isEqualTo(image);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
          BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_INT_BGR, BufferedImage.TYPE_4BYTE_ABGR,
          BufferedImage.TYPE_3BYTE_BGR
      })
  void everyRgbTypeHasTheSameSamples(int type) {
    BufferedImage buffered = new BufferedImage(3, 2, type);
    buffered.setRGB(2, 1, 0xff102030);
    Image image = Image.of(buffered);
    assertThat(new int[] {image.at(2, 1, 0), image.at(2, 1, 1), image.at(2, 1, 2)}).containsExactly(0x10, 0x20, 0x30);
    assertThat(image.at(0, 0, 0)).isEqualTo(buffered.getColorModel().hasAlpha() ? 255 : 0);
  }

  @Test
  void partsOfBufferedImagesAreReadFromTheirCorner() {
    Image image = TestImages.formula(9, 7, 3);
    BufferedImage part = image.toBufferedImage().getSubimage(2, 3, 5, 4);
    assertThat(Image.of(part)).isEqualTo(image.crop(2, 3, 5, 4));
  }

  @Test
  void sixteenBitGreysKeepTheirUpperEightBits() {
    BufferedImage buffered = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
    buffered.getRaster().setSample(0, 0, 0, 0x80ff);
    assertThat(Image.of(buffered)).isEqualTo(new Image(1, 1, 1, new byte[] {(byte) 0x80}));
  }

  @Test
  void fiveBitsScaleToWhite() {
    BufferedImage buffered = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_565_RGB);
    buffered.setRGB(0, 0, 0xffffff);
    assertThat(Image.of(buffered).pixels()).containsExactly(0xff, 0xff, 0xff);
  }
}
