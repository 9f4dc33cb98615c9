package dev.fovea.explain.survey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Dataset;
import dev.fovea.data.DigitsDataset;
import dev.fovea.data.MemoryDataset;
import dev.fovea.explain.ClassScores;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.explain.Networks;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.image.Fit;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SurveyTest {
  private final long seed = System.nanoTime();
  private final Dataset digits = DigitsDataset.train(seed, 90);
  private final Explainer network = Networks.random(Sequential.of(Conv2d.of(4, 5), Activation.RELU, MaxPool2d.of(2),
      new Flatten(), Linear.of(10)), seed);

  /** Against sums over all numbers of all images. */
  @Test
  void statisticsOfEachLayer() {
    float[] parameters = network.model().parameters().values();
    int dead = network.model().parameters().entry("0.bias").offset() + 2;
    parameters[dead] = -1e6f;
    network.model().parameters().changed();
    List<LayerStatistics> layers = LayerSurvey.of(network, digits, Optional.of(DigitsDataset.train(seed + 1, 60)), _ -> {});
    assertThat(layers).extracting(LayerStatistics::path).containsExactly("0", "4");
    double square = 0;
    long zeros = 0;
    long count = 0;
    double gradient = 0;
    Explainer relu = network.upTo(Layers.named(network.graph(1), "1"));
    for (int i = 0; i < digits.size(); i++) {
      Tensor input = network.input(digits.image(i));
      for (float value : relu.outputs(input).values()) {
        square += (double) value * value;
        zeros += value == 0 ? 1 : 0;
        count++;
      }
      int label = digits.label(i);
      double norm = 0;
      for (double value : Networks.lossGradient(network.outputs(input).values(), label)) {
        norm += value * value;
      }
      gradient += Math.sqrt(norm) / digits.size();
    }
    LayerStatistics conv = layers.getFirst();
    assertThat(conv.activation()).as("seed %d", seed).isCloseTo(Math.sqrt(square / count), within(1e-5));
    assertThat(conv.sparsity()).isCloseTo((double) zeros / count, within(1e-9));
    assertThat(conv.dead()).isBetween(0.25, 1.0);
    assertThat(conv.rank()).isBetween(1.0, 4.0);
    assertThat(conv.probe().orElseThrow()).isBetween(0.1, 1.0);
    assertThat(layers.getLast().gradient().orElseThrow()).isCloseTo(gradient, within(1e-6));
    assertThat(layers.getLast().dead()).isZero();
    assertThat(conv.weightNorm()).isCloseTo(norm(parameters, network.model().parameters().entry("0.weight").offset(), 100),
        within(1e-6));
  }

  private static double norm(float[] values, int from, int count) {
    return Math.sqrt(IntStream.range(from, from + count).mapToDouble(i -> (double) values[i] * values[i]).sum());
  }

  /** Of two classes with one score, and of results that are no maps: tokens, with what a product gives of each. */
  @Test
  void oneScoreAndTokens() {
    Layer tokens = (g, x) -> g.op(new Op.Transpose(List.of(0, 2, 1)),
        g.op(new Op.Reshape(List.of(new Op.Dim.Axis(0), new Op.Dim.Size(3), new Op.Dim.Rest())), x));
    Layer product = (g, x) -> g.op(new Op.MatMul(), x, g.param("weight", Shape.of(3, 5), Init.he(3)));
    Explainer two = Networks.oneScore(Sequential.of(Conv2d.of(3, 7).stride(7), tokens, product.named("product"), new Flatten(),
        Linear.of(1)), seed);
    int[] labels = IntStream.range(0, 20).map(i -> i % 2).toArray();
    byte[] pixels = new byte[20 * 784];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) Rng.of(seed).below(i, labels[i / 784] == 1 ? 256 : 60);
    }
    Dataset data = MemoryDataset.of("bright", List.of("dark", "bright"), Shape.of(1, 28, 28), pixels, labels, Fit.STRETCH);
    List<LayerStatistics> layers = LayerSurvey.of(two, data, Optional.of(data), _ -> {});
    double gradient = 0;
    for (int i = 0; i < 20; i++) {
      gradient += Math.abs(Networks.lossGradient(two.outputs(two.input(data.image(i))).values(), labels[i])[0]) / 20;
    }
    assertThat(layers).extracting(LayerStatistics::path).containsExactly("0", "product", "4");
    assertThat(layers.getLast().gradient().orElseThrow()).as("seed %d", seed).isCloseTo(gradient, within(1e-6));
    assertThat(layers.get(1).rank()).as("of 5 units").isBetween(1.0, 5.0);
    assertThat(LastLayer.of(two, data, _ -> {}).predicted()).isEqualTo(IntStream.range(0, 20)
        .map(i -> two.outputs(two.input(data.image(i))).values()[0] > 0 ? 1 : 0).toArray());
  }

  @Test
  void oneImageIsTooFew() {
    assertThatThrownBy(() -> LayerSurvey.of(network, digits.subset(new int[] {3}, "one"), Optional.empty(), _ -> {}))
        .isInstanceOf(FoveaException.class).hasMessageContaining("expected 2 images or more");
  }

  @Test
  void eigenvectorsOfARandomMatrix() {
    int n = 23;
    Rng random = Rng.of(seed);
    double[][] matrix = new double[n][n];
    double[][] copy = new double[n][n];
    double trace = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        matrix[i][j] = random.gaussian((long) i * n + j);
        matrix[j][i] = matrix[i][j];
        copy[i][j] = matrix[i][j];
        copy[j][i] = matrix[i][j];
      }
      trace += matrix[i][i];
    }
    Eigen eigen = Eigen.of(matrix);
    assertThat(IntStream.range(0, n).mapToDouble(i -> eigen.values()[i]).sum()).isCloseTo(trace, within(1e-9));
    for (int k = 0; k < n; k++) {
      double length = 0;
      for (int i = 0; i < n; i++) {
        double product = 0;
        for (int j = 0; j < n; j++) {
          product += copy[i][j] * eigen.vectors()[k][j];
        }
        assertThat(product).as("seed %d", seed).isCloseTo(eigen.values()[k] * eigen.vectors()[k][i], within(1e-9));
        length += eigen.vectors()[k][i] * eigen.vectors()[k][i];
      }
      assertThat(length).isCloseTo(1, within(1e-9));
      assertThat(k == 0 || eigen.values()[k] <= eigen.values()[k - 1]).isTrue();
    }
  }

  @Test
  void aProbeSeparatesWhatIsSeparableAndNothingElse() {
    Rng random = Rng.of(seed);
    float[][] rows = new float[300][5];
    int[] labels = new int[300];
    int[] noise = new int[300];
    for (int i = 0; i < 300; i++) {
      for (int j = 0; j < 5; j++) {
        rows[i][j] = random.gaussian(5L * i + j) * (j + 1) + 100;
      }
      labels[i] = rows[i][1] - rows[i][3] > 0 ? 1 : 0;
      noise[i] = random.at("noise").below(i, 2);
    }
    // of 100 images; by chance 50 are right, and 25 or 75 are five standard deviations away
    assertThat(probe(rows, labels)).as("seed %d", seed).isGreaterThan(0.8);
    assertThat(probe(rows, noise)).as("seed %d", seed).isBetween(0.25, 0.75);
  }

  private static double probe(float[][] rows, int[] labels) {
    return LinearProbe.accuracy(Arrays.copyOf(rows, 200), Arrays.copyOf(labels, 200),
        Arrays.copyOfRange(rows, 200, 300), Arrays.copyOfRange(labels, 200, 300), 2, 1);
  }

  @Test
  void neighboursAndComponents() {
    float[][] features = {{1, 0, 0}, {2, 0.1f, 0}, {0, 1, 0}, {-1, 0, 0}, {5, 5, 0}};
    LastLayer last = new LastLayer(features, new int[5]);
    assertThat(last.nearest(0, 3)).containsExactly(1, 4, 2);
    LastLayer.Plane plane = last.plane();
    assertThat(plane.share()[0] + plane.share()[1]).as("they lie in a plane").isCloseTo(1, within(1e-9));
    for (int a = 0; a < 5; a++) {
      for (int b = 0; b < 5; b++) {
        double distance = Math.hypot(features[a][0] - features[b][0], features[a][1] - features[b][1]);
        double shown = Math.hypot(plane.places()[a][0] - plane.places()[b][0], plane.places()[a][1] - plane.places()[b][1]);
        assertThat(shown).isCloseTo(distance, within(1e-6));
      }
    }
    LastLayer whole = LastLayer.of(network, digits, _ -> {});
    assertThat(whole.features()).hasDimensions(90, 4 * 12 * 12);
    assertThat(whole.predicted()[5]).isEqualTo(ClassScores.classes(network.outputs(network.input(digits.image(5))))[0]);
  }
}
