package dev.fovea.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import dev.fovea.image.Image;
import dev.fovea.images.webp.WebpDecoder;
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
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** A table of odd and broken files with the expected result of each, with the decoders of this module; core tests it without them. */
class OddImagesTest {
  private static final Set<String> READ = Set.of("PNG", "JPEG", "MPO", "GIF", "BMP", "WEBP", "TIFF");

  private record Row(Path file, String format, String size, int orientation, String sha, String expected) {
    static Row of(Path folder, String line) {
      String[] cells = line.split("\t", -1);
      String[] what = cells[2].split("/", -1);
      int orientation = cells[4].isEmpty() ? 1 : Integer.parseInt(cells[4]);
      return new Row(folder.resolve(cells[0]), what[0], what[what.length - 1], orientation, cells[6], cells[9]);
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
    String outcome = outcome(row);
    boolean read = outcome.isEmpty();
    switch (row.expected.split("[ :;]", -1)[0]) {
      case "DECODE" -> assertThat(outcome).isEmpty();
      case "ERROR", "REFUSE", "SKIP" -> {
        // Half of this file's end marker is missing, but nothing of the image.
        assertThat(read).as(outcome).isEqualTo(row.file.endsWith("truncated_jpeg.jpg"));
      }
      case "MAY" -> {
        if (READ.contains(row.format)) {
          assertThat(outcome).isEmpty();
          // Decoders of JPEG may differ by a level; images.py has some.
          assertThat(row.format.equals("JPEG") ? row.sha : sha(row)).as("SHA-256 of the RGB pixels, as Pillow decodes them")
              .startsWith(row.sha);
        } else {
          assertThat(outcome).contains(": format not supported: " + row.format + "; images may be ");
        }
      }
      case "EITHER" -> {}
      default -> fail("the table has a new word: " + row.expected);
    }
  }

  /** Empty if the file is read, and has the expected size; otherwise the message, which is one line that names the file. */
  private static String outcome(Row row) {
    try {
      Image image = Image.read(row.file);
      boolean swapped = Image.orientation(row.file) >= 5;
      String size = swapped ? image.height() + "x" + image.width() : image.width() + "x" + image.height();
      // Pillow turns TIFFs itself; none of the table's is turned.
      assertThat(size).isEqualTo(row.size.isEmpty() ? size : row.size);
      return "";
    } catch (FoveaException e) {
      assertThat(e).hasMessageStartingWith(row.file + ": ").hasMessageNotContaining("\n");
      return String.valueOf(e.getMessage());
    }
  }

  private static String sha(Row row) throws IOException {
    if (row.format.equals("WEBP")) {
      // Neither turned nor composited.
      return sha(rgb(new WebpDecoder().decode(Files.readAllBytes(row.file))));
    }
    assertThat(row.orientation).isEqualTo(1);
    return sha(Image.read(row.file).rgb().pixels());
  }

  private static byte[] rgb(BufferedImage image) {
    byte[] rgb = new byte[3 * image.getWidth() * image.getHeight()];
    for (int i = 0; i < rgb.length; i++) {
      int pixel = i / 3;
      rgb[i] = (byte) (image.getRGB(pixel % image.getWidth(), pixel / image.getWidth()) >> (16 - i % 3 * 8));
    }
    return rgb;
  }

  private static String sha(byte[] pixels) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(pixels));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
