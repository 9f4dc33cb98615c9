package dev.fovea.data;

import static dev.fovea.data.Given.cifarRecord;
import static dev.fovea.data.Given.failure;
import static dev.fovea.data.Given.join;
import static dev.fovea.data.Given.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar10Test {
  @TempDir
  Path folder;

  private void names(String text) throws IOException {
    write(folder.resolve("batches.meta.txt"), text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void batchesAreReadInOrderAndPlanesInterleaved() throws IOException {
    write(folder.resolve("data_batch_2.bin"), cifarRecord(9, 4, 5, 6));
    write(folder.resolve("data_batch_1.bin"), join(cifarRecord(0, 1, 2, 3), cifarRecord(1, 7, 8, 200)));
    write(folder.resolve("test_batch_first1.bin"), cifarRecord(3, 10, 20, 30));
    MemoryDataset train = Cifar10.train(folder);
    assertThat(train.size()).isEqualTo(3);
    assertThat(train.shape()).isEqualTo(Shape.of(3, 32, 32));
    assertThat(new int[] {train.label(0), train.label(1), train.label(2)}).containsExactly(0, 1, 9);
    assertThat(train.image(1).pixels()).hasSize(3072).startsWith(7, 8, (byte) 200, 7, 8, (byte) 200);
    assertThat(train.image(2).pixels()).endsWith(4, 5, 6);
    assertThat(train.classes()).startsWith("airplane").endsWith("truck");
    assertThat(Cifar10.test(folder).orElseThrow().label(0)).isEqualTo(3);
  }

  @Test
  void unpackedArchiveInSubfolderIsFound() throws IOException {
    write(folder.resolve("cifar-10-batches-bin/data_batch_1.bin"), cifarRecord(5, 1, 2, 3));
    assertThat(Cifar10.train(folder).label(0)).isEqualTo(5);
    assertThat(Cifar10.test(folder)).isEmpty();
  }

  @Test
  void namesComeFromTheMetaFile() throws IOException {
    write(folder.resolve("data_batch_1.bin"), cifarRecord(5, 1, 2, 3));
    names("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
    assertThat(Cifar10.train(folder).classes()).containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    names("\uFEFFa\r\nb\r\nc\r\nd\r\ne\r\nf\r\ng\r\nh\r\ni\r\nj\r\n");
    assertThat(Cifar10.train(folder).classes()).containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    names("a\nb\n");
    failure(() -> Cifar10.train(folder)).contains("batches.meta.txt", "10 different names", "got 2");
  }

  @Test
  void missingBatchesNameFolderAndSource() throws IOException {
    failure(() -> Cifar10.train(folder)).contains(folder.toString(), "data_batch_1.bin", Cifar10.SOURCE);
    write(folder.resolve("data_batch_1"), new byte[10]);
    failure(() -> Cifar10.train(folder)).contains("Python version", Cifar10.SOURCE);
    failure(() -> Cifar10.train(folder.resolve("nowhere"))).contains("nowhere", "no such folder");
  }

  @Test
  void wrongFileLengthIsReportedWithFile() throws IOException {
    write(folder.resolve("data_batch_1.bin"), Arrays.copyOf(cifarRecord(1, 1, 1, 1), 3072));
    failure(() -> Cifar10.train(folder)).contains("data_batch_1.bin", "3073 bytes", "got 3072");
    write(folder.resolve("data_batch_1.bin"), new byte[0]);
    failure(() -> Cifar10.train(folder)).contains("data_batch_1.bin", "an empty file");
  }

  @Test
  void labelAboveNineIsReportedWithFileAndRecord() throws IOException {
    write(folder.resolve("data_batch_1.bin"), cifarRecord(1, 1, 1, 1));
    write(folder.resolve("data_batch_2.bin"), join(cifarRecord(1, 1, 1, 1), cifarRecord(10, 1, 1, 1)));
    failure(() -> Cifar10.train(folder)).contains("data_batch_2.bin: record 1 has the label 10, expected 0 to 9");
  }

  @Test
  void nameWithoutFolderReportsSource() throws IOException {
    DataOptions options = DataOptions.standard().cache(folder);
    failure(() -> Datasets.open("cifar10", options)).contains(Cifar10.SOURCE, "cifar10:DIR", "digits");
    write(folder.resolve("cifar10/data_batch_1.bin"), join(cifarRecord(5, 1, 2, 3), cifarRecord(6, 1, 2, 3)));
    assertThat(Datasets.open("cifar10", options).train().size()).isEqualTo(1);
  }

  @Test
  void realPhotosAreRead() {
    Path real = Given.realData("cifar10");
    Split split = Datasets.open("cifar10:" + real);
    assertThat(split.train().size() + split.validation().size()).isEqualTo(10_000);
    assertThat(split.test().orElseThrow().size()).isEqualTo(1_000);
    // The first images of both files as published: a frog, and a cat.
    MemoryDataset train = Cifar10.train(real);
    assertThat(train.classes().get(train.label(0))).isEqualTo("frog");
    MemoryDataset test = Cifar10.test(real).orElseThrow();
    assertThat(test.classes().get(test.label(0))).isEqualTo("cat");
  }
}
