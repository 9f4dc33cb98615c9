package dev.fovea.data;

import static dev.fovea.data.Given.failure;
import static dev.fovea.data.Given.gzip;
import static dev.fovea.data.Given.idxImages;
import static dev.fovea.data.Given.idxLabels;
import static dev.fovea.data.Given.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Fit;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MnistTest {
  @TempDir
  Path folder;

  @BeforeEach
  void fourFiles() throws IOException {
    Given.mnist(folder);
  }

  @Test
  void plainPackedAndDottedFilesAreRead() {
    MemoryDataset train = Mnist.train(folder);
    MemoryDataset test = Mnist.test(folder);
    assertThat(train.name()).isEqualTo("mnist:train");
    assertThat(train.size()).isEqualTo(24);
    assertThat(train.shape()).isEqualTo(Shape.of(1, 2, 3));
    assertThat(train.label(13)).isEqualTo(3);
    assertThat(train.image(2).pixels()).containsExactly(12, 13, 14, 15, 16, 17);
    assertThat(train.image(2).width()).isEqualTo(3);
    assertThat(train.fit()).isEqualTo(Fit.INK);
    assertThat(train.classes()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    assertThat(test.size()).isEqualTo(3);
    assertThat(test.label(2)).isEqualTo(9);
  }

  @Test
  void fashionHasItsOwnNames() {
    Split split = Datasets.open("fashion-mnist:" + folder);
    assertThat(split.train().classes()).hasSize(10).startsWith("T-shirt/top").endsWith("Ankle boot");
    assertThat(split.train().name()).isEqualTo("fashion-mnist:train");
    assertThat(split.train().fit()).isEqualTo(Fit.STRETCH);
  }

  /** As on Kaggle: each file in a folder of its name, some of them also next to it with the dotted name. */
  @ParameterizedTest
  @ValueSource(strings = {"train-images-idx3-ubyte", "train-images.idx3-ubyte", "train-images-idx3-ubyte.gz"})
  void filesMayBeInFoldersOfTheirNames(String name) throws IOException {
    byte[] images = Files.readAllBytes(folder.resolve("train-images-idx3-ubyte"));
    Files.delete(folder.resolve("train-images-idx3-ubyte"));
    write(folder.resolve(name).resolve("train-images-idx3-ubyte"), images);
    assertThat(Mnist.train(folder).image(2).pixels()).containsExactly(12, 13, 14, 15, 16, 17);
    Files.delete(folder.resolve(name).resolve("train-images-idx3-ubyte"));
    failure(() -> Mnist.train(folder)).contains("missing: train-images-idx3-ubyte");
    write(folder.resolve(name).resolve("train-images.idx3-ubyte.gz"), Given.gzip(images));
    assertThat(Mnist.train(folder).size()).isEqualTo(24);
  }

  @Test
  void doublyGzippedFileIsReported() throws IOException {
    write(folder.resolve("train-labels-idx1-ubyte.gz"), Given.gzip(Given.gzip(idxLabels(1, 2))));
    failure(() -> Mnist.train(folder)).contains("train-labels-idx1-ubyte.gz: is gzipped twice; unpack it once");
  }

  @Test
  void oneImageCannotBeSplit() throws IOException {
    write(folder.resolve("train-images-idx3-ubyte"), idxImages(1));
    write(folder.resolve("train-labels-idx1-ubyte.gz"), Given.gzip(idxLabels(1)));
    failure(() -> Datasets.open("mnist:" + folder))
        .isEqualTo("mnist:train: expected 2 images or more, one for training and one for validation, got 1; add some");
  }

  @Test
  void missingFilesAreReportedWithFolder() throws IOException {
    Files.delete(folder.resolve("train-images-idx3-ubyte"));
    failure(() -> Mnist.train(folder)).contains(folder.toString(), "missing: train-images-idx3-ubyte").doesNotContain("t10k");
    Files.delete(folder.resolve("t10k-labels.idx1-ubyte"));
    failure(() -> Mnist.train(folder)).contains("missing: train-images-idx3-ubyte, t10k-labels-idx1-ubyte");
  }

  @Test
  void missingFolderAndFileInsteadOfFolderAreReported() {
    failure(() -> Mnist.train(folder.resolve("nowhere"))).contains("mnist:", "nowhere", "no such folder");
    failure(() -> Mnist.train(folder.resolve("t10k-labels.idx1-ubyte"))).contains("t10k-labels", "this is a file");
  }

  @Test
  void differentCountsOfLabelsAndImagesReportBothFiles() throws IOException {
    write(folder.resolve("t10k-images.idx3-ubyte.gz"), idxImages(4));
    failure(() -> Mnist.test(folder)).contains("t10k-images.idx3-ubyte.gz: 4 images", "t10k-labels.idx1-ubyte has 3 labels");
  }

  @Test
  void labelAboveNineIsReportedWithFileAndIndex() throws IOException {
    write(folder.resolve("t10k-labels.idx1-ubyte"), idxLabels(7, 10, 9));
    failure(() -> Mnist.test(folder)).contains("t10k-labels.idx1-ubyte: label 1 is 10, expected 0 to 9", "idx:DIR");
  }

  @Test
  void numberOfClassesFollowsTheLargestLabel() throws IOException {
    write(folder.resolve("t10k-labels.idx1-ubyte"), idxLabels(7, 26, 9));
    Split split = Datasets.open("idx:" + folder);
    assertThat(split.train().classes()).hasSize(27).endsWith("26");
    assertThat(split.test().orElseThrow().label(1)).isEqualTo(26);
  }

  @Test
  void labelsFromOneHaveNoClassZero() throws IOException {
    int[] labels = new int[24];
    Arrays.setAll(labels, i -> 1 + i % 3);
    write(folder.resolve("train-labels-idx1-ubyte.gz"), gzip(idxLabels(labels)));
    write(folder.resolve("t10k-labels.idx1-ubyte"), idxLabels(3, 1, 26));
    Split split = Datasets.open("idx:" + folder);
    assertThat(split.train().classes()).hasSize(26).startsWith("1").endsWith("26");
    assertThat(split.test().orElseThrow().label(0)).isEqualTo(2);
    assertThat(split.warnings().getFirst()).contains("no training label is of the 23 classes '4', '5', '6', '7', '8', ...");
  }

  @Test
  void swappedFilesAreReported() throws IOException {
    write(folder.resolve("train-images-idx3-ubyte"), idxLabels(1, 2));
    failure(() -> Mnist.train(folder)).contains("train-images-idx3-ubyte", "swapped");
  }

  @Test
  void realDigitsAreComplete() {
    Path real = Given.realData("mnist");
    Split split = Datasets.open("mnist:" + real);
    assertThat(split.train().size()).isEqualTo(55_000);
    assertThat(split.validation().size()).isEqualTo(5_000);
    assertThat(split.test().orElseThrow().size()).isEqualTo(10_000);
    assertThat(split.train().shape()).isEqualTo(Shape.of(1, 28, 28));
    // The test set's first labels, as in published samples.
    int[] first = {7, 2, 1, 0, 4, 1, 4, 9, 5, 9};
    for (int i = 0; i < first.length; i++) {
      assertThat(split.test().orElseThrow().label(i)).isEqualTo(first[i]);
    }
    assertThat(Mnist.train(real).fingerprint()).hasSize(64).isNotEqualTo(Mnist.test(real).fingerprint());
  }
}
