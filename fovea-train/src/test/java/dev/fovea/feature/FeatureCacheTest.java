package dev.fovea.feature;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.data.MemoryDataset;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Parameters;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Conv2d;
import dev.fovea.model.Model;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureCacheTest {
  private static final Shape IMAGE = Shape.of(1, 6, 6);

  private final List<String> messages = new ArrayList<>();
  private final List<Integer> computed = new ArrayList<>();
  private final Graph body = body();
  private final Parameters parameters = Parameters.initial(body, 3);

  @TempDir
  private Path folder;

  private static Graph body() {
    GraphBuilder g = new GraphBuilder();
    g.output("feature0", Conv2d.of(2, 3).apply(g, g.input(Model.INPUT, IMAGE.batch(1))));
    return g.build();
  }

  /** Noise; images with the same number are the same. */
  private static PreprocessedDataset images(int from, int to) {
    byte[] pixels = new byte[(to - from) * IMAGE.size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) Rng.of(1).at(from + i / IMAGE.size()).below(i % IMAGE.size(), 256);
    }
    return MemoryDataset.of("noise", List.of("a", "b"), IMAGE, pixels, new int[to - from], Fit.STRETCH)
        .preprocessed(Preprocessing.of(IMAGE, Fit.STRETCH));
  }

  private float[][] extract(PreprocessedDataset images, Parameters of) {
    computed.clear();
    FeatureCache cache = FeatureCache.in(folder.resolve("new"), messages::add);
    Features features =
        new FeatureExtractor(body, of, 1, cache).extract(images, computed::add, () -> false).orElseThrow();
    return IntStream.range(0, features.size()).mapToObj(features::values).toArray(float[][]::new);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("new"))) {
      return files.toList();
    }
  }

  @Test
  void imagesSeenBeforeAreNotComputedAgain() {
    float[][] first = extract(images(0, 40), parameters);
    assertThat(computed).containsExactly(32, 40);
    assertThat(extract(images(0, 40), parameters)).isDeepEqualTo(first);
    assertThat(computed).isEmpty();
    float[][] more = extract(images(30, 45), parameters);
    assertThat(computed).containsExactly(15); // 10 known, 5 computed
    assertThat(more[9]).containsExactly(first[39]);
    extract(images(0, 45), parameters);
    assertThat(computed).isEmpty();
  }

  @Test
  void otherParametersAndPreprocessingsAreAnotherBody() throws IOException {
    float[][] first = extract(images(0, 3), parameters);
    assertThat(extract(images(0, 3), Parameters.initial(body, 4))[0]).isNotEqualTo(first[0]);
    assertThat(computed).containsExactly(3);
    PreprocessedDataset brighter = images(0, 3);
    extract(MemoryDataset.of("noise", List.of("a"), IMAGE, brighter.image(0).pixels(), new int[1], Fit.STRETCH)
        .preprocessed(Preprocessing.of(IMAGE, Fit.STRETCH).mean(0.5f)), parameters);
    assertThat(computed).containsExactly(1);
    assertThat(files()).hasSize(3);
  }

  @Test
  void stoppedExtractionKeepsWhatItHas() {
    int[] batches = {0};
    FeatureExtractor extractor =
        new FeatureExtractor(body, parameters, 1, FeatureCache.in(folder.resolve("new"), messages::add));
    assertThat(extractor.extract(images(0, 70), _ -> batches[0]++, () -> batches[0] == 1)).isEqualTo(Optional.empty());
    extract(images(0, 70), parameters);
    assertThat(computed).containsExactly(64, 70);
  }

  @Test
  void damagedFeaturesAreComputedAgain() throws IOException {
    float[][] first = extract(images(0, 3), parameters);
    Path file = files().getFirst();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 2] ^= 1; // a value of the last image
    Files.write(file, bytes);
    assertThat(extract(images(0, 3), parameters)).isDeepEqualTo(first);
    assertThat(computed).containsExactly(3);
    Files.write(file, new byte[10]);
    assertThat(extract(images(0, 3), parameters)).isDeepEqualTo(first);
    assertThat(messages).singleElement().asString().contains("features are computed again", "safetensors");
    assertThat(extract(images(0, 3), parameters)).isDeepEqualTo(first);
    assertThat(computed).isEmpty();
  }

  @Test
  void folderThatCannotBeWrittenIsSaid() throws IOException {
    Files.writeString(folder.resolve("new"), "a file");
    FeatureExtractor extractor =
        new FeatureExtractor(body, parameters, 1, FeatureCache.in(folder.resolve("new"), messages::add));
    assertThat(extractor.extract(images(0, 3), computed::add, () -> false).orElseThrow().size()).isEqualTo(3);
    extractor.extract(images(3, 6), computed::add, () -> false);
    assertThat(messages).as("said once").singleElement().asString().isEqualTo("features are not kept for later runs: "
        + folder.resolve("new") + ": a file is in its place; make the folder writable, or name another cache in FOVEA_CACHE");
  }
}
