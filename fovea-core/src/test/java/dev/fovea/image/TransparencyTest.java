package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transparent pixels are composited over white, or over black if the drawing would vanish; opaque pixels keep their samples. */
class TransparencyTest {
  private static final Preprocessing DIGIT =
      new Preprocessing(1, 28, 28, Fit.INK, List.of(0f), List.of(1f));

  /** A ring, drawn as a canvas draws it. */
  private static BufferedImage ring(Color ink, Color background) {
    BufferedImage image = new BufferedImage(120, 100, BufferedImage.TYPE_INT_ARGB);
    Graphics2D g = image.createGraphics();
    g.setColor(background);
    g.fillRect(0, 0, 120, 100);
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setStroke(new BasicStroke(9));
    g.setColor(ink);
    g.draw(new Ellipse2D.Double(35, 20, 40, 60));
    g.dispose();
    return image;
  }

  private static BufferedImage clearRing(int rgb) {
    return ring(new Color(rgb), new Color(0, true));
  }

  private static Image png(BufferedImage image) {
    return Image.read(TestImages.file(image, "png", false), "x");
  }

  /** Black, blue, red, green, mid-grey and a green as light as grey 150 contrast with white. */
  @ParameterizedTest
  @ValueSource(ints = {0x000000, 0x2020c0, 0xc02020, 0x106010, 0x808080, 0x00ff00})
  void contrastingInkIsCompositedOverWhite(int rgb) {
    Image read = png(clearRing(rgb));
    assertThat(TestImages.difference(read, png(ring(new Color(rgb), Color.WHITE)))).isLessThanOrEqualTo(1);
    assertThat(TestImages.meanDifference(DIGIT.fit(read), DIGIT.fit(png(ring(Color.BLACK, Color.WHITE))))).isLessThan(4);
  }

  @ParameterizedTest
  @ValueSource(ints = {0xffffff, 0xf0f0f0, 0xd0d0d0, 0xffff00})
  void lightInkIsCompositedOverBlack(int rgb) {
    Image read = png(clearRing(rgb));
    assertThat(TestImages.difference(read, png(ring(new Color(rgb), Color.BLACK)))).isLessThanOrEqualTo(1);
    assertThat(TestImages.meanDifference(DIGIT.fit(read), DIGIT.fit(png(ring(Color.BLACK, Color.WHITE))))).isLessThan(4);
  }

  @Test
  void faintInkAndAPageWithTransparentCornersStayOnWhite() {
    assertThat(png(ring(new Color(0, 0, 0, 40), new Color(0, true))).at(35, 50, 0)).isEqualTo(255 - 40);
    BufferedImage page = ring(Color.BLACK, Color.WHITE);
    for (int i = 0; i < 100; i++) {
      page.setRGB(i % 10, i / 10, 0);
    }
    assertThat(png(page)).isEqualTo(png(ring(Color.BLACK, Color.WHITE)));
  }

  @Test
  void anEmptyDrawingIsWhite() {
    assertThat(png(new BufferedImage(3, 2, BufferedImage.TYPE_INT_ARGB)).pixels()).containsOnly(255);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 255", "0, 64, 191", "0, 128, 127", "100, 128, 177", "100, 255, 100", "7, 1, 254"})
  void partialAlphaBlendsWithTheBackground(int value, int alpha, int expected) {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0xff000000);
    image.setRGB(1, 0, alpha << 24 | value << 16 | value << 8 | value);
    assertThat(png(image).at(1, 0, 2)).isEqualTo(expected);
    assertThat(Image.of(image).at(1, 0, 0)).isEqualTo(expected);
  }

