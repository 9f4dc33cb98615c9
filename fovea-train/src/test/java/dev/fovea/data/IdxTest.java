package dev.fovea.data;

import static dev.fovea.data.Given.failure;
import static dev.fovea.data.Given.gzip;
import static dev.fovea.data.Given.idx;
import static dev.fovea.data.Given.idxImages;
import static dev.fovea.data.Given.idxLabels;
import static dev.fovea.data.Given.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {
  @TempDir
  Path folder;

  private Path file(byte... bytes) throws IOException {
    return write(folder.resolve("some-file"), bytes);
  }

  @Test
  void plainImagesAreRead() throws IOException {
    Idx images = Idx.images(file(idxImages(3)));
    assertThat(images.sizes()).containsExactly(3, 2, 3);
    assertThat(images.bytes()).hasSize(18).startsWith(0, 1, 2).endsWith(16, 17);
  }

  @Test
  void gzipIsDetectedByContentNotByName() throws IOException {
    assertThat(Idx.labels(file(gzip(idxLabels(3, 1, 200)))).bytes()).containsExactly(3, 1, (byte) 200);
    assertThat(Idx.labels(write(folder.resolve("plain.gz"), idxLabels(5))).bytes()).containsExactly(5);
  }

  @Test
  void highlyCompressedFilesGrowTheArray() throws IOException {
    byte[] zeros = new byte[3_000_000];
    Idx images = Idx.images(file(gzip(idx(0x803, new int[] {3000, 20, 50}, zeros))));
    assertThat(images.bytes()).isEqualTo(zeros);
  }

  @Test
  void missingFileIsReported() {
    failure(() -> Idx.labels(folder.resolve("nothing"))).contains("nothing", "no such file");
  }

  @Test
  void emptyAndShortFilesReportTheHeader() throws IOException {
    failure(() -> Idx.labels(file())).contains("some-file", "header of 8 bytes", "holds 0");
    failure(() -> Idx.images(file(Arrays.copyOf(idxImages(1), 15)))).contains("some-file", "header of 16 bytes", "holds 15");
  }

  @Test
  void wrongMagicIsReported() throws IOException {
    failure(() -> Idx.images(file(idx(0xd03, new int[] {1, 1, 1}, new byte[1]))))
        .contains("some-file", "0x00000803", "0x00000d03");
    failure(() -> Idx.images(file(idx(0x801, new int[] {4, 0, 0}, new byte[4])))).contains("some-file", "swapped");
    failure(() -> Idx.labels(file(idxImages(2)))).contains("some-file", "swapped");
  }

  @Test
  void zeroAndExcessiveSizesAreRefused() throws IOException {
    failure(() -> Idx.labels(file(idx(0x801, new int[] {0}, new byte[0])))).contains("some-file", "axis 0", "size 0");
    failure(() -> Idx.labels(file(idx(0x801, new int[] {-1}, new byte[9])))).contains("some-file", "axis 0", "4294967295");
    failure(() -> Idx.images(file(idx(0x803, new int[] {1, 40_000, 1}, new byte[9]))))
        .contains("axis 1", "40000", "at most 32768");
  }

  @Test
  void plainFileOfWrongLengthIsRefusedBeforeAllocation() throws IOException {
    failure(() -> Idx.images(file(idx(0x803, new int[] {Integer.MAX_VALUE, 32_768, 32_768}, new byte[100]))))
        .contains("some-file", "2147483647 images of 32768x32768", "holds 100");
    failure(() -> Idx.labels(file(Given.join(idxLabels(1, 2), new byte[1])))).contains("2 labels, 2 bytes, the file holds 3");
    failure(() -> Idx.labels(file(Arrays.copyOf(idxLabels(1, 2), 9)))).contains("2 labels, 2 bytes, the file holds 1");
  }

  @Test
  void gzippedFileTooShortForItsHeaderIsRefusedBeforeAllocation() throws IOException {
    failure(() -> Idx.labels(file(gzip(idx(0x801, new int[] {Integer.MAX_VALUE}, new byte[100])))))
        .contains("some-file", "2147483647 labels", "the file holds at most");
  }

  @Test
  void gzippedFileOfWrongLengthIsReported() throws IOException {
    failure(() -> Idx.labels(file(gzip(idx(0x801, new int[] {5000}, new byte[4999]))))).contains("some-file", "holds 4,999");
    failure(() -> Idx.labels(file(gzip(idx(0x801, new int[] {5000}, new byte[5001]))))).contains("some-file", "holds more");
  }

  @Test
  void truncatedGzipIsReportedAtEveryLength() throws IOException {
    byte[] noise = new byte[2000];
    Arrays.setAll(new int[noise.length], i -> noise[i] = (byte) Rng.of(5).bits(i));
    byte[] whole = gzip(idx(0x801, new int[] {2000}, noise));
    for (int length = 2; length < whole.length; length += 7) {
      byte[] cut = Arrays.copyOf(whole, length);
      failure(() -> Idx.labels(file(cut))).contains("some-file", "download it again");
    }
  }

  @Test
  void damagedGzipIsReported() throws IOException {
    byte[] wrongSum = gzip(idxLabels(1, 2, 3));
    wrongSum[wrongSum.length - 7] ^= 1;
    failure(() -> Idx.labels(file(wrongSum))).contains("some-file", "damaged");
  }

  @Test
  void corruptedFilesFailInOneLineOrAreRead() throws IOException {
    long seed = 20_251;
    for (int run = 0; run < 400; run++) {
      Rng rng = Rng.of(seed).at(run);
      byte[] plain = idxImages(1 + rng.below(0, 20));
      byte[] bytes = rng.below(1, 2) == 0 ? plain : gzip(plain);
      for (int flip = 0; flip <= rng.below(2, 4); flip++) {
        bytes[rng.below(10 + flip, bytes.length)] = (byte) rng.bits(20 + flip);
      }
      Path file = file(Arrays.copyOf(bytes, 1 + rng.below(3, bytes.length)));
      try {
        assertThat(Idx.images(file).bytes()).isNotEmpty();
      } catch (FoveaException e) {
        assertThat(e.getMessage()).as("seed %d, run %d", seed, run).contains("some-file").doesNotContain("\n");
      }
    }
  }
}
