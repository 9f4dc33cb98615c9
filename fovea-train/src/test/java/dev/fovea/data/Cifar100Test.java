package dev.fovea.data;

import static dev.fovea.data.Given.cifarRecord;
import static dev.fovea.data.Given.failure;
import static dev.fovea.data.Given.join;
import static dev.fovea.data.Given.write;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar100Test {
  @TempDir
  Path folder;

  /** A record of CIFAR-10 with a coarse label before its label. */
  private static byte[] record(int coarse, int fine, int red, int green, int blue) {
    return join(new byte[] {(byte) coarse}, cifarRecord(fine, red, green, blue));
  }

  private DatasetParts open(String kind) {
    return Datasets.parts(DataSpec.parse(kind + ":" + folder), DataOptions.standard());
  }

  private static byte[] names(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).collect(Collectors.joining("\n")).getBytes(UTF_8);
  }

  @Test
  void fineLabelsAreTheDefault() throws IOException {
    write(folder.resolve("cifar-100-binary/train.bin"), join(record(3, 99, 1, 2, 200), record(19, 0, 4, 5, 6)));
    write(folder.resolve("cifar-100-binary/test.bin"), record(7, 42, 7, 8, 9));
    write(folder.resolve("cifar-100-binary/fine_label_names.txt"), names("fine", 100));
    write(folder.resolve("cifar-100-binary/coarse_label_names.txt"), names("coarse", 20));
    DatasetParts fine = open("cifar100");
    assertThat(new int[] {fine.train().label(0), fine.train().label(1), fine.test().orElseThrow().label(0)})
        .containsExactly(99, 0, 42);
    assertThat(fine.train().image(0).pixels()).hasSize(3072).startsWith(1, 2, (byte) 200, 1, 2, (byte) 200);
    assertThat(fine.train().image(1).pixels()).endsWith(4, 5, 6);
    assertThat(fine.train().classes()).hasSize(100).endsWith("fine99");
    DatasetParts coarse = open("cifar100-coarse");
    assertThat(new int[] {coarse.train().label(0), coarse.train().label(1)}).containsExactly(3, 19);
    assertThat(coarse.train().classes()).hasSize(20).startsWith("coarse0");
    assertThat(coarse.train().name()).isEqualTo("cifar100-coarse:train");
  }

  @Test
  void whatIsWrongIsNamed() throws IOException {
    failure(() -> open("cifar100")).contains("cifar100:" + folder, "expected train.bin, found none", Cifar100.SOURCE);
    write(folder.resolve("train"), new byte[1]);
    failure(() -> open("cifar100-coarse")).contains("found the Python version");
    write(folder.resolve("train.bin"), cifarRecord(1, 1, 1, 1));
    failure(() -> open("cifar100")).contains("train.bin", "3074 bytes");
    write(folder.resolve("train.bin"), record(20, 100, 1, 1, 1));
    failure(() -> open("cifar100")).contains("record 0 has the label 100, expected 0 to 99");
    failure(() -> open("cifar100-coarse")).contains("record 0 has the label 20, expected 0 to 19");
    write(folder.resolve("train.bin"), record(1, 1, 1, 1, 1));
    assertThat(open("cifar100").train().classes()).startsWith("0", "1").endsWith("99");
    assertThat(open("cifar100").test()).isEmpty();
    write(folder.resolve("fine_label_names.txt"), names("x", 99));
    failure(() -> open("cifar100")).contains("fine_label_names.txt: expected 100 different names", "got 99");
    failure(() -> Datasets.open("cifar100", DataOptions.standard().cache(folder.resolve("c")))).contains("cifar100:DIR");
  }
}
