package dev.fovea.data;

import static dev.fovea.data.Given.classFolders;
import static dev.fovea.data.Given.failure;
import static dev.fovea.data.Given.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreprocessedDatasetTest {
  @TempDir
  Path folder;

  private static final Preprocessing SMALL = Given.stretch(3, 3, 4);

  @Test
  void imagesHaveInputSizeAndKeepTheirLabels() throws IOException {
    ImageFolder images = ImageFolder.of(classFolders(folder, 2, "cat", "dog"));
    PreprocessedDataset fitted = images.preprocessed(SMALL);
    assertThat(fitted.shape()).isEqualTo(Shape.of(3, 3, 4));
    assertThat(fitted.size()).isEqualTo(4);
    assertThat(fitted.label(2)).isEqualTo(1);
    assertThat(fitted.classes()).isEqualTo(images.classes());
    assertThat(fitted.image(2).width()).isEqualTo(4);
    assertThat(fitted.image(2).pixels()).hasSize(36).containsOnly((byte) 215);
    assertThat(fitted.fingerprint()).isEqualTo(images.fingerprint());
    assertThat(fitted.preprocessing()).isEqualTo(SMALL);
  }

  @Test
  void normalisedFloatsAreWrittenAtTheOffset() throws IOException {
    PreprocessedDataset fitted = ImageFolder.of(classFolders(folder, 1, "cat", "dog")).preprocessed(SMALL);
    float[] batch = new float[2 + 36 + 1];
    fitted.read(0, batch, 2);
    assertThat(batch[1]).isZero();
    assertThat(batch[2]).isEqualTo(2f);
    assertThat(batch[37]).isEqualTo(2f);
    assertThat(batch[38]).isZero();
  }

  @Test
  void filesAreReadOnceAndProgressCountsUp() throws IOException {
    List<Integer> heard = new ArrayList<>();
    PreprocessedDataset fitted = ImageFolder.of(classFolders(folder, 20, "cat", "dog")).preprocessed(SMALL, heard::add);
    assertThat(heard).isEmpty();
    fitted.image(0);
    assertThat(heard).isEqualTo(IntStream.rangeClosed(1, 40).boxed().toList());
    Files.delete(folder.resolve("dog/p7.png"));
    assertThat(fitted.image(27).height()).isEqualTo(3);
    fitted.load();
    assertThat(heard).hasSize(40);
    assertThat(fitted.inMemory()).isTrue();
  }

  @Test
  void preprocessedImagesInMemoryAreNotCopied() {
    byte[] pixels = {1, 2, 3, 4, 5, 6, 7, 8};
    Dataset two = MemoryDataset.of("two", List.of("a", "b"), Shape.of(1, 2, 2), pixels, new int[] {0, 1}, Fit.STRETCH)
        .subset(new int[] {1}, "second");
    PreprocessedDataset same = two.preprocessed(Preprocessing.of(Shape.of(1, 2, 2), Fit.STRETCH));
    same.load();
    assertThat(same.inMemory()).isFalse();
    assertThat(same.image(0).pixels()).containsExactly(5, 6, 7, 8);
    assertThat(two.preprocessed(Preprocessing.of(Shape.of(1, 3, 2), Fit.STRETCH)).inMemory()).isTrue();
    assertThat(two.preprocessed(Preprocessing.of(Shape.of(1, 2, 2), Fit.INK)).inMemory()).isTrue();
  }

  @Test
  void setsAboveTheLimitAreNotCached() throws IOException {
    List<Integer> heard = new ArrayList<>();
    ImageFolder images = ImageFolder.of(classFolders(folder, 2, "cat", "dog"));
    assertThat(PreprocessedDataset.limited(images, SMALL, heard::add, 4 * 36).inMemory()).isTrue();
    PreprocessedDataset fitted = PreprocessedDataset.limited(images, SMALL, heard::add, 4 * 36 - 1);
    fitted.load();
    assertThat(fitted.inMemory()).isFalse();
    assertThat(fitted.image(3).pixels()).hasSize(36);
    assertThat(heard).isEmpty();
    Files.delete(folder.resolve("dog/p1.png"));
    failure(() -> fitted.image(3)).contains("p1.png");
  }

  @Test
  void partsShareTheMemory() throws IOException {
    ImageFolder images = ImageFolder.of(classFolders(folder, 2, "cat", "dog"));
    long half = Runtime.getRuntime().maxMemory() / 2;
    int side = (int) Math.sqrt(0.6 * half / 3 / images.size()); // each alone takes 0.6 of it
    CacheBudget budget = new CacheBudget();
    PreprocessedDataset first = budget.take(images.preprocessed(Given.stretch(3, side, side)));
    PreprocessedDataset second = budget.take(images.preprocessed(Given.stretch(3, side, side)));
    PreprocessedDataset third = budget.take(images.preprocessed(SMALL));
    assertThat(first.cachedBytes()).isEqualTo(4L * 3 * side * side);
    assertThat(second.cachedBytes()).isZero();
    assertThat(List.of(first.isDecodedAgain(), second.isDecodedAgain(), third.isDecodedAgain())).containsExactly(false, true,
        false);
  }

  @Test
  void brokenImagesAreReportedInOrderOnAnyThreads() throws IOException {
    ImageFolder images = ImageFolder.of(classFolders(folder, 30, "cat", "dog"));
    for (int broken : new int[] {3, 5, 21}) {
      write(folder.resolve("dog/p" + broken + ".png"), new byte[] {1, 2, 3});
    }
    for (int run = 0; run < 20; run++) {
      // By name p21 comes before p3 and p5.
      failure(() -> images.preprocessed(SMALL).load()).contains("p21.png");
    }
  }

  @Test
  void readingIsRetriedAfterAFailure() throws IOException {
    ImageFolder images = ImageFolder.of(classFolders(folder, 1, "cat", "dog"));
    byte[] whole = Files.readAllBytes(folder.resolve("dog/p0.png"));
    write(folder.resolve("dog/p0.png"), new byte[] {1});
    PreprocessedDataset fitted = images.preprocessed(SMALL);
    failure(() -> fitted.image(0)).contains("p0.png");
    write(folder.resolve("dog/p0.png"), whole);
    assertThat(fitted.image(1).width()).isEqualTo(4);
  }

  @Test
  void manyThreadsMayReadFirst() throws Exception {
    List<Integer> heard = new ArrayList<>();
    PreprocessedDataset fitted = ImageFolder.of(classFolders(folder, 10, "cat", "dog")).preprocessed(SMALL, heard::add);
    List<Thread> threads = IntStream.range(0, 6).mapToObj(i -> Thread.ofPlatform().start(() -> fitted.image(i))).toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(heard).hasSize(20);
  }

  @Test
  void realHandwritingIsFittedAsAPhotoOfItWouldBe() {
    Dataset test = Mnist.test(Given.realData("mnist")).subset(IntStream.range(0, 200).toArray(), "mnist:first");
    PreprocessedDataset fitted = test.preprocessed(new Preprocessing(1, 32, 32, test.fit(), List.of(0f), List.of(1f)));
    assertThat(test.fit()).isEqualTo(Fit.INK);
    float[] image = new float[32 * 32];
    for (int i = 0; i < fitted.size(); i++) {
      fitted.read(i, image, 0);
      assertThat(image).as("image %d", i).doesNotContain(Float.NaN);
      assertThat(fitted.image(i).pixels()).hasSize(1024);
    }
  }
}
