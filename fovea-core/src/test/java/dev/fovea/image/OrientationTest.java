package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.testkit.RealData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrientationTest {
  /** The image that, rotated by {@code orientation}, equals {@code upright}. */
  private static Image stored(Image upright, int orientation) {
    // Each except 6 and 8, the quarter rotations, is its own inverse.
    int back = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
    return Orientation.upright(new ImageFile.Stored(upright, back));
  }

  private static byte[] tiff(int orientation, ByteOrder order) {
    byte[] mark = (order == ByteOrder.BIG_ENDIAN ? "MM" : "II").getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(38).order(order).put(mark).putShort((short) 42).putInt(8).putShort((short) 2)
        .putShort((short) 0x010f).putShort((short) 2).putInt(1).putInt(0)
        .putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation).putShort((short) 0)
        .putInt(0).array();
  }

  private static byte[] jpeg(Image image, String name, byte[] block) {
    byte[] file = TestImages.file(image, "jpg", false);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(file, 0, 2);
    out.writeBytes(ByteBuffer.allocate(4).putShort((short) 0xffe1).putShort((short) (2 + name.length() + block.length)).array());
    out.writeBytes(name.getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(block);
    out.write(file, 2, file.length - 2);
    return out.toByteArray();
  }

  @Test
  void aQuarterRotationIsClockwise() {
    Image image = new Image(2, 1, 1, new byte[] {1, 2});
    assertThat(Orientation.upright(new ImageFile.Stored(image, 6))).isEqualTo(new Image(1, 2, 1, new byte[] {1, 2}));
    assertThat(Orientation.upright(new ImageFile.Stored(image, 8))).isEqualTo(new Image(1, 2, 1, new byte[] {2, 1}));
    assertThat(Orientation.upright(new ImageFile.Stored(image, 2))).isEqualTo(new Image(2, 1, 1, new byte[] {2, 1}));
    Image square = new Image(2, 2, 1, new byte[] {1, 2, 3, 4});
    assertThat(Orientation.upright(new ImageFile.Stored(square, 5)).pixels()).containsExactly(1, 3, 2, 4);
    assertThat(Orientation.upright(new ImageFile.Stored(square, 6)).pixels()).containsExactly(3, 1, 4, 2);
    assertThat(Orientation.upright(new ImageFile.Stored(square, 7)).pixels()).containsExactly(4, 2, 3, 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyOrientationIsCorrected(int orientation) {
    for (int channels = 1; channels <= 3; channels += 2) {
      Image upright = TestImages.smooth(48, 32, channels);
      Image rotated = stored(upright, orientation);
      byte[] big = tiff(orientation, ByteOrder.BIG_ENDIAN);
      byte[] little = tiff(orientation, ByteOrder.LITTLE_ENDIAN);
      assertThat(TestImages.meanDifference(Image.read(jpeg(rotated, "Exif\0\0", big), "x"), upright)).isLessThan(4);
      assertThat(TestImages.meanDifference(Image.read(jpeg(rotated, "Exif\0\0", little), "x"), upright)).isLessThan(4);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void pngsAndLabelMapsAreRotatedInTheSameManner(int orientation, @TempDir Path folder) throws IOException {
    Image upright = TestImages.formula(7, 5, 1);
    byte[] block = tiff(orientation, ByteOrder.LITTLE_ENDIAN);
    byte[] png = TestImages.pngWith(stored(upright, orientation).png(), "eXIf", block);
    assertThat(Image.read(png, "x")).isEqualTo(upright);
    Path file = Files.write(folder.resolve("x.png"), png);
    assertThat(Image.orientation(file)).isEqualTo(orientation);
    assertThat(LabelMap.read(file)).isEqualTo(new LabelMap(7, 5, upright.pixels()));
    byte[] named = ByteBuffer.allocate(6 + block.length).put("Exif\0\0".getBytes(StandardCharsets.ISO_8859_1)).put(block).array();
    assertThat(Image.read(TestImages.pngWith(stored(upright, orientation).png(), "eXIf", named), "x")).isEqualTo(upright);
  }

  @Test
  void damagedExifOfAPngIsIgnored() {
    Image image = TestImages.formula(7, 5, 1);
    byte[] png = TestImages.pngWith(image.png(), "eXIf", tiff(6, ByteOrder.BIG_ENDIAN));
    png[33 + 8 + 30] ^= 1;
    assertThat(Image.read(png, "x")).isEqualTo(image);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 0xffff})
  void invalidOrientationsAreIgnored(int orientation) {
    Image image = TestImages.smooth(48, 32, 3);
    Image read = Image.read(jpeg(image, "Exif\0\0", tiff(orientation, ByteOrder.BIG_ENDIAN)), "x");
    assertThat(TestImages.meanDifference(read, image)).isLessThan(4);
  }

  @Test
  void invalidExifBlocksCountAsUpright() {
    byte[] block = tiff(6, ByteOrder.BIG_ENDIAN);
    for (int at = 0; at < block.length; at++) {
      for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
        byte[] changed = block.clone();
        changed[at] = (byte) value;
        assertThat(Orientation.exif(changed, 0, changed.length)).isBetween(1, 8);
        assertThat(Orientation.exif(changed, 0, at)).isBetween(1, 8);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"Landscape, 1800, 1200", "Portrait, 1200, 1800"})
  void photographsOfAllOrientationsAreTheSame(String kind, int width, int height) {
    Path folder = RealData.folder("odd-images").resolve("exif");
    Image upright = Image.read(folder.resolve(kind + "_1.jpg")).resize(width / 8, height / 8);
    for (int orientation = 0; orientation <= 8; orientation++) {
      Image image = Image.read(folder.resolve(kind + "_" + orientation + ".jpg"));
      assertThat(image.toString()).isEqualTo(width + "x" + height + "x3");
      Image small = image.resize(width / 8, height / 8);
      // The number at the image's centre differs between the files.
      assertThat(TestImages.meanDifference(small, upright)).as("%s_%d", kind, orientation).isLessThan(6);
    }
  }
}
