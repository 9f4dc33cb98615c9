package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelMapTest {
  private static final Palette VOC =
      new Palette(IntStream.range(0, 21).mapToObj(i -> i == 0 ? "background" : "class " + i).toList());

  @TempDir
  private Path folder;

  private static LabelMap map(int width, int... classes) {
    byte[] bytes = new byte[classes.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) classes[i];
    }
    return new LabelMap(width, classes.length / width, bytes);
  }

  private Path file(BufferedImage image) throws IOException {
    return Files.write(folder.resolve("labels.png"), TestImages.file(image, "png", false));
  }

  @Test
  void aGreyPngStoresTheClassIndices() throws IOException {
    Image grey = new Image(3, 2, 1, new byte[] {0, 11, 7, (byte) 255, 1, (byte) 128});
    LabelMap read = LabelMap.read(file(grey.toBufferedImage()));
    assertThat(read).isEqualTo(map(3, 0, 11, 7, 255, 1, 128));
    assertThat(read.at(1, 0)).isEqualTo(11);
    assertThat(read.at(0, 1)).isEqualTo(LabelMap.VOID);
  }

  @Test
  void aPaletteImageIsReadByIndexNotByColour() throws IOException {
    for (int bits : new int[] {1, 2, 4, 8}) {
      int size = 1 << bits;
      byte[] red = new byte[size];
      byte[] other = new byte[size];
      for (int i = 0; i < size; i++) {
        red[i] = (byte) (200 - i);
      }
      IndexColorModel palette = new IndexColorModel(bits, size, red, other, other);
      int type = bits == 8 ? BufferedImage.TYPE_BYTE_INDEXED : BufferedImage.TYPE_BYTE_BINARY;
      BufferedImage image = new BufferedImage(2, 2, type, palette);
      image.getRaster().setSample(1, 0, 0, 1);
      image.getRaster().setSample(0, 1, 0, size - 1);
      assertThat(LabelMap.read(file(image))).as("%d bits", bits).isEqualTo(map(2, 0, 1, size - 1, 0));
    }
  }

  @Test
  void rgbAndSixteenBitFilesAreRefused() throws IOException {
    Path rgb = file(TestImages.formula(4, 3, 3).toBufferedImage());
    assertThatThrownBy(() -> LabelMap.read(rgb))
        .isExactlyInstanceOf(FoveaException.class)
        .hasMessageContainingAll("labels.png", "grey of 8 bits or with a palette, got 3 channels of 8 bits", "not the colours");
    Path deep = file(new BufferedImage(4, 3, BufferedImage.TYPE_USHORT_GRAY));
    assertThatThrownBy(() -> LabelMap.read(deep)).hasMessageContaining("got 1 channels of 16 bits");
    Path jpeg = Files.write(folder.resolve("labels.jpg"), TestImages.file(TestImages.smooth(8, 8, 1), "jpeg", false));
    assertThatThrownBy(() -> LabelMap.read(jpeg)).hasMessageContainingAll("labels.jpg", "expected a PNG", "got JPEG");
    assertThatThrownBy(() -> LabelMap.read(folder.resolve("gone.png"))).hasMessageContainingAll("gone.png", "no such file");
  }

  @Test
  void resizeTakesTheClassAtThePixelsCentre() {
    LabelMap map = map(4, 0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(map.resize(2, 1)).isEqualTo(map(2, 5, 7));
    assertThat(map.resize(8, 2)).isEqualTo(map(8, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));
    assertThat(map.resize(3, 2)).isEqualTo(map(3, 0, 2, 3, 4, 6, 7));
    assertThat(map.resize(4, 2)).isSameAs(map);
    assertThat(map(1, 9).resize(3, 2)).isEqualTo(map(3, 9, 9, 9, 9, 9, 9));
  }

  @Test
  void theFirstOfEqualMaximaWins() {
    float[] logits = {9, 1, 0, 5, -1, 2, 0, 5, -1, 3, Float.NaN, 4};
    assertThat(LabelMap.ofLogits(logits, 0, 3, 2, 2)).isEqualTo(map(2, 0, 2, 0, 0));
    assertThat(LabelMap.ofLogits(logits, 4, 2, 1, 4)).isEqualTo(map(4, 0, 1, 0, 0));
    assertThatThrownBy(() -> LabelMap.ofLogits(logits, 1, 3, 2, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void writtenLabelsRoundTripWithThePascalColours() throws IOException {
    LabelMap map = map(4, 0, 1, 15, 255);
    Path file = folder.resolve("out.png");
    VOC.write(map, file);
    assertThat(LabelMap.read(file)).isEqualTo(map);
    Image seen = Image.read(file);
    assertThat(seen.pixels())
        .containsExactly(0, 0, 0, (byte) 128, 0, 0, (byte) 192, (byte) 128, (byte) 128, (byte) 224, (byte) 224, (byte) 192);
    assertThat(ImageIO.read(file.toFile()).getColorModel()).isInstanceOf(IndexColorModel.class);
  }

  @Test
  void blackIsReservedForBackground() {
    assertThat(VOC.rgb(0)).isZero();
    assertThat(VOC.rgb(2)).isEqualTo(0x008000);
    Palette streets = new Palette(List.of("Sky", "Building"));
    assertThat(streets.rgb(0)).isEqualTo(0x800000);
    assertThat(streets.rgb(1)).isEqualTo(0x008000);
    assertThat(streets.rgb(LabelMap.VOID)).isEqualTo(0xE0E0C0);
  }

  @Test
  void blendIsHalfImageHalfColour() {
    Image image = new Image(2, 1, 1, new byte[] {100, (byte) 255});
    Image blended = VOC.blend(image, map(2, 1, 0));
    assertThat(blended.pixels()).containsExactly(114, 50, 50, (byte) 128, (byte) 128, (byte) 128);
  }

  @Test
  void legendHasALineForEachClass() {
    Palette streets = new Palette(List.of("Sky", "two\nlines"));
    Image legend = streets.legend();
    assertThat(legend.height()).isGreaterThan(2 * new Palette(List.of("a")).legend().height() - 20);
    assertThat(legend.at(10, 12, 0)).isEqualTo(0x80);
    assertThat(legend.at(10, 34, 1)).isEqualTo(0x80);
    assertThat(legend.at(0, 0, 0)).isEqualTo(255);
  }

  @Test
  void inconsistentSizesAreRefused() {
    assertThatThrownBy(() -> new LabelMap(2, 2, new byte[3])).isInstanceOf(FoveaException.class).hasMessageContaining("2x2");
    assertThatThrownBy(() -> new LabelMap(0, 2, new byte[0])).isInstanceOf(FoveaException.class);
  }
}
