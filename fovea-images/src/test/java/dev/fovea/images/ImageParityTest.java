package dev.fovea.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Image;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Compares images with what Pillow decodes: files of {@code images.py}, which names them {@code x.webp} and {@code x.webp.png}. */
class ImageParityTest {
  /** Decoders round differently: JPEG's may differ by a level for each of three components, of which chroma counts up to 1.8. */
  private static final int MAX_DIFFERENCE = 2;

  @TestFactory
  Stream<DynamicTest> samplesArePillows() throws IOException {
    return files().stream().map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
      Image expected = Image.read(Path.of(file + ".png")).rgb();
      Image image = Image.read(file).rgb();
      assertThat(image.toString()).isEqualTo(expected.toString());
      // WebP is defined to the bit, and so is all in TIFF but JPEG, YCbCr and the division by alpha.
      boolean exact = !file.toString().matches(".*(jp|ycbcr|premultiplied|cmyk|ycck).*");
      assertThat(difference(image, expected)).isLessThanOrEqualTo(exact ? 0 : MAX_DIFFERENCE);
    }));
  }

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      List<Path> found = files.filter(f -> f.toString().matches(".*\\.(webp|tif|jpg)")).sorted().toList();
      assertThat(found).hasSizeGreaterThan(30);
      return found;
    }
  }

  private static Path folder() {
    String other = System.getProperty("fovea.parity", "");
    try {
      return other.isEmpty() ? Path.of(ImageParityTest.class.getResource("/parity/images.py").toURI()).getParent()
          : Path.of(other);
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static int difference(Image a, Image b) {
    int difference = 0;
    for (int i = 0; i < a.pixels().length; i++) {
      difference = Math.max(difference, Math.abs((a.pixels()[i] & 0xff) - (b.pixels()[i] & 0xff)));
    }
    return difference;
  }
}
