package dev.fovea.data;

import static dev.fovea.data.Given.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.image.Fit;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DatasetsTest {
  /** Images of one pixel with the image's index as value; labels 0, 1, 2, 0, ... */
  private static MemoryDataset numbered(int size) {
    byte[] pixels = new byte[size];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      pixels[i] = (byte) i;
      labels[i] = i % 3;
    }
    return MemoryDataset.of("some:train", List.of("a", "b", "c"), Shape.of(1, 1, 1), pixels, labels, Fit.CROP);
  }

  private static List<Integer> pixels(Dataset dataset) {
    return IntStream.range(0, dataset.size()).mapToObj(i -> dataset.image(i).pixels()[0] & 0xff).toList();
  }

  @Test
  void subsetKeepsOrderLabelsAndClasses() {
    Dataset some = numbered(10).subset(new int[] {7, 0, 7}, "some:few");
    assertThat(pixels(some)).containsExactly(7, 0, 7);
    assertThat(some.label(0)).isEqualTo(1);
    assertThat(some.name()).isEqualTo("some:few");
    assertThat(some.classes()).containsExactly("a", "b", "c");
    assertThat(some.fit()).isEqualTo(Fit.CROP);
    assertThat(some.shape()).isEqualTo(Shape.of(1, 1, 1));
    assertThat(pixels(some.subset(new int[] {1}, "one"))).containsExactly(0);
    assertThatThrownBy(() -> numbered(10).subset(new int[] {10}, "beyond")).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void subsetIsNotChangedByItsCallersArray() {
    int[] indices = {1, 2};
    Dataset some = numbered(10).subset(indices, "some");
    indices[0] = 9;
    assertThat(pixels(some)).containsExactly(1, 2);
  }

  @Test
  void fingerprintsDependOnContentNotOnName() {
    MemoryDataset all = numbered(10);
    assertThat(all.subset(new int[] {1, 2}, "x").fingerprint()).isEqualTo(all.subset(new int[] {1, 2}, "y").fingerprint());
    assertThat(all.subset(new int[] {1, 2}, "x").fingerprint()).isNotEqualTo(all.subset(new int[] {2, 1}, "x").fingerprint());
    assertThat(all.fingerprint()).hasSize(64).isEqualTo(numbered(10).fingerprint()).isNotEqualTo(numbered(11).fingerprint());
    int[] many = IntStream.range(0, 20_000).map(i -> i % 10).toArray();
    int[] other = many.clone();
    other[19_999]++;
    other[19_999] %= 10;
    assertThat(all.subset(many, "x").fingerprint()).isNotEqualTo(all.subset(other, "x").fingerprint());
  }

  @Test
  void heldOutImagesAreNotTrainedOn() {
    Split split = Split.holdOut(numbered(120), Optional.empty(), OptionalInt.empty(), 1);
    assertThat(split.validation().size()).isEqualTo(10);
    List<Integer> train = pixels(split.train());
    List<Integer> validation = pixels(split.validation());
    assertThat(train).isSorted().doesNotContainAnyElementsOf(validation).hasSize(110);
    assertThat(validation).isSorted();
    assertThat(split.train().name()).isEqualTo("some:train");
    assertThat(split.validation().name()).isEqualTo("some:validation");
    assertThat(split.evaluation()).isSameAs(split.validation());
  }

  @Test
  void seedDeterminesHeldOutImages() {
    List<Integer> one = pixels(Split.holdOut(numbered(120), Optional.empty(), OptionalInt.of(20), 1).validation());
    assertThat(one).hasSize(20);
    assertThat(pixels(Split.holdOut(numbered(120), Optional.empty(), OptionalInt.of(20), 1).validation())).isEqualTo(one);
    assertThat(pixels(Split.holdOut(numbered(120), Optional.empty(), OptionalInt.of(20), 2).validation())).isNotEqualTo(one);
  }

  @Test
  void holdingOutAllOrNothingIsRefused() {
    failure(() -> Split.holdOut(numbered(12), Optional.empty(), OptionalInt.of(12), 1))
        .contains("some:train", "none for training");
    failure(() -> Split.holdOut(numbered(12), Optional.empty(), OptionalInt.of(0), 1))
        .contains("none for validation", "1 to 11");
    failure(() -> Split.holdOut(numbered(1), Optional.empty(), OptionalInt.empty(), 1)).contains("2 images or more", "got 1");
    assertThat(Split.holdOut(numbered(2), Optional.empty(), OptionalInt.empty(), 1).validation().size()).isEqualTo(1);
    assertThat(Datasets.open("digits:50", DataOptions.standard().validation(7)).validation().size()).isEqualTo(7);
  }

  @Test
  void selectedClassesAreRelabelledInGivenOrder() {
    Dataset some = Datasets.only(numbered(7), List.of("c", "a"));
    assertThat(some.classes()).containsExactly("c", "a");
    assertThat(pixels(some)).containsExactly(0, 2, 3, 5, 6);
    assertThat(IntStream.range(0, some.size()).map(some::label)).containsExactly(1, 0, 1, 0, 1);
    assertThat(some.name()).isEqualTo("some:train");
    assertThat(some.fingerprint()).isNotEqualTo(Datasets.only(numbered(7), List.of("a", "c")).fingerprint());
  }

  @Test
  void selectedClassesApplyToEachPart() {
    Split split = Datasets.only(Datasets.open("digits:200"), List.of("3", "8"));
    assertThat(split.train().size() + split.validation().size()).isEqualTo(40);
    assertThat(split.test().orElseThrow().size()).isEqualTo(1_000);
    assertThat(split.test().orElseThrow().classes()).containsExactly("3", "8");
  }

  @Test
  void invalidClassSelectionsAreReported() {
    MemoryDataset all = MemoryDataset.of("pets", List.of("cat", "dog", "parrot"), Shape.of(1, 1, 1), new byte[1], new int[1],
        Fit.CROP);
    failure(() -> Datasets.only(all, List.of("cat", "parot")))
        .contains("pets", "'parot'", "cat, dog, parrot", "did you mean 'parrot'?");
    failure(() -> Datasets.only(all, List.of("cat", ""))).contains("''", "cat, dog, parrot");
    failure(() -> Datasets.only(all, List.of("cat", "cat"))).contains("'cat' is named twice");
    failure(() -> Datasets.only(all, List.of("cat"))).contains("two classes or more", "cat,parrot");
    failure(() -> Datasets.only(all, List.of("dog", "parrot"))).contains("no image of the classes [dog, parrot]");
  }

  @Test
  void arraysOfWrongSizeAreRefused() {
    List<String> classes = List.of("a", "b");
    failure(() -> MemoryDataset.of("x", classes, Shape.of(2, 2, 2), new byte[8], new int[1], Fit.CROP))
        .contains("x", "3xHxW", "2x2x2");
    failure(() -> MemoryDataset.of("x", classes, Shape.of(1, 2, 2), new byte[7], new int[2], Fit.CROP))
        .contains("need 8 bytes, got 7");
    failure(() -> MemoryDataset.of("x", classes, Shape.of(1, 2, 2), new byte[0], new int[0], Fit.CROP)).contains("at least one");
    int[] labels = {0, 2};
    failure(() -> MemoryDataset.of("x", classes, Shape.of(1, 2, 2), new byte[8], labels, Fit.CROP))
        .contains("image 1", "label 2");
  }

  @Test
  void failureOfTheLowestIterationIsThrown() {
    for (int run = 0; run < 50; run++) {
      assertThatThrownBy(() -> Parallel.loop(1000, i -> {
        if (i % 100 == 37) {
          throw new IllegalStateException("turn " + i);
        }
      })).hasMessage("turn 37");
    }
  }

  @Test
  void everyIterationRunsOnce() {
    int[] taken = new int[5000];
    Parallel.loop(taken.length, i -> taken[i]++);
    assertThat(Arrays.stream(taken).allMatch(n -> n == 1)).isTrue();
    Parallel.loop(0, i -> taken[i]++);
  }
}
