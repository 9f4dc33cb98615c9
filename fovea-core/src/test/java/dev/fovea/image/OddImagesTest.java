package dev.fovea.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;

import dev.fovea.tensor.FoveaException;
import dev.fovea.testkit.RealData;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Tests a table of odd and broken files with the expected result of each. */
class OddImagesTest {
  private record Row(Path file, String format, String size, String sha, String expected) {
    static Row of(Path folder, String line) {
      String[] cells = line.split("\t", -1);
      String[] what = cells[2].split("/", -1);
      return new Row(folder.resolve(cells[0]), what[0], what[what.length - 1], cells[6], cells[9]);
    }

    boolean isRead() {
      return List.of("PNG", "GIF", "BMP", "JPEG", "MPO").contains(format);
    }
  }

  @TestFactory
  @Tag("slow")
  Stream<DynamicTest> matchTheTable() throws IOException {
    Path folder = RealData.folder("odd-images");
    List<String> lines = Files.readAllLines(folder.resolve("EXPECT.tsv"), StandardCharsets.UTF_8);
    return lines.stream()
        .skip(1)
        .map(line -> Row.of(folder, line))
        .map(row -> DynamicTest.dynamicTest(row.file.getFileName() + ": " + row.expected, () -> check(row)));
  }

  private static void check(Row row) throws IOException {
    String expected = row.expected.split("[ :;]", -1)[0];
    switch (expected) {
      case "DECODE" -> decodes(row);
      case "ERROR", "REFUSE", "SKIP" -> {
        // Half of this file's end marker is missing, but nothing of the image.
        if (row.file.endsWith("truncated_jpeg.jpg")) {
          assertThat(Image.read(row.file).toString()).isEqualTo("100x100x3");
        } else {
          fails(row);
        }
      }
      case "MAY" -> {
        // The only row of a format of core's is a CMYK JPEG; fovea-images tests its own.
        if (row.isRead()) {
          decodes(row);
        } else if (!ImageDecoders.formats().contains(row.format)) {
          assertThat(fails(row)).contains("format not supported: " + row.format);
        }
      }
      case "EITHER" -> outcome(row).ifPresent(image -> assertThat(image.width() + "x" + image.height()).matches("\\d+x\\d+"));
      default -> fail("the table has a new word: " + expected);
    }
  }

  private static Optional<Image> outcome(Row row) {
    try {
      return Optional.of(Image.read(row.file));
    } catch (FoveaException e) {
      assertThat(e).hasMessageContaining(row.file.toString());
      return Optional.empty();
    }
  }

  private static String fails(Row row) {
    assertThatThrownBy(() -> Image.read(row.file))
        .isInstanceOf(FoveaException.class)
        .hasMessageStartingWith(row.file + ": ")
        .hasMessageNotContaining("\n");
    try {
      Image.read(row.file);
      return fail("decoded");
    } catch (FoveaException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static void decodes(Row row) throws IOException {
    ImageFile.Stored stored = ImageFile.decode(Files.readAllBytes(row.file), row.file.toString());
    Image image = stored.image();
    assertThat(image.width() + "x" + image.height()).isEqualTo(row.size);
    if (row.format.equals("PNG") || row.format.equals("GIF") || row.format.equals("BMP") || jpegsAreRoundedTheSame(row)) {
      Image samples = row.format.equals("PNG") ? withoutBackground(row, image) : image;
      assertThat(sha(samples.rgb().pixels())).as("SHA-256 of the RGB pixels, as Pillow decodes them").startsWith(row.sha);
    }
    Image upright = Image.read(row.file);
    assertThat(upright.width()).isEqualTo(stored.orientation() >= 5 ? image.height() : image.width());
  }

  /** The stored samples, which the image has where the JDK finds it opaque; transparent pixels are white or black. */
  private static Image withoutBackground(Row row, Image image) throws IOException {
    FileBytes file = new FileBytes(row.file.toString(), Files.readAllBytes(row.file));
    Image samples = new Decoder(file, ImageFormat.PNG).decode(new PngChunks(file).kept(), 0, BufferedImages::samples);
    BufferedImage jdk = ImageIO.read(row.file.toFile());
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        int alpha = jdk.getRGB(x, y) >>> 24;
        for (int c = 0; c < image.channels(); c++) {
          if (alpha == 255) {
            assertThat(image.at(x, y, c)).isEqualTo(samples.at(x, y, c));
          } else if (alpha == 0) {
            assertThat(image.at(x, y, c)).isIn(0, 255);
          }
        }
      }
    }
    return samples;
  }

  /** JPEG decoders may differ by a level; samples are compared exactly if the decoder agrees on an ordinary photograph. */
  private static boolean jpegsAreRoundedTheSame(Row row) {
    Path ordinary = RealData.folder("odd-images").resolve("pillow/flower.jpg");
    // Its compressed data is noise, far outside the range of 8 bits, which decoders clip differently.
    boolean isNoise = row.file.endsWith("hopper_bad_exif.jpg");
    return !isNoise && sha(Image.read(ordinary).pixels()).startsWith("303a005a56008d10");
  }

  private static String sha(byte[] pixels) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(pixels));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
