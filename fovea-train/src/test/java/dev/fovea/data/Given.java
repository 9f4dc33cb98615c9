package dev.fovea.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.FoveaException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Fixtures of this package: files of each format, real data if available, and one-line failures. */
public final class Given {
  private Given() {}

  /** A folder of real data; the test is skipped if it is absent. */
  public static Path realData(String name) {
    Optional<Path> found = roots().map(root -> root.resolve(name)).filter(Files::exists).findFirst();
    assumeTrue(found.isPresent(), name + " is neither in FOVEA_DATA nor in ../shared/data of the project's root");
    return found.orElseThrow();
  }

  private static Stream<Path> roots() {
    String named = System.getenv("FOVEA_DATA");
    Stream<Path> above = Stream.iterate(Path.of("").toAbsolutePath(), p -> p != null, Path::getParent)
        .map(p -> p.resolve("shared/data"));
    return named == null ? above : Stream.of(Path.of(named));
  }

  /** Images at that size that are read at each access, as if they did not fit into memory. */
  public static PreprocessedDataset unloaded(Dataset images, Preprocessing preprocessing) {
    return PreprocessedDataset.limited(images, preprocessing, _ -> {}, 0);
  }

  /** The message of the failure, which must be a FoveaException with one line. */
  public static AbstractStringAssert<?> failure(ThrowingCallable action) {
    Throwable thrown = catchThrowable(action);
    assertThat(thrown).isInstanceOf(FoveaException.class);
    assertThat(thrown.getMessage()).doesNotContain("\n").doesNotContain("\r");
    return assertThat(thrown.getMessage());
  }

  static byte[] idx(int magic, int[] sizes, byte[] body) {
    ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * sizes.length + body.length).putInt(magic);
    Arrays.stream(sizes).forEach(buffer::putInt);
    return buffer.put(body).array();
  }

  /** Images of 2x3 pixels; image i holds 6 i, 6 i + 1, ... */
  static byte[] idxImages(int count) {
    byte[] body = new byte[count * 6];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) i;
    }
    return idx(0x803, new int[] {count, 2, 3}, body);
  }

  public static byte[] idxLabels(int... labels) {
    byte[] body = new byte[labels.length];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) labels[i];
    }
    return idx(0x801, new int[] {labels.length}, body);
  }

  public static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  public static Path write(Path file, byte[] bytes) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    return Files.write(file, bytes);
  }

  /** Four files with 24 training and 3 test images, the labels 0 to 9 repeated. */
  static Path mnist(Path folder) throws IOException {
    int[] labels = new int[24];
    Arrays.setAll(labels, i -> i % 10);
    write(folder.resolve("train-images-idx3-ubyte"), idxImages(24));
    write(folder.resolve("train-labels-idx1-ubyte.gz"), gzip(idxLabels(labels)));
    write(folder.resolve("t10k-images.idx3-ubyte.gz"), gzip(idxImages(3)));
    write(folder.resolve("t10k-labels.idx1-ubyte"), idxLabels(7, 0, 9));
    return folder;
  }

  /** A record of CIFAR-10 with constant red, green and blue planes. */
  static byte[] cifarRecord(int label, int red, int green, int blue) {
    byte[] record = new byte[3073];
    record[0] = (byte) label;
    Arrays.fill(record, 1, 1025, (byte) red);
    Arrays.fill(record, 1025, 2049, (byte) green);
    Arrays.fill(record, 2049, 3073, (byte) blue);
    return record;
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(out::writeBytes);
    return out.toByteArray();
  }

  static Path png(Path file, int width, int height, Color color) throws IOException {
    return image(file, width, height, color, BufferedImage.TYPE_INT_RGB);
  }

  static Path greyPng(Path file, int width, int height, int level) throws IOException {
    return image(file, width, height, new Color(level, level, level), BufferedImage.TYPE_BYTE_GRAY);
  }

  private static Path image(Path file, int width, int height, Color color, int type) throws IOException {
    BufferedImage image = new BufferedImage(width, height, type);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return write(file, out.toByteArray());
  }

  /** A label map as a PNG with a palette whose colours are unrelated to the classes. */
  static Path labels(Path file, int width, int... classes) throws IOException {
    byte[] colours = new byte[256];
    Arrays.fill(colours, (byte) 77);
    colours[0] = 3;
    IndexColorModel palette = new IndexColorModel(8, 256, colours, colours, new byte[256]);
    BufferedImage image = new BufferedImage(width, classes.length / width, BufferedImage.TYPE_BYTE_INDEXED, palette);
    image.getRaster().setPixels(0, 0, width, classes.length / width, classes);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return write(file, out.toByteArray());
  }

  /** {@code count} images in each class folder, white in the first class, darker in each following one. */
  static Path classFolders(Path folder, int count, String... classes) throws IOException {
    for (int c = 0; c < classes.length; c++) {
      for (int i = 0; i < count; i++) {
        png(folder.resolve(classes[c]).resolve("p" + i + ".png"), 8, 6, new Color(255 - 40 * c, 255 - 40 * c, 255 - 40 * c));
      }
    }
    return folder;
  }

  /** Stretches to channels x height x width; a normalised value is (pixel / 255 - 0.5) / 0.25. */
  static Preprocessing stretch(int channels, int height, int width) {
    return new Preprocessing(channels, height, width, Fit.STRETCH, Collections.nCopies(channels, 0.5f),
        Collections.nCopies(channels, 0.25f));
  }
}
