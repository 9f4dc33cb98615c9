package dev.fovea.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Fit;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The images of an epoch. */
class SamplingTest {
  @TempDir
  private Path folder;

  private static Dataset data(int... labels) {
    return MemoryDataset.of("some", List.of("a", "b", "c"), Shape.of(1, 1, 1), new byte[labels.length], labels, Fit.STRETCH);
  }

  private static long count(int[] order, Dataset data, int label) {
    return Arrays.stream(order).filter(i -> data.label(i) == label).count();
  }

  @Test
  void shuffledHasEachImageOnce() {
    Rng epoch = Rng.of(3);
    assertThat(Sampling.SHUFFLED.of(data(0, 1, 2, 0)).of(epoch)).isEqualTo(epoch.permutation(4));
  }

  @Test
  void balancedHasEachClassEquallyOften() {
    int[] labels = new int[100];
    Arrays.fill(labels, 0, 90, 0);
    Arrays.fill(labels, 90, 98, 1);
    Arrays.fill(labels, 98, 100, 2);
    Dataset data = data(labels);
    Sampling.Order order = Sampling.BALANCED.of(data);
    int[] first = order.of(Rng.of(1).at(0));
    assertThat(first).hasSize(100);
    assertThat(IntStream.range(0, 3).mapToLong(c -> count(first, data, c))).containsExactlyInAnyOrder(33L, 33L, 34L);
    assertThat(Arrays.stream(first).filter(i -> i < 90).distinct().count()).as("of many, few twice").isGreaterThan(20);
    assertThat(order.of(Rng.of(1).at(0))).as("the same key").isEqualTo(first);
    assertThat(order.of(Rng.of(1).at(1))).as("another epoch").isNotEqualTo(first);
    Dataset half = data(0, 0, 0, 1);
    assertThat(count(Sampling.BALANCED.of(half).of(Rng.of(5)), half, 1)).as("c does not occur").isEqualTo(2);
  }

  @Test
  void ofSeveralLabelsEachIsDrawnInTurn() throws IOException {
    Files.writeString(folder.resolve("t.csv"), "file,tags\n1,a\n2,a\n3,a\n4,a\n5,a\n6,a\n7,b|a\n8,\n");
    Dataset data = CsvDataset.parts(folder.resolve("t.csv"), List.of(), DataOptions.standard()).train();
    int[] order = Sampling.BALANCED.of(data).of(Rng.of(2));
    assertThat(Arrays.stream(order).filter(i -> i == 6).count()).as("the only b").isGreaterThanOrEqualTo(2);
    assertThat(Arrays.stream(order).filter(i -> i == 7).count()).as("the only one without").isBetween(2L, 3L);
  }

  @Test
  void numbersHaveNoClasses() throws IOException {
    Files.writeString(folder.resolve("t.csv"), "file,x\n1,1\n2,5\n");
    Dataset data = CsvDataset.parts(folder.resolve("t.csv"), List.of(), DataOptions.standard()).train();
    Given.failure(() -> Sampling.BALANCED.of(data)).isEqualTo(
        "t.csv: balanced sampling needs images of classes, it has numbers: leave the sampling out");
    Given.failure(() -> Sampling.named("balanse")).startsWith("there is no sampling 'balanse': did you mean balanced?");
  }
}