  @Test
  void premultipliedSamplesAreCompositedToo() {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB_PRE);
    image.setRGB(0, 0, 0xff102030);
    image.setRGB(1, 0, 0x80000000);
    assertThat(Image.of(image).pixels()).containsExactly(0x10, 0x20, 0x30, 127, 127, 127, 255, 255, 255);
  }

  @ParameterizedTest
  @CsvSource({"1, 8", "1, 16", "3, 8", "3, 16"})
  void opaqueAlphaChangesNoSample(int channels, int bits) {
    Image image = TestImages.formula(13, 11, channels);
    assertThat(png(withAlpha(image, bits, 255))).isEqualTo(image);
    assertThat(Image.of(withAlpha(image, bits, 255))).isEqualTo(image);
  }

  @ParameterizedTest
  @CsvSource({"1, 8", "1, 16", "3, 8", "3, 16"})
  void alphaOfGreysAndOf16BitsIsComposited(int channels, int bits) {
    Image image = TestImages.formula(13, 11, channels);
    byte[] expected = image.pixels().clone();
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (byte) (((expected[i] & 0xff) * 85 + 255 * 170 + 127) / 255);
    }
    assertThat(png(withAlpha(image, bits, 85)).pixels()).isEqualTo(expected);
  }

  /** The samples, each followed by alpha. */
  private static BufferedImage withAlpha(Image image, int bits, int alpha) {
    int type = bits == 8 ? DataBuffer.TYPE_BYTE : DataBuffer.TYPE_USHORT;
    ColorSpace space = ColorSpace.getInstance(image.channels() == 1 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
    ComponentColorModel model = new ComponentColorModel(space, true, false, Transparency.TRANSLUCENT, type);
    WritableRaster raster = model.createCompatibleWritableRaster(image.width(), image.height());
    int scale = bits == 8 ? 1 : 257;
    for (int i = 0; i < image.width() * image.height(); i++) {
      int x = i % image.width();
      int y = i / image.width();
      for (int c = 0; c < image.channels(); c++) {
        raster.setSample(x, y, c, image.at(x, y, c) * scale);
      }
      raster.setSample(x, y, image.channels(), alpha * scale);
    }
    return new BufferedImage(model, raster, false, null);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8})
  void coloursOfAPaletteMayBeTransparent(int bits) throws IOException {
    byte[] levels = {30, 60};
    IndexColorModel opaque = new IndexColorModel(bits, 2, levels, levels, levels);
    int type = bits == 8 ? BufferedImage.TYPE_BYTE_INDEXED : BufferedImage.TYPE_BYTE_BINARY;
    BufferedImage image = new BufferedImage(3, 1, type, opaque);
    image.getRaster().setSample(1, 0, 0, 1);
    byte[] file = TestImages.file(image, "png", false);
    int palette = new String(file, StandardCharsets.ISO_8859_1).indexOf("PLTE");
    int behind = palette + 8 + ByteBuffer.wrap(file).getInt(palette - 4);
    // The chunk must follow the palette.
    byte[] header = TestImages.pngWith(Arrays.copyOf(file, 33), "tRNS", new byte[] {0, (byte) 128});
    byte[] clear = ByteBuffer.allocate(file.length + header.length - 33).put(file, 0, behind).put(header, 33, header.length - 33)
        .put(file, behind, file.length - behind).array();
    assertThat(Image.read(file, "x").pixels()).containsExactly(30, 60, 30);
    assertThat(Image.read(clear, "x").pixels()).containsExactly(255, (60 * 128 + 255 * 127 + 127) / 255, 255);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8, 16})
  void oneGreyMayBeTransparent(int bits) {
    BufferedImage image;
    if (bits < 8) {
      byte[] levels = new byte[1 << bits];
      for (int i = 0; i < levels.length; i++) {
        levels[i] = (byte) (i * 255 / (levels.length - 1));
      }
      image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_BINARY,
          new IndexColorModel(bits, levels.length, levels, levels, levels));
    } else {
      image = new BufferedImage(3, 1, bits == 8 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_USHORT_GRAY);
    }
    int key = bits == 1 ? 1 : 2;
    image.getRaster().setSample(1, 0, 0, key);
    byte[] file = TestImages.file(image, "png", false);
    assertThat(file[25]).as("stored as grey").isZero();
    Image clear = Image.read(TestImages.pngWith(file, "tRNS", new byte[] {0, (byte) key}), "x");
    assertThat(clear.pixels()).containsExactly(0, 255, 0);
    // Black is transparent here, so the drawing is white or nearly white.
    Image black = Image.read(TestImages.pngWith(file, "tRNS", new byte[] {0, 0}), "x");
    assertThat(black.at(0, 0, 0)).isEqualTo(bits == 1 ? 0 : 255);
    assertThat(black.at(1, 0, 0)).isEqualTo(Image.read(file, "x").at(1, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16})
  void oneColourMayBeTransparent(int bits) {
    BufferedImage image = withAlpha(TestImages.formula(3, 1, 3), bits, 255);
    ComponentColorModel model = new ComponentColorModel(
        ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, Transparency.OPAQUE, image.getRaster().getTransferType());
    WritableRaster raster = model.createCompatibleWritableRaster(3, 1);
    ByteBuffer key = ByteBuffer.allocate(6);
    for (int c = 0; c < 3; c++) {
      for (int x = 0; x < 3; x++) {
        raster.setSample(x, 0, c, image.getRaster().getSample(x, 0, c));
      }
      key.putShort((short) raster.getSample(1, 0, c));
    }
    byte[] file = TestImages.file(new BufferedImage(model, raster, false, null), "png", false);
    Image opaque = Image.read(file, "x");
    Image clear = Image.read(TestImages.pngWith(file, "tRNS", key.array()), "x");
    for (int x = 0; x < 3; x++) {
      for (int c = 0; c < 3; c++) {
        assertThat(clear.at(x, 0, c)).isEqualTo(x == 1 ? 255 : opaque.at(x, 0, c));
      }
    }
  }

  @Test
  void theTransparentIndexOfAGifIsTransparent() {
    byte[] levels = {0, 100, (byte) 200};
    IndexColorModel model = new IndexColorModel(2, 3, levels, levels, levels, 0);
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED, model);
    image.getRaster().setPixels(0, 0, 3, 1, new int[] {1, 0, 2});
    assertThat(Image.read(TestImages.file(image, "gif", false), "x").pixels()).containsExactly(100, 255, (byte) 200);
  }

  /** A BMP of one row with an alpha mask (header BITMAPV4HEADER). */
  private static byte[] bmp(int... argb) {
    int start = 14 + 108;
    ByteBuffer file = ByteBuffer.allocate(start + 4 * argb.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'B').put((byte) 'M').putInt(file.capacity()).putInt(0).putInt(start);
    file.putInt(108).putInt(argb.length).putInt(1).putShort((short) 1).putShort((short) 32).putInt(3).putInt(4 * argb.length);
    file.position(54).putInt(0xff0000).putInt(0xff00).putInt(0xff).putInt(0xff000000).putInt(0x73524742);
    file.position(start);
    Arrays.stream(argb).forEach(file::putInt);
    return file.array();
  }

  @Test
  void alphaOfABmpCountsUnlessItIsLeftAtZero() {
    assertThat(Image.read(bmp(0xff102030, 0x00102030), "x").pixels()).containsExactly(0x10, 0x20, 0x30, 255, 255, 255);
    assertThat(Image.read(bmp(0x00102030, 0x00405060), "x").pixels()).containsExactly(0x10, 0x20, 0x30, 0x40, 0x50, 0x60);
  }

  @Test
  void labelsAreNotBlended(@TempDir Path folder) throws IOException {
    Image stored = new Image(3, 1, 1, new byte[] {0, 1, (byte) 255});
    Path file = folder.resolve("labels.png");
    Files.write(file, TestImages.pngWith(stored.png(), "tRNS", new byte[] {0, 1}));
    assertThat(LabelMap.read(file).classes()).isEqualTo(stored.pixels());
    Files.write(file, TestImages.file(withAlpha(stored, 8, 255), "png", false));
    assertThat(LabelMap.read(file).classes()).isEqualTo(stored.pixels());
    Files.write(file, TestImages.file(withAlpha(stored, 8, 254), "png", false));
    assertThatThrownBy(() -> LabelMap.read(file)).isExactlyInstanceOf(FoveaException.class)
        .hasMessageContainingAll("labels.png: expected a PNG of class indices", "transparent pixels", "without alpha");
  }
}
