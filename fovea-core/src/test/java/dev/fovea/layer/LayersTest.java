package dev.fovea.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Parameters;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.LayerContract;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayersTest {
  private static final Shape MAPS = Shape.of(2, 4, 7, 6);

  @Test
  void convolutionKeepsItsContract() {
    LayerContract.check(Conv2d.of(6, 3), MAPS, Shape.of(2, 6, 5, 4));
    LayerContract.check(Conv2d.of(6, 3).stride(2).padding(1), MAPS, Shape.of(2, 6, 4, 3));
    LayerContract.check(Conv2d.of(6, 2).dilation(3).bias(false), MAPS, Shape.of(2, 6, 4, 3));
    LayerContract.check(Conv2d.of(6, 3).groups(2), MAPS, Shape.of(2, 6, 5, 4));
    LayerContract.check(Conv2d.of(8, 1).groups(4), MAPS, Shape.of(2, 8, 7, 6));
  }

  @Test
  void fullyConnectedLayersKeepTheirContract() {
    LayerContract.check(Linear.of(5), Shape.of(3, 7), Shape.of(3, 5));
    LayerContract.check(Linear.of(5).bias(false), Shape.of(1, 7), Shape.of(1, 5));
    LayerContract.check(new Flatten(), MAPS, Shape.of(2, 168));
  }

  @Test
  void poolingKeepsItsContract() {
    Shape halved = Shape.of(2, 4, 3, 3);
    LayerContract.check(MaxPool2d.of(2), MAPS, halved);
    LayerContract.check(MaxPool2d.of(3).stride(2).padding(1), MAPS, Shape.of(2, 4, 4, 3));
    LayerContract.check(AvgPool2d.of(2), MAPS, halved);
    LayerContract.check(AvgPool2d.of(3).stride(2).padding(1).countPadding(false), MAPS, Shape.of(2, 4, 4, 3));
    LayerContract.check(GaussianPool2d.of(3, 1), MAPS, Shape.of(2, 4, 4, 3));
    LayerContract.check(GaussianPool2d.of(5, 1.5), MAPS, Shape.of(2, 4, 4, 3));
    LayerContract.check(TrainablePool2d.of(2, Activation.TANH), MAPS, halved);
  }

  @Test
  void activationsKeepTheirContract() {
    for (Activation activation : Activation.values()) {
      LayerContract.check(activation, MAPS, MAPS.with(1, 4 / activation.pieces()));
    }
    LayerContract.check(new LeakyRelu(0.2), Shape.of(3, 5), Shape.of(3, 5));
    LayerContract.check(new Dropout(0.4), MAPS, MAPS);
  }

  @Test
  void sequencesNameTheirPartsAsPyTorchDoes() {
    Graph graph =
        graph(Sequential.of(Conv2d.of(2, 3).named("conv1"), Activation.RELU, Sequential.of(Conv2d.of(3, 1))),
            Shape.of(1, 1, 5, 5));
    assertThat(Parameters.zeros(graph).entries())
        .extracting(Parameters.Entry::name)
        .containsExactly("conv1.weight", "conv1.bias", "2.0.weight", "2.0.bias");
  }

  /** Over a wide enough window a Gaussian counts the middle more; over 2x2 all points are equally far from it. */
  @Test
  void gaussianPoolingIsNotTheMean() {
    double[] picture = new double[49];
    picture[3 * 7 + 3] = 1;
    double[] gaussian = run(new GaussianPool2d(GaussianPool2d.of(3, 1).window().padding(0), 1), Shape.of(1, 1, 7, 7), picture);
    double[] mean = run(AvgPool2d.of(3).stride(2), Shape.of(1, 1, 7, 7), picture);
    assertThat(gaussian).hasSameSizeAs(mean);
    assertThat(Arrays.stream(gaussian).sum()).isNotCloseTo(Arrays.stream(mean).sum(), within(0.05));
    assertThatThrownBy(() -> GaussianPool2d.of(2, 1)).isInstanceOf(FoveaException.class).hasMessageContaining("3 or wider");
  }

  @Test
  void gaussianKernelsSumToOneAndAreNotTrained() {
    Parameters parameters = Parameters.initial(graph(GaussianPool2d.of(3, 1), MAPS), 1);
    assertThat(parameters.trainableSize()).isZero();
    double sum = 0;
    for (int i = 0; i < 9; i++) {
      sum += parameters.values()[i];
    }
    assertThat(sum).isCloseTo(1, within(1e-6));
    assertThat(parameters.values()[4]).isGreaterThan(parameters.values()[1]).isGreaterThan(2 * parameters.values()[0]);
  }

  @Test
  void trainablePoolingBeginsAsTheMean() {
    double[] picture = new double[16];
    Arrays.setAll(picture, i -> i * 0.1);
    assertThat(run(TrainablePool2d.of(2, (_, x) -> x), Shape.of(1, 1, 4, 4), picture))
        .containsExactly(run(AvgPool2d.of(2), Shape.of(1, 1, 4, 4), picture), within(1e-6));
  }

  @Test
  void mistakesNameTheLayerAndTheMend() {
    refused(Linear.of(3).named("fc"), MAPS, "fc.Linear expects N x features, got 2x4x7x6: put a Flatten before it");
    refused(Conv2d.of(3, 9).named("conv9"), MAPS, "conv9: a window of 9x9 needs an input height of 9 or more, got 7");
    refused(Conv2d.of(3, 3).groups(3), MAPS, "groups that divide 4 input and 3 output channels, got 3");
    refused(Sequential.of(MaxPool2d.of(3).padding(3).named("pool")), MAPS,
        "pool: MaxPool expects padding smaller than the window");
    refused(new Dropout(1), MAPS, "Dropout expects a rate from 0 up to, not including, 1, got 1.0");
    refused(
        Sequential.of(Conv2d.of(4, 1).named("a"), Conv2d.of(4, 1).named("a")), MAPS,
        "two parameters or inputs are called a.weight");
  }

  private static void refused(Layer layer, Shape input, String message) {
    assertThatThrownBy(() -> graph(layer, input)).isInstanceOf(FoveaException.class).hasMessageContaining(message);
  }

  private static Graph graph(Layer layer, Shape input) {
    GraphBuilder g = new GraphBuilder();
    g.output("y", layer.apply(g, g.input("x", input)));
    return g.build();
  }

  private static double[] run(Layer layer, Shape input, double[] x) {
    Graph graph = graph(layer, input);
    Parameters parameters = Parameters.initial(graph, 1);
    Map<String, double[]> bound = new LinkedHashMap<>(Map.of("x", x));
    for (Parameters.Entry entry : parameters.entries()) {
      double[] values = new double[entry.shape().size()];
      Arrays.setAll(values, i -> parameters.values()[entry.offset() + i]);
      bound.put(entry.name(), values);
    }
    return Engine.REFERENCE.run(graph, bound).getOrDefault("y", new double[0]);
  }
}
