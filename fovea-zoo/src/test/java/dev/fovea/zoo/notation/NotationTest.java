package dev.fovea.zoo.notation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Layer;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Pooling;
import dev.fovea.zoo.Zoo;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The layers of the notation, and its error messages. */
class NotationTest {
  private static final String TUTORIAL = "INPUT -> [[CONV 32 -> RELU]*2 -> POOL]*3 -> [FC 256 -> RELU]*1 -> FC";

  private static Graph graph(String text, Shape input) {
    return Model.graphOf(Notation.parse(text).layer(10), input);
  }

  private static Graph graph(String text) {
    return graph(text, Shape.of(1, 28, 28));
  }

  @Test
  void tutorialNetworkIsBuilt() {
    assertThat(Notation.parse(TUTORIAL))
        .hasToString("input -> [[conv 32 -> relu]*2 -> pool]*3 -> fc 256 -> relu -> fc");
    Graph graph = graph(TUTORIAL);
    assertThat(graph.outputShape(Model.OUTPUT)).isEqualTo(Shape.of(1, 10));
    assertThat(graph.nodes().stream().filter(n -> !n.inputs().isEmpty()).map(n -> n.op().type() + " " + n.shape().withoutBatch()))
        .containsExactly(
            "Conv 32x28x28", "Relu 32x28x28", "Conv 32x28x28", "Relu 32x28x28", "MaxPool 32x14x14",
            "Conv 32x14x14", "Relu 32x14x14", "Conv 32x14x14", "Relu 32x14x14", "MaxPool 32x7x7",
            "Conv 32x7x7", "Relu 32x7x7", "Conv 32x7x7", "Relu 32x7x7", "PadToMultiple 32x8x8", "MaxPool 32x4x4",
            "Flatten 512", "Gemm 256", "Relu 256", "Gemm 10");
    assertThat(graph.params().getLast().name()).isEqualTo("17.bias");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "INPUT->FC | input -> fc",
      "  Input  3X32X32->  fc   10 | input 3x32x32 -> fc 10",
      "input -> [[[fc 5]]]*1 -> [relu]*0 -> fc | input -> fc 5 -> fc",
      "input -> flatten -> fc 5 no bias | input -> fc 5 no bias",
      "input -> [ conv 8 5 pad same -> LEAKY_RELU 0.01 ] * 2 | input -> [conv 8 5x5 -> leaky-relu]*2",
      "input -> conv 8 7x7 stride 2x2 pad 3 | input -> conv 8 7x7 stride 2",
      "input -> conv 8 pad valid groups 2 dilation 2 no bias | input -> conv 8 pad 0 dilation 2 groups 2 no bias",
      "input -> conv 8 1x3 dilation 2 | input -> conv 8 1x3 dilation 2",
      "input -> conv 8 pad 0x1 | input -> conv 8 pad 0x1",
      "input -> conv 8 2x2 | input -> conv 8 2x2 pad same",
      "input -> conv 8 3x4 pad 1,1,1,2 | input -> conv 8 3x4 pad same",
      "input -> conv 8 2 dilation 2 pad 1 | input -> conv 8 2x2 dilation 2",
      "input -> pool pad same | input -> pool pad same",
      "input -> pool gaussian 4 | input -> pool gaussian 4x4 stride 2 pad same",
      "input -> conv 8 pad 0,1,1,0 stride 2x1 | input -> conv 8 stride 2x1 pad 0,1,1,0",
      "input -> pool max 2x2 stride 2 | input -> pool",
      "input -> pool pad 0 | input -> pool pad 0",
      "input -> pool mean 3 | input -> pool mean 3x3 stride 2",
      "input -> pool 2x2 stride 2 ceil | input -> pool ceil",
      "input -> pool lp dilation 2 | input -> pool lp dilation 2",
      "input -> pool gaussian 3x3 stride 2 pad same | input -> pool gaussian",
      "input -> pool gaussian pad 0 | input -> pool gaussian pad 0",
      "input -> pool trainable stride 1 pad 1 | input -> pool trainable 2x2 stride 1 pad 1",
      "input -> adaptive max 1x1 -> adaptive 7 -> global mean | input -> global max -> adaptive 7x7 -> global",
      "input -> dropout .5 -> dropout 0.25 -> dropout 1e-3 | input -> dropout -> dropout 0.25 -> dropout 0.001",
      "input -> batchnorm -> lrn 5 -> lrn 7 -> maxout 2 | input -> batchnorm -> lrn -> lrn 7 -> maxout 2",
      "input -> relu -> tanh -> relu -> tanh -> relu | input -> [relu -> tanh]*2 -> relu"})
  void eachTextHasOneCanonicalForm(String text, String canonical) {
    assertThat(Notation.parse(text)).hasToString(canonical);
    assertThat(Notation.parse(canonical)).hasToString(canonical);
  }

  @ParameterizedTest
  @EnumSource
  void everyActivationIsAStep(Activation activation) {
    String pieces = activation.pieces() == 1 ? "" : " " + activation.pieces();
    String text = "input 1x28x28 -> conv 4 -> " + activation.spelling() + pieces + " -> fc 10";
    assertThat(Notation.of(graph(text))).contains(text);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "conv 8 -> relu | notation, column 1, at 'conv 8 -> relu': expected input at the beginning of a network, got 'conv'",
      "input | notation, column 6: expected ->, got the end",
      "input 28x28 -> fc | notation, column 7, at '28x28 -> fc': expected the input's channels, height and width, as in 1x28x28, "
          + "each from 1 to 32768, got '28x28'",
      "input 30000x30000x30000 -> fc | notation, column 7, at '30000x30000x30000 -> fc': a tensor of 30000x30000x30000 has more "
          + "than 2^31 - 1 elements",
      "input -> con 8 | notation, column 10, at 'con 8': there is no step 'con': did you mean conv? Available: conv, pool, ",
      "input -> KÖNV 8 | notation, column 10, at 'KÖNV 8': there is no step 'könv': available: conv, pool, ",
      "input -> conv 8 → fc | notation, column 17, at '→ fc': expected -> or the end, got '→'",
      "input -> 😀 | notation, column 10, at '😀': expected a step or a group, got '😀'",
      "input -> \u0001x | notation, column 10, at 'U+0001x': expected a step or a group, got 'U+0001'",
      "input -> conv -> relu | notation, column 15, at '-> relu': expected the filters of conv, as in conv 32, an integer from"
          + " 1 to 1000000, got '->'",
      "input -> conv 99999999999 | notation, column 15, at '99999999999': expected the filters of conv",
      "input -> conv 0 | notation, column 15, at '0': expected the filters of conv",
      "input -> conv 8 3x3x3 | notation, column 17, at '3x3x3': expected a window, as in 3x3, each from 1 to 32768, got '3x3x3'",
      "input -> conv 8 strid 2 | notation, column 17, at 'strid 2': conv has no setting 'strid': did you mean stride?",
      "input -> conv 8 relu | notation, column 17, at 'relu': expected -> before 'relu'",
      "input -> conv 8 stride 2 stride 3 | notation, column 26, at 'stride 3': conv has the setting stride twice: give it once",
      "input -> conv 8 no pad | notation, column 20, at 'pad': expected bias, as in no bias, got 'pad'",
      "input -> conv 8 ceil | notation, column 17, at 'ceil': conv has no setting 'ceil'",
      "input -> conv 8 pad 1,1 | notation, column 21, at '1,1': expected a padding at the top, left, bottom and right",
      "input -> pool avg | notation, column 15, at 'avg': pool has no setting 'avg': available: max, mean, gaussian, trainable, lp",
      "input -> relu 3 | notation, column 15, at '3': expected -> or the end, got '3'",
      "input -> dropout 1 | notation, column 18, at '1': expected dropout's rate, from 0 up to, not including, 1, got '1'",
      "input -> leaky-relu 0.1.2 | notation, column 21, at '0.1.2': expected the slope of leaky-relu",
      "input -> softmax | notation, column 10, at 'softmax': leave softmax out: it is part of the loss and of the prediction",
      "input -> fc -> input | notation, column 16, at 'input': input is allowed only once, at the beginning",
      "input -> [fc -> relu]*2 -> fc | notation, column 11, at 'fc -> relu]*2 -> fc': fc expects its units, as in fc 256",
      "input -> [conv 8 -> pool?]*2 | notation, column 25, at '?]*2': expected -> or ], got '?'",
      "input -> [conv 8]*N | notation, column 19, at 'N': expected the number of repetitions of the group, an integer from 0",
      "input -> [conv 8 | notation, column 17: expected -> or ], got the end",
      "input -> [] | notation, column 11, at ']': expected a step or a group, got ']'",
      "input -> relu -> | notation, column 17: expected a step or a group, got the end",
      "input -> relu] | notation, column 14, at ']': expected -> or the end, got ']'",
      "input -> [relu]*0 | notation, column 1, at 'input -> [relu]*0': the network has no step",
      "input - > relu | notation, column 7, at '- > relu': expected ->, got '-'"})
  void errorsPointAtTheCharacter(String text, String message) {
    assertThatThrownBy(() -> Notation.parse(text)).isInstanceOf(FoveaException.class).hasMessageStartingWith(message);
  }

  @Test
  void byteOrderMarkIsSkipped() {
    assertThat(Notation.parse("\uFEFFinput -> fc")).hasToString("input -> fc");
  }

  @Test
  void errorsOfLayersPointAtTheStep() {
    assertThatThrownBy(() -> graph("input -> [conv 8 pad 0 -> pool]*4 -> fc"))
        .isInstanceOf(FoveaException.class)
        .hasMessage("notation, column 11, conv 8 pad 0: a window of 3x3 needs an input height of 3 or more, got 2");
    assertThatThrownBy(() -> graph("input -> conv 9 groups 2"))
        .hasMessageStartingWith("notation, column 10, conv 9 groups 2: Conv2d expects groups that divide 1 input and 9 output");
    assertThatThrownBy(() -> graph("input -> fc 5 -> pool"))
        .hasMessageStartingWith("notation, column 18, pool: MaxPool expects N x C x H x W, got 1x5");
  }

  @Test
  void hostileTextsAreRefusedBeforeAllocation() {
    assertThatThrownBy(() -> Notation.parse("input -> " + "relu -> ".repeat(2000) + "fc"))
        .hasMessage("a notation of 16011 characters; more than 10000 are refused: write repeated steps as a group, as in"
            + " [conv 32 -> relu]*9");
    assertThatThrownBy(() -> Notation.parse("input -> [[[relu]*100]*100]*1000000"))
        .hasMessageStartingWith("notation, column 10")
        .hasMessageContaining("expanded this is 10000000000 steps; more than 10000 are refused");
    assertThatThrownBy(() -> Notation.parse("input -> " + "[".repeat(5000)))
        .hasMessageContaining("more than 100 levels are refused");
    assertThatThrownBy(() -> Notation.parse("input -> " + "x".repeat(5000)).toString())
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
    assertThatThrownBy(() -> Notation.parse("input -> \u001b[31m\u202e")).hasMessageMatching("[ -~]+");
    assertThat(Notation.parse("input -> [[[relu]*100]*100]*1")).hasToString("input -> [relu]*10000");
    assertThat(Notation.parse("input -> [[relu]*0]*1000000000 -> fc")).hasToString("input -> fc");
  }

  /** For even windows too, as in Conv2d and other frameworks. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "2, 2", "3, 2", "4, 1", "4, 2", "4, 3", "5, 3"})
  void padSameGivesOnePositionPerStride(int window, int stride) {
    for (int side : new int[] {7, 8}) {
      Shape input = Shape.of(1, side, side + 1);
      Shape map = Shape.of(1, 1, Math.ceilDiv(side, stride), Math.ceilDiv(side + 1, stride));
      String settings = window + "x" + window + " stride " + stride;
      Graph conv = graph("input -> conv 1 " + settings, input);
      assertThat(conv.outputShape(Model.OUTPUT)).isEqualTo(map);
      assertThat(conv).isEqualTo(graph("input -> conv 1 " + settings + " pad same", input));
      assertThat(conv.nodes().stream().map(Node::op)).contains(
          new Op.Conv(Conv2d.of(1, window).stride(stride).same().window(), 1));
      for (String kind : List.of("max", "mean", "trainable", "lp")) {
        assertThat(graph("input -> pool " + kind + " " + settings + " pad same", input).outputShape(Model.OUTPUT)).isEqualTo(map);
      }
      if (window > 2) {
        assertThat(graph("input -> pool gaussian " + settings, input).outputShape(Model.OUTPUT)).isEqualTo(map);
      }
    }
  }

  /** Odd sides are padded, so that their last row and column count; even ones are not. */
  @ParameterizedTest
  @ValueSource(strings = {"max", "mean"})
  void poolingHalvesUpwards(String kind) {
    Graph odd = graph("input -> pool " + kind, Shape.of(1, 7, 6));
    assertThat(odd.outputShape(Model.OUTPUT)).isEqualTo(Shape.of(1, 1, 4, 3));
    assertThat(graph("input -> pool " + kind, Shape.of(1, 8, 6)))
        .isEqualTo(graph("input -> pool " + kind + " pad 0", Shape.of(1, 8, 6)));
    assertThat(graph("input -> pool " + kind + " pad 0", Shape.of(1, 7, 6)).outputShape(Model.OUTPUT))
        .isEqualTo(Shape.of(1, 1, 3, 3));
  }

  @Test
  void javaExampleOfThePageWorks() {
    Layer net = Notation.parse("input -> [conv 8 -> relu -> pool]*2 -> fc").layer(10);
    Optional<String> text = Notation.of(Model.graphOf(net, Shape.of(1, 28, 28)));
    assertThat(text).contains("input 1x28x28 -> [conv 8 -> relu -> pool]*2 -> fc 10");
  }

  @Test
  void aNotationIsANetworkOfTheZoo() {
    Network network = Zoo.find("INPUT 3x32x32 -> CONV 8 -> RELU -> FC");
    assertThat(network.name()).isEqualTo("input 3x32x32 -> conv 8 -> relu -> fc");
    assertThat(network.input()).isEqualTo(Shape.of(3, 32, 32));
    assertThat(network.recipe()).isEqualTo(Zoo.find("lenet5").recipe());
    Network.Settings four = new Network.Settings(4, List.of(), Pooling.MAX, Activation.RELU);
    Graph graph = Model.graphOf(network.layer(four), network.input());
    assertThat(Parameters.zeros(graph).trainableSize()).isEqualTo(8 * 27 + 8 + 4 * 8 * 32 * 32 + 4);
    assertThat(Zoo.find("input->fc").input()).isEqualTo(Zoo.find("lenet5").input());
    assertThatThrownBy(() -> Zoo.find("input fc")).hasMessageStartingWith("notation, column 7, at 'fc': expected ->");
  }
}
