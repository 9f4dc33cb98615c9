package dev.fovea.explain.look;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Dataset;
import dev.fovea.data.DigitsDataset;
import dev.fovea.data.MemoryDataset;
import dev.fovea.explain.Answer;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.explain.Networks;
import dev.fovea.explain.Target;
import dev.fovea.explain.input.Deconvnet;
import dev.fovea.explain.look.StrongestPatches.Patch;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.image.Fit;
import dev.fovea.image.Image;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LookTest {
  private final long seed = System.nanoTime();
  private final Dataset digits = DigitsDataset.train(seed, 100);

  private static Layer layers() {
    return Sequential.of(Conv2d.of(4, 5).padding(2), Activation.RELU, MaxPool2d.of(2), Conv2d.of(6, 3), Activation.RELU,
        MaxPool2d.of(2), new Flatten(), Linear.of(10));
  }

  private static Value layer(Explainer network, String path) {
    return Layers.named(network.graph(1), path);
  }

  /** Against all maps of all images, sorted. */
  @Test
  void theStrongestPatchesOfAllImages() {
    Explainer network = Networks.random(layers(), seed);
    Explainer upTo = network.upTo(layer(network, "4"));
    List<List<Patch>> found = StrongestPatches.of(upTo, digits, 9, _ -> {});
    assertThat(found).hasSize(6);
    for (int map = 0; map < 6; map++) {
      List<Patch> all = new ArrayList<>();
      for (int i = 0; i < digits.size(); i++) {
        Tensor maps = upTo.outputs(network.input(digits.image(i)));
        int width = maps.shape().dim(3);
        int plane = maps.shape().sizeFrom(2);
        Patch best = new Patch(i, 0, 0, maps.values()[map * plane]);
        for (int at = 1; at < plane; at++) {
          float value = maps.values()[map * plane + at];
          best = value > best.activation() ? new Patch(i, at / width, at % width, value) : best;
        }
        all.add(best);
      }
      List<Patch> expected = all.stream().filter(patch -> patch.activation() > 0)
          .sorted(Comparator.comparingDouble((Patch patch) -> -patch.activation()).thenComparingInt(Patch::image)).limit(9)
          .toList();
      assertThat(found.get(map)).as("map %d, seed %d", map, seed).isEqualTo(expected);
    }
  }

  /** By hand: to the switch of the pool, and from there by the filter, read backwards. */
  @Test
  void aProjectionIsTheFilterAtTheSwitch() {
    Explainer network = Networks.random(Sequential.of(Conv2d.of(3, 5).padding(2), Activation.RELU, MaxPool2d.of(2),
        new Flatten(), Linear.of(10)), seed);
    Explainer upTo = network.upTo(layer(network, "2"));
    Tensor input = network.input(digits.image(0));
    Answer place = upTo.answer(input, Target.HIGHEST);
    int map = place.index() / (14 * 14);
    int row = place.index() / 14 % 14;
    int column = place.index() % 14;
    float[] conv = network.upTo(layer(network, "0")).outputs(input).values();
    int best = 0;
    for (int i = 0; i < 4; i++) {
      best = value(conv, map, row, column, i) > value(conv, map, row, column, best) ? i : best;
    }
    float[] weights = network.model().parameters().values();
    int filter = network.model().parameters().entry("0.weight").offset() + map * 25;
    float[] projection = new Deconvnet().explain(upTo, input, place).map().values();
    for (int i = 0; i < projection.length; i++) {
      int y = i / 28 - (2 * row + best / 2) + 2;
      int x = i % 28 - (2 * column + best % 2) + 2;
      float expected = y >= 0 && y < 5 && x >= 0 && x < 5 ? weights[filter + y * 5 + x] : 0;
      assertThat(projection[i]).as("pixel %d, seed %d", i, seed).isEqualTo(expected);
    }
  }

  private static float value(float[] conv, int map, int row, int column, int inWindow) {
    return conv[(map * 28 + 2 * row + inWindow / 2) * 28 + 2 * column + inWindow % 2];
  }

  @Test
  void pairsShowWhatThePlaceSees() {
    Explainer network = Networks.random(layers(), seed);
    Value pool = layer(network, "2");
    Explainer upTo = network.upTo(pool);
    List<Projections.Pair> pairs =
        new Projections(upTo, digits).of(1, List.of(new Patch(3, 5, 6, 1), new Patch(4, 0, 13, 1)));
    Image whole = network.model().card().preprocessing().fit(digits.image(3));
    Image expected = whole.crop(6 * 2 - 2, 5 * 2 - 2, 6, 6);
    assertThat(pairs.getFirst().patch()).isEqualTo(expected);
    assertThat(pairs.getFirst().projection().width()).isEqualTo(6);
    assertThat(pairs.getLast().patch().at(0, 0, 0)).as("beyond the image").isEqualTo(128);
    assertThat(new Projections(upTo, digits).of(0, List.of())).isEmpty();
  }

  @Test
  void ascentExcitesTheMapAndIsSeeded() {
    Explainer network = Networks.random(layers(), 5); // of some random networks a map is largest for a grey image
    int bias = network.model().parameters().entry("3.bias").offset();
    Arrays.fill(network.model().parameters().values(), bias, bias + 6, 0.5f); // no map is dead from the start
    network.model().parameters().changed();
    Explainer upTo = network.upTo(layer(network, "4"));
    ActivationMaximisation how = new ActivationMaximisation(30, 0.05, 1e-3, 2, 4, 7);
    List<Image> found = how.of(upTo, new int[] {0, 3, 5}, _ -> {});
    Image grey = new Image(28, 28, 1, filled(128));
    for (int i = 0; i < 3; i++) {
      int map = List.of(0, 3, 5).get(i);
      assertThat(mean(upTo, found.get(i), map)).as("map %d, seed %d", map, seed).isGreaterThan(mean(upTo, grey, map));
    }
    assertThat(how.of(upTo.threads(1), new int[] {3}, _ -> {}).getFirst()).as("alone, on one thread").isEqualTo(found.get(1));
    assertThat(new ActivationMaximisation(30, 0.05, 1e-3, 2, 4, 8).of(upTo, new int[] {3}, _ -> {}).getFirst())
        .isNotEqualTo(found.get(1));
  }

  private static byte[] filled(int value) {
    byte[] pixels = new byte[28 * 28];
    Arrays.fill(pixels, (byte) value);
    return pixels;
  }

  private static double mean(Explainer upTo, Image image, int map) {
    float[] maps = upTo.outputs(upTo.input(image)).values();
    double sum = 0;
    for (int i = map * 12 * 12; i < (map + 1) * 12 * 12; i++) {
      sum += maps[i];
    }
    return sum / 144;
  }

  @Test
  void filtersThatAreAlike() {
    Explainer network = Networks.random(layers(), seed);
    Model model = network.model();
    float[] weights = model.parameters().values();
    int offset = model.parameters().entry("0.weight").offset();
    for (int i = 0; i < 25; i++) {
      weights[offset + 3 * 25 + i] = 2 * weights[offset + 25 + i];
    }
    model.parameters().changed();
    Portrait portrait = Portrait.of(network, Optional.of("0"));
    assertThat(portrait.duplicates().get("0")).singleElement().satisfies(pair -> {
      assertThat(pair.first()).isEqualTo(1);
      assertThat(pair.second()).isEqualTo(3);
      assertThat(pair.cosine()).isCloseTo(1, within(1e-6));
    });
  }

  /** A product of matrices has its filters in columns. */
  @Test
  void columnsThatAreAlike() {
    Layer product = (g, x) -> g.op(new Op.MatMul(), x, g.param("weight", Shape.of(784, 10), Init.he(784)));
    Explainer network = Networks.random(Sequential.of(new Flatten(), product.named("product")), seed);
    float[] weights = network.model().parameters().values();
    for (int i = 0; i < 784; i++) {
      weights[i * 10 + 7] = 3 * weights[i * 10 + 2];
    }
    network.model().parameters().changed();
    Portrait portrait = Portrait.of(network, Optional.empty());
    assertThat(portrait.layer()).as("a network without maps").isEmpty();
    assertThat(portrait.duplicates().get("product")).extracting(FilterSimilarity::first, FilterSimilarity::second)
        .containsExactly(tuple(2, 7));
  }

  /** All that needs no maps. */
  @Test
  void aPageWithoutMaps(@TempDir Path folder) throws IOException {
    Portrait portrait = Portrait.of(Networks.random(Sequential.of(new Flatten(), Linear.of(10)), seed), Optional.empty());
    portrait.image(digits.image(0));
    portrait.survey(digits, _ -> {});
    portrait.neighbourhood(digits.subset(new int[] {0, 0}, "twice"), _ -> {});
    assertThatThrownBy(() -> portrait.patches(digits, 9, _ -> {})).hasMessage("the network has no maps to look at");
    PortraitPage.write(PortraitPage.in(folder), portrait);
    assertThat(Files.readString(PortraitPage.in(folder))).contains("A network without maps", "A map of the images")
        .doesNotContain("NaN");
  }

  /** Of two maps the classifier reads the first: without it all images get one answer, without the other nothing changes. */
  @Test
  void accuracyWithoutAMap() {
    byte[] pixels = new byte[20 * 784];
    int[] labels = new int[20];
    for (int i = 0; i < 20; i++) {
      labels[i] = i % 2;
      Arrays.fill(pixels, i * 784, (i + 1) * 784, (byte) (i % 2 == 1 ? 220 : 10));
    }
    Dataset data = MemoryDataset.of("bright", List.of("dark", "bright"), Shape.of(1, 28, 28), pixels, labels, Fit.STRETCH);
    Explainer network = Networks.of(Sequential.of(Conv2d.of(2, 1).bias(false), Activation.RELU, new AdaptiveAvgPool2d(1, 1),
        new Flatten(), Linear.of(10)), 1, Preprocessing.of(Networks.DIGIT, Fit.STRETCH));
    float[] values = network.model().parameters().values();
    Arrays.fill(values, 0);
    values[0] = 1;
    values[1] = 1;
    int weight = network.model().parameters().entry("4.weight").offset();
    int bias = network.model().parameters().entry("4.bias").offset();
    values[weight + 2] = 1; // class 1 by the first map
    values[bias] = 0.5f;
    network.model().parameters().changed();
    Ablation found = Ablation.of(network, layer(network, "1"), data, _ -> {});
    assertThat(found).isEqualTo(new Ablation(1, List.of(0.5, 1.0)));
  }

  @Test
  void thePageHoldsWhatWasSeen(@TempDir Path folder) throws IOException {
    Explainer network = Networks.random(layers(), seed);
    Portrait portrait = Portrait.of(network, Optional.of("4"));
    Path page = PortraitPage.in(folder);
    PortraitPage.write(page, portrait);
    assertThat(Files.readString(page)).contains("First layer", "script-src 'sha256-").doesNotContain("Layer by layer");
    Dataset few = digits.subset(new int[] {1, 2, 3, 4, 5, 6}, "few");
    portrait.image(digits.image(0));
    portrait.patches(few, 9, _ -> {});
    portrait.project(6, _ -> {});
    portrait.maximise(new ActivationMaximisation(2, 0.1, 0, 0, 0, 1), 2, _ -> {});
    portrait.survey(few, _ -> {});
    portrait.ablation(few, _ -> {});
    portrait.neighbourhood(few, _ -> {});
    PortraitPage.write(page, portrait);
    assertThat(Files.readString(page)).contains("Layer by layer", "Every number", "Receptive field", "accuracy without it",
        "What it confuses", "A map of the images", "id=\"arithmetic\"");
    assertThat(portrait.patches().stream().flatMap(List::stream)).allSatisfy(patch -> assertThat(patch.image()).isBetween(0, 5));
  }
}
