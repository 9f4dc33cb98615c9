package dev.fovea.explain.survey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.data.Dataset;
import dev.fovea.data.DigitsDataset;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Layers;
import dev.fovea.explain.Networks;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.Sequential;
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
      for (float value : LossGradient.of(network.outputs(input), _ -> label).values()) {
        norm += (double) value * value;
      }
      gradient += Math.sqrt(norm) / digits.size();
    }
    LayerStatistics conv = layers.getFirst();
    assertThat(conv.activation()).as("seed %d", seed).isCloseTo(Math.sqrt(square / count), within(1e-5));
    assertThat(conv.sparsity()).isCloseTo((double) zeros / count, within(1e-9));
    assertThat(conv.dead()).isBetween(0.25, 1.0);
    assertThat(conv.rank()).isBetween(1.0, 4.0);
    assertThat(conv.probe().orElseThrow()).isBetween(0.1, 1.0);
    assertThat(layers.getLast().gradient()).isCloseTo(gradient, within(1e-6));
    assertThat(layers.getLast().dead()).isZero();
    assertThat(conv.weightNorm()).isCloseTo(norm(parameters, network.model().parameters().entry("0.weight").offset(), 100),
        within(1e-6));
  }

  private static double norm(float[] values, int from, int count) {
    return Math.sqrt(IntStream.range(from, from + count).mapToDouble(i -> (double) values[i] * values[i]).sum());
  }

  @Test
  void lossGradientIsTheDerivative() {
    Tensor scores = new Tensor(Shape.of(2, 3), new float[] {1, -2, 0.5f, 100, 99, -100});
    float[] gradient = LossGradient.of(scores, n -> n).values();
    double sum = Math.exp(1) + Math.exp(-2) + Math.exp(0.5);
    assertThat(gradient[0]).isCloseTo((float) (Math.exp(1) / sum - 1), within(1e-6f));
    assertThat(gradient[1]).isCloseTo((float) (Math.exp(-2) / sum), within(1e-6f));
    assertThat(gradient[4]).isCloseTo((float) (1 / (1 + Math.exp(1)) - 1), within(1e-6f));
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
    assertThat(probe(rows, labels)).as("seed %d", seed).isGreaterThan(0.93);
    assertThat(probe(rows, noise)).as("seed %d", seed).isBetween(0.3, 0.7);
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
    assertThat(whole.predicted()[5]).isEqualTo(Explainer.classes(network.outputs(network.input(digits.image(5))))[0]);
  }
}
