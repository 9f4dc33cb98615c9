package dev.fovea.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Layer;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.ParityNetwork;
import dev.fovea.testkit.ParityNetworks;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZooTest {
  private static final Shape DIGIT = Shape.of(1, 28, 28);

  private static Graph graph(Layer layer) {
    return Model.graphOf(layer, DIGIT);
  }

  @Test
  void lenet5HasTheShapesOfItsTable() {
    String shapes =
        graph(LeNet5.modern(10)).nodes().stream()
            .filter(n -> !n.inputs().isEmpty())
            .map(n -> n.op().type() + " " + n.shape().withoutBatch())
            .collect(Collectors.joining(", "));
    assertThat(shapes)
        .isEqualTo(
            "Conv 6x28x28, Relu 6x28x28, MaxPool 6x14x14, Conv 16x10x10, Relu 16x10x10, MaxPool 16x5x5, Flatten 400, "
                + "Gemm 120, Relu 120, Gemm 84, Relu 84, Gemm 10");
  }

  @ParameterizedTest
  @CsvSource({"lenet5, 61706", "lenet-caffe, 431080", "logistic, 785", "mlp, 109386"})
  void parameterCountsAreThePublishedOnes(String name, int count) {
    Network.Settings settings = new Network.Settings(10, List.of(128, 64), Pooling.MAX, Activation.RELU);
    assertThat(Parameters.zeros(graph(Zoo.find(name).layer(settings))).trainableSize()).isEqualTo(count);
  }

  @ParameterizedTest
  @EnumSource
  void everyPoolingKeepsTheSizes(Pooling pooling) {
    assertThat(graph(new LeNet5(10, pooling, Activation.TANH)).outputShape(Model.OUTPUT)).isEqualTo(Shape.of(1, 10));
    Graph caffe = graph(new LeNetCaffe(10, pooling, Activation.RELU));
    assertThat(caffe.nodes().stream().filter(n -> n.path().startsWith("pool2")).map(Node::shape))
        .contains(Shape.of(1, 50, 4, 4));
  }

  /** Written by layers or by hand, the networks are the same function with the same parameters. */
  @ParameterizedTest
  @ValueSource(strings = {"logistic", "mlp1", "mlp3", "mlp5", "lenet_caffe"})
  void theNetworksOfThePapersAreThoseThatPyTorchWasAsked(String name) {
    ParityNetwork network = ParityNetwork.read(name);
    Graph ours = Rewrite.withBatch(graph(layer(name)), network.input().dim(0));
    Map<String, double[]> bound = new LinkedHashMap<>(network.parameterValues());
    bound.putAll(network.inputValues());
    String last = network.layers().getLast().name();
    assertThat(Engine.REFERENCE.run(ours, bound).get(Model.OUTPUT))
        .isEqualTo(Engine.REFERENCE.run(ParityNetworks.graph(network), bound).get(last));
  }

  private static Layer layer(String name) {
    return switch (name) {
      case "logistic" -> new Logistic();
      case "lenet_caffe" -> LeNetCaffe.original(10);
      default -> new Mlp(Collections.nCopies(name.charAt(3) - '0', 32), 10, Activation.SIGMOID);
    };
  }

  @Test
  void namesAreForgiving() {
    assertThat(Zoo.find("lenet_caffe").name()).isEqualTo("lenet-caffe");
    assertThat(Zoo.find("LeNet5").name()).isEqualTo("lenet5");
    assertThatThrownBy(() -> Zoo.find("lenet6"))
        .isInstanceOf(FoveaException.class)
        .hasMessageStartingWith(
            "there is no network 'lenet6': did you mean lenet5? Known are logistic, mlp, lenet5, lenet-caffe");
  }

  @Test
  void anMlpHasOneToFiveHiddenLayers() {
    assertThatThrownBy(() -> new Mlp(List.of(), 10, Activation.RELU)).hasMessageContaining("1 to 5 hidden layers");
    assertThatThrownBy(() -> new Mlp(List.of(1, 2, 3, 4, 5, 6), 10, Activation.RELU))
        .hasMessageContaining("1 to 5 hidden layers");
    assertThatThrownBy(() -> new Mlp(List.of(0), 10, Activation.RELU)).hasMessageContaining("of 1 unit or more");
  }
}
