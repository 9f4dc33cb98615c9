package dev.fovea.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Image;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.LeNet5;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Invalid data sets, models and images: one line, exit code 1, and no files left. */
class BadInputTest {
  private static final int IMAGES = 0x803;
  private static final int LABELS = 0x801;

  @TempDir
  private Path folder;

  private Path out;
  private Path model;

  @BeforeEach
  void makeAModel() {
    out = folder.resolve("run");
    model = folder.resolve("m.safetensors");
    Model.create(LeNet5.modern(10), Shape.of(1, 28, 28), 1).save(model);
  }

  /** Trains on invalid data and returns the error. */
  private String trainOn(String data) {
    String line = Cli.run("train", "--data", data, "--epochs", 1, "--out", out).failsWith(1);
    assertThat(out).doesNotExist();
    return line;
  }

  /** Four files in MNIST's layout with these numbers of images and labels. */
  private Path mnist(int count, int labels) throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    for (String part : new String[] {"train", "t10k"}) {
      ByteBuffer images = ByteBuffer.allocate(16 + count * 784);
      images.putInt(IMAGES).putInt(count).putInt(28).putInt(28);
      ByteBuffer file = ByteBuffer.allocate(8 + labels);
      file.putInt(LABELS).putInt(labels);
      for (int i = 0; i < labels; i++) {
        file.put((byte) (i % 10));
      }
      zip(data.resolve(part + "-images-idx3-ubyte.gz"), images.array());
      zip(data.resolve(part + "-labels-idx1-ubyte.gz"), file.array());
    }
    return data;
  }

  private static void zip(Path file, byte[] bytes) throws IOException {
    try (OutputStream to = new GZIPOutputStream(Files.newOutputStream(file))) {
      to.write(bytes);
    }
  }

  @Test
  void completeFolderIsAccepted() throws IOException {
    Cli.run("train", "--data", "mnist:" + mnist(40, 40), "--epochs", 1, "--out", out).succeeds();
  }

  @Test
  void missingFolderIsNamed() {
    assertThat(trainOn("mnist:" + folder.resolve("absent"))).contains("absent: no such folder");
    assertThat(trainOn("images:" + folder.resolve("absent"))).contains("absent");
  }

  @Test
  void truncatedArchiveIsNamed() throws IOException {
    Path file = mnist(40, 40).resolve("train-images-idx3-ubyte.gz");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 9));
    assertThat(trainOn("mnist:" + file.getParent())).contains("train-images-idx3-ubyte.gz");
  }

  @Test
  void wrongMagicNamesTheFile() throws IOException {
    Path data = mnist(40, 40);
    Files.copy(data.resolve("train-labels-idx1-ubyte.gz"), data.resolve("x.gz"));
    Files.delete(data.resolve("train-images-idx3-ubyte.gz"));
    Files.move(data.resolve("x.gz"), data.resolve("train-images-idx3-ubyte.gz"));
    assertThat(trainOn("mnist:" + data)).contains("train-images-idx3-ubyte.gz");
  }

  @Test
  void differentCountsAreBothNamed() throws IOException {
    assertThat(trainOn("mnist:" + mnist(40, 41))).contains("40", "41");
  }

  @Test
  void emptyClassFolderIsNamed() throws IOException {
    Path data = Files.createDirectories(folder.resolve("images"));
    Files.createDirectory(data.resolve("empty"));
    Files.createDirectory(data.resolve("full"));
    Image image = new Image(30, 30, 1, new byte[900]);
    for (int i = 0; i < 4; i++) {
      image.write(data.resolve("full").resolve(i + ".png"));
    }
    assertThat(trainOn("images:" + data)).contains("empty");
  }

  @Test
  void textNamedPngIsNotAnImage() throws IOException {
    Path file = Files.writeString(folder.resolve("x.png"), "I am not an image", StandardCharsets.UTF_8);
    assertThat(Cli.run("predict", model, file).failsWith(1)).contains("x.png");
  }

  @Test
  void folderNamedJpgIsNotAnImage() throws IOException {
    Path file = Files.createDirectory(folder.resolve("x.jpg"));
    assertThat(Cli.run("predict", model, file).failsWith(1)).contains("x.jpg", "is a folder");
  }

  @Test
  void otherImagesArePredictedIfOneFails() {
    Path good = folder.resolve("good.png");
    new Image(28, 28, 1, new byte[784]).write(good);
    Cli cli = Cli.run("predict", model, good, folder.resolve("absent.png"));
    assertThat(cli.code()).isEqualTo(1);
    assertThat(cli.out().lines()).hasSize(1);
    assertThat(cli.err()).startsWith("fovea: ").contains("absent.png").endsWith("\n").doesNotContain("\tat ");
    Cli json = Cli.run("predict", model, good, folder.resolve("absent.png"), "--json");
    assertThat(json.code()).isEqualTo(1);
    assertThat(json.json().get("predictions").size()).isEqualTo(1);
  }

  @Test
  void tinyAndLargeImagesArePredicted() {
    Path dot = folder.resolve("dot.png");
    new Image(1, 1, 3, new byte[3]).write(dot);
    Path large = folder.resolve("large.png");
    byte[] pixels = new byte[4000 * 3000 * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i / 7);
    }
    new Image(4000, 3000, 3, pixels).write(large);
    Cli cli = Cli.run("predict", model, dot, large).succeeds();
    assertThat(cli.out().lines()).hasSize(2).allMatch(line -> line.matches(".*\\.png  [0-9] [01]\\.[0-9]{4}"));
  }

  @Test
  void randomBytesAreNotAModel() throws IOException {
    byte[] bytes = new byte[10_000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Rng.of(5).below(i, 256);
    }
    Path file = Files.write(folder.resolve("noise.safetensors"), bytes);
    assertThat(Cli.run("evaluate", file, "--data", "digits:100").failsWith(1)).contains("noise.safetensors");
    assertThat(Cli.run("predict", file, "x.png").failsWith(1)).contains("noise.safetensors");
    assertThat(Cli.run("summary", file).failsWith(1)).contains("noise.safetensors");
  }

  @Test
  void missingModelsAreNamed() throws IOException {
    assertThat(Cli.run("evaluate", folder.resolve("absent")).failsWith(1))
        .contains("absent: no such file: name a model file");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThat(Cli.run("evaluate", empty).failsWith(1)).contains("empty: holds no model.safetensors");
    assertThat(Cli.run("summary", "lenett").failsWith(1))
        .contains("there is no file, folder or network 'lenett': did you mean lenet5?");
  }

  @Test
  void tooSmallImageNamesLayerAndRequiredSize() {
    String expected = "an image of 1x8x8 does not suit lenet5: conv2: a window of 5x5 needs an input height of 5 or more, got 4"
        + ": lenet5 needs 1x12x12 or larger";
    assertThat(Cli.run("summary", "lenet5", "--input", "1x8x8").failsWith(1)).contains(expected);
    assertThat(Cli.run("bench", "lenet5", "--input", "1x8x8", "--seconds", "0.1").failsWith(1)).contains(expected);
    assertThat(Cli.run("train", "--data", "digits:100", "--input", "1x8x8", "--out", out).failsWith(1)).contains(expected);
    assertThat(out).doesNotExist();
  }

  @Test
  void unsuitableSizeNamesASuitableOne() {
    Path to = folder.resolve("to.safetensors");
    assertThat(Cli.run("convert", model, to, "--input", "1x56x56").failsWith(1))
        .contains(
            "an image of 1x56x56 does not suit this model, which expects 1x28x28: fc1: Gemm expects 400 inputs, got 2304: fovea"
                + " convert --fully-convolutional makes one for larger images");
    assertThat(Cli.run("convert", model, to, "--fully-convolutional", "--input", "1x8x8").failsWith(1))
        .endsWith("conv2: a window of 5x5 needs an input height of 5 or more, got 4: it needs 1x28x28 or larger");
    assertThat(Cli.run("convert", model, to, "--input", "3x28x28").failsWith(1))
        .endsWith("conv1: Conv expects 1 channels, got 3");
    assertThat(to).doesNotExist();
  }

  @Test
  void slidingRefusesASegmentationNetwork() {
    assertThat(Cli.run("demo", "sliding", "--model", "input 1x8x8 -> conv 3").failsWith(1))
        .contains("expected a classifier, but the network gives a map of 3x8x8: name a classification network");
  }

  @Test
  void classesOfDataAndModelAreBothListed() throws IOException {
    Path data = folder.resolve("images");
    for (String name : new String[] {"cat", "dog"}) {
      Path of = Files.createDirectories(data.resolve(name));
      for (int i = 0; i < 30; i++) {
        new Image(28, 28, 1, new byte[784]).write(of.resolve(i + ".png"));
      }
    }
    assertThat(Cli.run("evaluate", model, "--data", "images:" + data).failsWith(1))
        .contains(
            "has the classes cat, dog, the model has 0, 1, 2, 3, 4, 5, 6, 7, 8, 9: evaluate it on data with its classes,"
                + " or fine-tune it on these with fovea train --init");
    assertThat(Cli.run("evaluate", model, "--data", "digits:100", "--classes", "3,x").failsWith(1))
        .contains("there is no class 'x'");
  }

  @Test
  void existingFilesAreNotTouched() throws IOException {
    Files.writeString(out, "mine", StandardCharsets.UTF_8);
    assertThat(Cli.run("train", "--data", "digits:100", "--out", out).failsWith(1)).contains("is a file, expected a folder");
    assertThat(Files.readString(out)).isEqualTo("mine");
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("thesis.txt"), "mine", StandardCharsets.UTF_8);
    assertThat(Cli.run("train", "--data", "digits:100", "--out", other, "--overwrite").failsWith(1)).contains("thesis.txt");
    try (Stream<Path> files = Files.list(other)) {
      assertThat(files.map(f -> f.getFileName().toString())).doesNotContain("config.json").contains("thesis.txt");
    }
  }

  @Test
  void divergenceSuggestsASmallerLearningRate() {
    String line = Cli.run("train", "--data", "digits:200", "--epochs", 5, "--lr", "1e30", "--out", out).failsWith(1);
    assertThat(line).contains("diverged", "smaller learning rate");
  }
}
