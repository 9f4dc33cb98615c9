package dev.fovea.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Compare;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.LayerContract;
import dev.fovea.testkit.ParityRule;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class LayersTest {
  private static final Shape MAPS = Shape.of(2, 4, 7, 6);
  private static final List<List<Integer>> TABLE = List.of(List.of(0, 2), List.of(3), List.of(0, 1, 2, 3));

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
  void furtherConvolutionsKeepTheirContract() {
    LayerContract.check(Conv2d.of(6, 3).same(), MAPS, Shape.of(2, 6, 7, 6));
    LayerContract.check(Conv2d.of(6, 4).same(), MAPS, Shape.of(2, 6, 7, 6));
    LayerContract.check(Conv2d.of(6, 2).dilation(3).same(), MAPS, Shape.of(2, 6, 7, 6));
    LayerContract.check(Conv2d.of(6, 3).same().stride(2), MAPS, Shape.of(2, 6, 4, 3));
    LayerContract.check(Conv2d.of(6, 3).padding(0, 1, 2, 3), MAPS, Shape.of(2, 6, 7, 8));
    LayerContract.check(Conv2d.of(6, 3).same().valid(), MAPS, Shape.of(2, 6, 5, 4));
    LayerContract.check(DepthwiseConv2d.of(3).padding(1), MAPS, MAPS);
    LayerContract.check(new DepthwiseConv2d(2, Window.of(3), false).stride(2), MAPS, Shape.of(2, 8, 3, 2));
    LayerContract.check(SeparableConv2d.of(5, 3).padding(1).stride(2), MAPS, Shape.of(2, 5, 4, 3));
    LayerContract.check(LocallyConnected2d.of(3, 3), MAPS, Shape.of(2, 3, 5, 4));
    LayerContract.check(new LocallyConnected2d(3, Window.of(2, 3).stride(2).padding(1, 0, 0, 2)), MAPS, Shape.of(2, 3, 4, 3));
    LayerContract.check(new PartialConv2d(TABLE, Window.of(3).padding(1)), MAPS, Shape.of(2, 3, 7, 6));
  }

  @Test
  void paddingThatKeepsTheSizePutsTheOddRowAtTheBottom() {
    Window even = Conv2d.of(1, 4).same().window();
    assertThat(List.of(even.top(), even.left(), even.bottom(), even.right())).containsExactly(1, 1, 2, 2);
    Window dilated = Conv2d.of(1, 3).dilation(2).same().window();
    assertThat(List.of(dilated.top(), dilated.bottom())).containsExactly(2, 2);
  }

  @Test
  void separableConvolutionsNameBothParts() {
    assertThat(Parameters.zeros(LayerRuns.graph(SeparableConv2d.of(5, 3), MAPS)).entries())
        .extracting(Parameters.Entry::name, Parameters.Entry::shape)
        .containsExactly(
            tuple("depthwise.weight", Shape.of(4, 1, 3, 3)),
            tuple("pointwise.weight", Shape.of(5, 4, 1, 1)),
            tuple("pointwise.bias", Shape.of(5)));
  }

  @Test
  void unconnectedWeightsReceiveNoGradient() {
    GraphBuilder g = new GraphBuilder();
    Value y = new PartialConv2d(TABLE, Window.of(3)).apply(g, g.input("x", MAPS));
    g.output("loss", g.op(new Op.Mean(), g.mul(y, y)));
    Graph graph = Gradients.withGradients(g.build(), "loss");
    Parameters parameters = Parameters.initial(graph, 3);
    Map<String, double[]> bound = new LinkedHashMap<>(Map.of("x", ParityRule.values("signed", "x", MAPS)));
    parameters.entries().forEach(e -> bound.put(e.name(), LayerRuns.values(parameters, e.name())));
    double[] gradient = Compare.output(Engine.REFERENCE.run(graph, bound), "gradient/weight");
    for (int i = 0; i < gradient.length; i++) {
      boolean connected = TABLE.get(i / 36).contains(i / 9 % 4);
      assertThat(gradient[i] != 0).as("weight %d", i).isEqualTo(connected);
    }
    assertThat(parameters.entry("mask").trainable()).isFalse();
    assertThat(graph.outputs()).doesNotContainKey("gradient/mask");
  }

  /** On a constant image a shared filter has the same output at each position; these filters do not. */
  @Test
  void locallyConnectedFiltersAreNotShared() {
    double[] ones = new double[16];
    Arrays.fill(ones, 1);
    double[] shared = LayerRuns.run(Conv2d.of(1, 2), Shape.of(1, 1, 4, 4), ones);
    double[] own = LayerRuns.run(LocallyConnected2d.of(1, 2), Shape.of(1, 1, 4, 4), ones);
    assertThat(Arrays.stream(shared).distinct()).hasSize(1);
    assertThat(Arrays.stream(own).distinct()).hasSize(9);
  }

  @Test
  void activationsKeepTheirContract() {
    for (Activation activation : Activation.values()) {
      LayerContract.check(activation, MAPS, MAPS.with(1, 4 / activation.pieces()));
    }
    LayerContract.check(new LeakyRelu(0.2), Shape.of(3, 5), Shape.of(3, 5));
    LayerContract.check(new Dropout(0.4), MAPS, MAPS);
    LayerContract.check(new PRelu(), MAPS, MAPS);
    LayerContract.check(new PRelu(), Shape.of(3, 5), Shape.of(3, 5));
    LayerContract.check(new PRelu(), Shape.of(3, 5, 5), Shape.of(3, 5, 5));
    LayerContract.check(new Softmax(), MAPS, MAPS);
    LayerContract.check(Maxout.of(3), Shape.of(2, 6, 3, 2), Shape.of(2, 2, 3, 2));
    LayerContract.check(Maxout.of(2), Shape.of(3, 8), Shape.of(3, 4));
  }

  @Test
  void parametricSlopesStartAtAQuarterPerChannel() {
    double[] x = {-4, -8, 3, -2, 5, -1, -6, 7};
    assertThat(LayerRuns.run(new PRelu(), Shape.of(1, 2, 4), x)).containsExactly(-1, -2, 3, -0.5, 5, -0.25, -1.5, 7);
    assertThat(Parameters.zeros(LayerRuns.graph(new PRelu(), Shape.of(1, 4, 4))).entry("weight").shape())
        .isEqualTo(Shape.of(4, 1));
  }

  @Test
  void activationsHaveTheirTextbookValues() {
    double[] x = {-4, -1, -0.5, 0, 0.5, 1, 7};
    activation(Activation.RELU6, x, v -> Math.min(6, Math.max(0, v)));
    activation(Activation.ELU, x, v -> v < 0 ? Math.exp(v) - 1 : v);
    activation(Activation.SELU, x, v -> 1.0507009873554805 * (v < 0 ? 1.6732632423543772 * (Math.exp(v) - 1) : v));
    activation(Activation.SILU, x, v -> v / (1 + Math.exp(-v)));
    activation(Activation.SOFTPLUS, x, v -> Math.log(1 + Math.exp(v)));
    activation(Activation.HARD_SIGMOID, x, v -> v <= -3 ? 0 : v >= 3 ? 1 : v / 6 + 0.5);
    activation(Activation.HARD_SWISH, x, v -> v <= -3 ? 0 : v >= 3 ? v : v * (v + 3) / 6);
    activation(Activation.SCALED_TANH, x, v -> 1.7159 * Math.tanh(2 * v / 3));
    activation(Activation.GELU_TANH, x, v -> v / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v))));
    assertThat(LayerRuns.run(Activation.GELU, Shape.of(1, 2), new double[] {1, -1}))
        .containsExactly(new double[] {0.8413447460685429, -0.15865525393145707}, within(1e-7));
  }

  private static void activation(Layer layer, double[] x, DoubleUnaryOperator formula) {
    assertThat(LayerRuns.run(layer, Shape.of(1, x.length), x)).as(layer.toString())
        .containsExactly(Arrays.stream(x).map(formula).toArray(), within(1e-6));
  }

  @Test
  void sequencesNameTheirLayersAsPyTorchDoes() {
    Graph graph =
        LayerRuns.graph(Sequential.of(Conv2d.of(2, 3).named("conv1"), Activation.RELU, Sequential.of(Conv2d.of(3, 1))),
            Shape.of(1, 1, 5, 5));
    assertThat(Parameters.zeros(graph).entries())
        .extracting(Parameters.Entry::name)
        .containsExactly("conv1.weight", "conv1.bias", "2.0.weight", "2.0.bias");
  }

  @Test
  void errorsNameTheLayerAndTheFix() {
    LayerRuns.refused(Linear.of(3).named("fc"), MAPS,
        "fc.Linear expects N x features, got 2x4x7x6: add a Flatten layer before it");
    LayerRuns.refused(Conv2d.of(3, 9).named("conv9"), MAPS, "conv9: a window of 9x9 needs an input height of 9 or more, got 7");
    LayerRuns.refused(Conv2d.of(3, 3).groups(3), MAPS, "groups that divide 4 input and 3 output channels, got 3");
    LayerRuns.refused(Sequential.of(MaxPool2d.of(3).padding(3).named("pool")), MAPS,
        "pool: MaxPool expects padding smaller than the window");
    LayerRuns.refused(new Dropout(1), MAPS, "Dropout expects a rate of at least 0 and less than 1, got 1.0");
    LayerRuns.refused(
        Sequential.of(Conv2d.of(4, 1).named("a"), Conv2d.of(4, 1).named("a")), MAPS,
        "two parameters or inputs are called a.weight");
  }

  @Test
  void errorsInFurtherConvolutionsAndActivationsNameTheLayer() {
    LayerRuns.refused(LocallyConnected2d.of(3, 9).named("local"), MAPS,
        "local.LocallyConnected2d: a window of 9x9 needs an input height of 9 or more, got 7");
    LayerRuns.refused(LocallyConnected2d.of(3, 3).named("local"), Shape.of(2, 9),
        "local.LocallyConnected2d expects images of N x C x H x W, got 2x9");
    LayerRuns.refused(new PartialConv2d(List.of(List.of(4)), Window.of(3)).named("c3"), MAPS,
        "c3.PartialConv2d reads map 4 of 4");
    LayerRuns.refused(new PartialConv2d(TABLE, Window.of(3)).named("c3"), Shape.of(2, 9),
        "c3: Conv expects N x C x H x W, got 2x9");
    LayerRuns.refused(new DepthwiseConv2d(Integer.MAX_VALUE, Window.of(3), true).named("dw"), MAPS,
        "dw.DepthwiseConv2d expects at most 536870911 outputs for each of 4 channels, got 2147483647");
    LayerRuns.refused(DepthwiseConv2d.of(3).named("dw"), Shape.of(2, 9), "dw.Conv2d expects images of N x C x H x W, got 2x9");
    LayerRuns.refused(Maxout.of(3).named("out"), MAPS, "out: Maxout expects pieces that divide 4 channels, got 3");
    LayerRuns.refused(new LeakyRelu(-1).named("act"), MAPS, "act: LeakyRelu expects a slope of 0 or more, got -1.0");
  }
}
