package dev.fovea.data;

import static dev.fovea.data.Given.classFolders;
import static dev.fovea.data.Given.failure;
import static dev.fovea.data.Given.labels;
import static dev.fovea.data.Given.png;
import static dev.fovea.data.Given.stretch;
import static dev.fovea.data.Given.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fovea.format.FileNames;
import dev.fovea.image.ImageDecoders;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that cannot be read are reported all at once, or skipped as if they did not exist. */
class UnreadableImagesTest {
  @TempDir
  Path folder;

  private final List<String> messages = new ArrayList<>();

  private Split skipping(Path data) {
    return Datasets.open("images:" + data, DataOptions.standard().messages(messages::add).skipUnreadable(true));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The beginning of a JPEG of two components. */
  private static byte[] twoComponents() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(text("\u00ff\u00d8\u00ff\u00c0\u0000\u0014\u0008\u0000\u0008\u0000\u0008\u0002"));
    file.writeBytes(text("\u0001\u0011\u0000\u0002\u0011\u0000\u0003\u0011\u0000\u0004\u0011\u0000\u00ff\u00da"));
    return file.toByteArray();
  }

  /** 40 images in two classes, of which five cannot be read, including the first one that is tried. */
  private Path scraped(String name) throws IOException {
    Path data = classFolders(folder.resolve(name), 20, "ant", "bee");
    write(data.resolve("ant/p0.png"), text("....ftypheic"));
    write(data.resolve("ant/p7.png"), text("....ftypheic"));
    write(data.resolve("bee/p3.png"), new byte[0]);
    write(data.resolve("bee/p4.png"), text("<html>gone</html>"));
    write(data.resolve("bee/p5.png"), twoComponents());
    return data;
  }

  @Test
  void allUnreadableFilesAreReportedInOrder() throws IOException {
    ImageFolder images = ImageFolder.of(scraped("set"));
    assertThat(images.shape()).as("of those that can be read").hasToString("3x6x8");
    UnreadableImages thrown = catchThrowableOfType(UnreadableImages.class, () -> images.preprocessed(stretch(3, 4, 4)).load());
    assertThat(thrown.files()).extracting(f -> FileNames.last(f.file())).containsExactly("p0.png", "p7.png", "p3.png", "p4.png",
        "p5.png");
    assertThat(thrown.files().getLast()).asString().endsWith("p5.png: JPEG of 2 components not supported; save it as RGB");
    assertThat(thrown)
        .hasMessageContaining("p0.png and 4 more of 40 images cannot be read (2 HEIC, 1 JPEG of 2 components not supported, "
            + "1 empty, 1 web page); fix or remove them");
    assertThat(SkippedFile.lines(thrown.files())).hasSize(5).first().asString().endsWith(
        "p0.png: format not supported: HEIC; images may be " + ImageDecoders.names());
  }

  @Test
  void singleUnreadableFileIsReportedByItself() throws IOException {
    Path data = classFolders(folder, 2, "ant", "bee");
    write(data.resolve("bee/p1.png"), new byte[0]);
    failure(() -> ImageFolder.of(data).preprocessed(stretch(3, 4, 4)).load())
        .isEqualTo(data.resolve("bee/p1.png") + ": the file is empty");
  }

  @Test
  void skippedFilesHaveNoEffect() throws IOException {
    Path data = scraped("one/set");
    Path clean = scraped("two/set");
    for (String bad : List.of("ant/p0.png", "ant/p7.png", "bee/p3.png", "bee/p4.png", "bee/p5.png")) {
      Files.delete(clean.resolve(bad));
    }
    Split skipped = skipping(data);
    Split without = Datasets.open("images:" + clean);
    assertThat(skipped.train().fingerprint()).isEqualTo(without.train().fingerprint());
    assertThat(skipped.validation().fingerprint()).isEqualTo(without.validation().fingerprint());
    assertThat(skipped.test().orElseThrow().fingerprint()).isEqualTo(without.test().orElseThrow().fingerprint());
    assertThat(skipped.skipped()).hasSize(5);
    assertThat(without.skipped()).isEmpty();
    assertThat(messages).hasSize(7);
    assertThat(messages.get(5)).isEqualTo("set: 5 of 40 images cannot be read and are skipped: 2 HEIC, "
        + "1 JPEG of 2 components not supported, 1 empty, 1 web page");
  }

  @Test
  void onlyTheFirstOfManyAreListed() throws IOException {
    Path data = classFolders(folder, 40, "ant", "bee");
    for (int i = 1; i < 40; i++) {
      write(data.resolve("ant/p" + i + ".png"), new byte[0]);
    }
    assertThat(skipping(data).skipped()).hasSize(39);
    assertThat(messages.subList(30, 32)).satisfiesExactly(
        more -> assertThat(more).isEqualTo("and 9 more"),
        counts -> assertThat(counts).contains("39 of 80 images cannot be read and are skipped", "39 empty"));
  }

  @Test
  void classWithoutReadableImageIsReported() throws IOException {
    Path data = classFolders(folder, 1, "ant", "bee", "fly");
    write(data.resolve("bee/p0.png"), new byte[0]);
    failure(() -> skipping(data)).contains("none of the images of the class 'bee' can be read");
    write(data.resolve("ant/p0.png"), new byte[0]);
    write(data.resolve("fly/p0.png"), new byte[0]);
    failure(() -> skipping(data)).contains("none of its 3 images can be read");
  }

  @Test
  void labelMapsCountToo() throws IOException {
    for (int i = 0; i < 4; i++) {
      png(folder.resolve("train/" + i + ".png"), 3, 2, Color.RED);
      labels(folder.resolve("trainannot/" + i + ".png"), 3, 0, 1, 2, 3, i == 2 ? 99 : 0, 0);
    }
    png(folder.resolve("val/a.png"), 3, 2, Color.RED);
    labels(folder.resolve("valannot/a.png"), 3, 0, 1, 2, 3, 4, 5);
    write(folder.resolve("trainannot/0.png"), new byte[0]);
    png(folder.resolve("trainannot/1.png"), 3, 2, Color.RED);
    DataOptions options = DataOptions.standard().messages(messages::add);
    failure(() -> Datasets.open("segmentation:" + folder, options).train().preprocessed(stretch(3, 2, 3)).load())
        .contains("trainannot", "0.png and 2 more of 4 images", "2 unreadable label map", "1 label without a class");
    Split skipped = Datasets.open("segmentation:" + folder, options.skipUnreadable(true));
    assertThat(skipped.train().size()).isEqualTo(1);
    assertThat(skipped.skipped()).hasSize(3);
  }
}
