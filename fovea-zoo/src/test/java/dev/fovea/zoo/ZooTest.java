package dev.fovea.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Layer;
import dev.fovea.model.Model;
import dev.fovea.model.Summary;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Compare;
import dev.fovea.testkit.Engine;
import java.util.ArrayList;
import java.util.Arrays;
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

  private static Graph graph(String name, int classes) {
    Network network = Zoo.find(name);
    return Model.graphOf(network.layer(settings(classes, Activation.RELU)), network.input());
  }

  private static Network.Settings settings(int classes, Activation activation) {
    return new Network.Settings(classes, List.of(128, 64), Pooling.MAX, activation);
  }

  /** Frozen upsampling included; of the heads of a network too. */
  @ParameterizedTest
  @CsvSource({
      "logistic, 2, 785", "mlp, 10, 109386", "lenet5, 10, 61706", "lenet-caffe, 10, 431080", "nin, 10, 966986",
      "vgg-small, 10, 3248202", "alexnet, 1000, 60965224", "caffenet, 1000, 60965224", "zfnet, 1000, 62357608",
      "googlenet, 1000, 13378280", "fcn32s, 21, 136152917", "fcn16s, 21, 134815994", "fcn8s, 21, 134489759",
      "fcn8s-atonce, 21, 134489759", "fcn-alexnet, 21, 58704590"})
  void parameterCountsAreThePublishedOnes(String name, int classes, long count) {
    Summary summary = Summary.of(graph(name, classes));
    assertThat(summary.trainable() + summary.frozen()).isEqualTo(count);
  }

  @Test
  void googlenetPredictsWithoutItsHeads() {
    Graph training = graph("googlenet", 1000);
    assertThat(training.heads()).containsExactly(entry("aux1", 0.3f), entry("aux2", 0.3f));
    assertThat(Summary.of(Rewrite.inference(training)).trainable()).isEqualTo(6_998_552);
  }

  /** The paper's 60,000; its output layer is not trained. */
  @Test
  void lenet5Of1998TrainsConnectedWeightsOnly() {
    Summary summary = Summary.of(graph("lenet5-1998", 10));
    assertThat(summary.trainable()).isEqualTo(60_000);
    assertThat(summary.frozen()).isEqualTo(10 * 84);
    assertThat(Summary.of(Model.graphOf(LeNet51998.linear(10), Shape.of(1, 32, 32))).trainable()).isEqualTo(60_850);
  }

  /** The output is the negative squared distance; two bitmaps differ in nine pixels or more. */
  @Test
  void everyBitmapOfLenet5Of1998IsNearestToItself() {
    Graph graph = graph("lenet5-1998", 14);
    Parameters parameters = Parameters.initial(graph, 1);
    Parameters.Entry entry = parameters.entry("output.weight");
    double[][] drawings = new double[14][84];
    for (int i = 0; i < 14 * 84; i++) {
      drawings[i / 84][i % 84] = 2 * parameters.values()[entry.offset() + i] - 1;
    }
    for (int i = 0; i < 14; i++) {
      double[] got = ofOutputLayer(graph, parameters, drawings[i]);
      for (int k = 0; k < 14; k++) {
        double distance = 0;
        for (int j = 0; j < 84; j++) {
          distance += Math.pow(drawings[i][j] - drawings[k][j], 2);
        }
        assertThat(got[k]).isEqualTo(-distance);
        if (i != k) {
          assertThat(distance).as("%d and %d", i, k).isGreaterThanOrEqualTo(4 * 9);
        }
      }
    }
  }

  /** The output of the layer "output" for these 84 values. */
  private static double[] ofOutputLayer(Graph graph, Parameters parameters, double[] x) {
    Value before = graph.nodes().stream().filter(n -> n.path().equals("output") && n.op() instanceof Op.Gemm).findFirst()
        .orElseThrow().inputs().getFirst();
    GraphBuilder g = new GraphBuilder();
    List<Value> values = new ArrayList<>();
    for (Node node : graph.nodes()) {
      boolean cut = values.size() == before.id();
      values
          .add(cut ? g.input("x", node.shape()) : g.op(node.op(), node.inputs().stream().map(v -> values.get(v.id())).toList()));
    }
    g.output("y", values.getLast());
    Parameters.Entry weight = parameters.entry("output.weight");
    double[] ink = new double[weight.shape().size()];
    Arrays.setAll(ink, i -> parameters.values()[weight.offset() + i]);
    return Compare.output(Engine.REFERENCE.run(Rewrite.prune(g.build()), Map.of("x", x, "output.weight", ink)), "y");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet5", "lenet-caffe", "mlp"})
  void maxoutKeepsTheShapesAfterIt(String name) {
    Network network = Zoo.find(name);
    Graph relu = Model.graphOf(network.layer(settings(10, Activation.RELU)), network.input());
    Graph maxout = Model.graphOf(network.layer(settings(10, Activation.MAXOUT)), network.input());
    assertThat(maxout.nodes().stream().filter(n -> n.op() instanceof Op.Maxout).map(Node::shape).toList()).isNotEmpty()
        .isEqualTo(relu.nodes().stream().filter(n -> n.op() instanceof Op.Relu).map(Node::shape).toList());
  }

  @ParameterizedTest
  @CsvSource({"3x180x240", "3x1x1", "3x97x33", "3x360x480"})
  void fcnSmallLabelsImagesOfAnySize(String size) {
    Shape input = Shape.parse(size);
    Graph graph = Model.graphOf(new FcnSmall(11), input);
    assertThat(graph.outputShape(Model.OUTPUT)).isEqualTo(Shape.of(1, 11, input.dim(1), input.dim(2)));
  }

  @Test
  void fcnSmallIsSmall() {
    assertThat(Summary.of(graph("fcn-small", 11)).multiplyAdds()).isLessThan(600_000_000L);
  }

  /** Each network of the zoo has one logit per class, for the image or for each pixel, also with another number of classes. */
  @Test
  void everyNetworkHasALogitPerClass() {
    for (Network network : Zoo.networks()) {
      Graph graph = graph(network.name(), 7);
      Shape output = graph.outputShape(Model.OUTPUT);
      Shape input = network.input();
      int logits = network.name().equals("logistic") ? 1 : 7;
      assertThat(output).as(network.name())
          .isEqualTo(output.rank() == 4 ? Shape.of(1, logits, input.dim(1), input.dim(2)) : Shape.of(1, logits));
      graph.heads().keySet().forEach(head -> assertThat(graph.outputShape(head)).isEqualTo(Shape.of(1, logits)));
      assertThat(network.mean()).hasSize(input.dim(0)).hasSameSizeAs(network.std());
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyPoolingKeepsTheSizes(Pooling pooling) {
    assertThat(graph(new LeNet5(10, pooling, Activation.TANH)).outputShape(Model.OUTPUT)).isEqualTo(Shape.of(1, 10));
    Graph caffe = graph(new LeNetCaffe(10, pooling, Activation.RELU));
    assertThat(graph(new LeNet5(10, pooling, Activation.MAXOUT)).outputShape(Model.OUTPUT)).isEqualTo(Shape.of(1, 10));
    assertThat(caffe.nodes().stream().filter(n -> n.path().startsWith("pool2")).map(Node::shape))
        .contains(Shape.of(1, 50, 4, 4));
  }

  @Test
  void namesAreNormalised() {
    assertThat(Zoo.find("lenet_caffe").name()).isEqualTo("lenet-caffe");
    assertThat(Zoo.find("LeNet5").name()).isEqualTo("lenet5");
    assertThatThrownBy(() -> Zoo.find("lenet6"))
        .isInstanceOf(FoveaException.class)
        .hasMessageStartingWith(
            "there is no network 'lenet6': did you mean lenet5? Available: logistic, mlp, lenet5, lenet-caffe");
  }

  @Test
  void anMlpHasOneToFiveHiddenLayers() {
    assertThatThrownBy(() -> new Mlp(List.of(), 10, Activation.RELU)).hasMessageContaining("1 to 5 hidden layers");
    assertThatThrownBy(() -> new Mlp(List.of(1, 2, 3, 4, 5, 6), 10, Activation.RELU))
        .hasMessageContaining("1 to 5 hidden layers");
    assertThatThrownBy(() -> new Mlp(List.of(0), 10, Activation.RELU)).hasMessageContaining("of 1 unit or more");
  }
}
