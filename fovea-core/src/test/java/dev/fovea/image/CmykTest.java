package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.tensor.FoveaException;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CmykTest {
  /** Each of the four samples, which a JPEG stores to within a level, counts at most once; and YCC's chroma up to 1.8 times. */
  private static final int TOLERANCE = 4;

  private static WritableRaster raster(int bits, int... samples) {
    WritableRaster raster =
        Raster.createInterleavedRaster(bits == 8 ? DataBuffer.TYPE_BYTE : DataBuffer.TYPE_USHORT, 16, 8, 4, null);
    for (int i = 0; i < 128; i++) {
      raster.setPixel(i % 16, i / 16, samples);
    }
    return raster;
  }

  /** A JPEG of these samples, with an Adobe marker if {@code transform} is not negative. */
  private static byte[] jpeg(int transform, int... samples) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(raster(8, samples), null, null), null);
    } finally {
      writer.dispose();
    }
    byte[] file = bytes.toByteArray();
    if (transform < 0) {
      return file;
    }
    byte[] adobe = {(byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) transform};
    return ByteBuffer.allocate(file.length + adobe.length).put(file, 0, 2).put(adobe).put(file, 2, file.length - 2).array();
  }

  /** Stored inverted: 255 - C, 255 - M, 255 - Y, 255 - K, so R is the product of the first and the last. */
  @ParameterizedTest
  @CsvSource({"-1", "0"})
  void cmykIsConvertedByTheProduct(int transform) throws IOException {
    Image image = Image.read(jpeg(transform, 40, 200, 90, 230), "x");
    assertThat(image.toString()).isEqualTo("16x8x3");
    assertThat(image.at(9, 5, 0)).isCloseTo(40 * 230 / 255, within(TOLERANCE));
    assertThat(image.at(9, 5, 1)).isCloseTo(200 * 230 / 255, within(TOLERANCE));
    assertThat(image.at(9, 5, 2)).isCloseTo(90 * 230 / 255, within(TOLERANCE));
  }

  /** The first three are Y, Cb and Cr, whose red, green and blue are C, M and Y. */
  @Test
  void ycckIsConvertedToInksFirst() throws IOException {
    Image image = Image.read(jpeg(2, 120, 100, 185, 230), "x");
    double c = 120 + 1.402 * (185 - 128);
    double m = 120 - 0.344136 * (100 - 128) - 0.714136 * (185 - 128);
    double y = 120 + 1.772 * (100 - 128);
    assertThat(image.at(3, 3, 0)).isCloseTo((int) ((255 - c) * 230 / 255), within(TOLERANCE));
    assertThat(image.at(3, 3, 1)).isCloseTo((int) ((255 - m) * 230 / 255), within(TOLERANCE));
    assertThat(image.at(3, 3, 2)).isCloseTo((int) ((255 - y) * 230 / 255), within(TOLERANCE));
  }

  @Test
  void rastersAreNotInverted() {
    Image image = Cmyk.image(raster(8, 255, 0, 128, 51));
    assertThat(new int[] {image.at(0, 0, 0), image.at(0, 0, 1), image.at(0, 0, 2)}).containsExactly(0, 204, 102);
    assertThat(Cmyk.image(raster(16, 0xffff, 0xff, 0x80ff, 0x33ff))).isEqualTo(image);
  }

  @Test
  void everyTruncationIsAnErrorOrTheCompleteImage() throws IOException {
    byte[] file = jpeg(2, 120, 100, 185, 230);
    Image whole = Image.read(file, "whole");
    for (int length = 0; length < file.length; length++) {
      try {
        assertThat(Image.read(Arrays.copyOf(file, length), "x")).isEqualTo(whole);
      } catch (FoveaException e) {
        assertThat(e).hasMessageStartingWith("x: ").hasMessageNotContaining("\n");
      }
    }
  }
}
