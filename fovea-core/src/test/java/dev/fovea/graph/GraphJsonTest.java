package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.fovea.format.Json;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.OpCase;
import dev.fovea.testkit.OpCases;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GraphJsonTest {
  /** Writes the graph as text and reads it back. */
  private static Graph throughText(Graph graph) {
    return read(GraphJson.write(graph).text());
  }

  private static Graph read(String text) {
    return GraphJson.read(Json.parseObject(text, "model.safetensors: graph"), "model.safetensors");
  }

  @Test
  void everyForwardGraphRoundTrips() {
    for (OpCase c : OpCases.forward()) {
      Graph graph = c.graphWithParameters();
      assertThat(throughText(graph)).as(c.name()).isEqualTo(graph);
    }
    for (Graph graph : List.of(TinyNetworks.convolutional(2), TinyNetworks.frozenAndIdle(), TinyNetworks.normalized(3, 0.1f))) {
      assertThat(throughText(graph)).isEqualTo(graph);
    }
  }

  @Test
  void everyForwardOperatorHasACase() {
    Set<Class<?>> written = OpCases.forward().stream().map(c -> c.op().getClass()).collect(Collectors.toSet());
    assertThat(written).containsExactlyInAnyOrderElementsOf(Arrays.asList(Op.Forward.class.getPermittedSubclasses()));
  }

  /** The one table of operators that javac cannot check: its keys are text. */
  @Test
  void everyForwardOperatorIsRead() {
    List<String> unknown = Stream.of(Op.Source.class, Op.Forward.class)
        .flatMap(family -> Arrays.stream(family.getPermittedSubclasses()))
        .map(Class::getSimpleName)
        .filter(name -> String.valueOf(catchThrowable(() -> read("{\"nodes\": [{\"op\": \"" + name + "\"}], \"outputs\": {}}")))
            .contains("unknown operator"))
        .toList();
    assertThat(unknown).as("operators that GraphJson writes and does not read").isEmpty();
  }

  @Test
  void everyInitRoundTrips() {
    List<Init> inits = List.of(
        new Init.Uniform(0.1f), new Init.Normal(0.2f), new Init.Constant(-3), new Init.GaussianKernel(1.5f),
        new Init.Ones(List.of(0, 3, 35)), new Init.Ones(List.of()), new Init.Bilinear());
    assertThat(inits.stream().map(Object::getClass).distinct()).hasSameSizeAs(Init.class.getPermittedSubclasses());
    GraphBuilder g = new GraphBuilder();
    for (int i = 0; i < inits.size(); i++) {
      g.output("p" + i, g.param("p" + i, Shape.of(2, 2, 3, 3), inits.get(i)));
    }
    assertThat(throughText(g.build())).isEqualTo(g.build());
  }

  @Test
  void namesThatWouldBreakALineAreRefused() {
    for (String name : List.of("a\nb", "\u001b[2J", "n".repeat(1001))) {
      GraphBuilder g = new GraphBuilder();
      Value x = g.scope(name, () -> g.op(new Op.Relu(), g.input("input", Shape.of(1, 2))));
      g.output("output", x);
      assertThatThrownBy(() -> GraphJson.read(GraphJson.write(g.build()), "file")).isInstanceOf(FoveaException.class)
          .hasMessageContaining("a name has at most 1000 characters");
    }
  }

  /** Older versions of Fovea wrote PICTURE for the unit IMAGE. */
  @Test
  void theFormerNameOfAUnitIsRead() {
    GraphBuilder g = new GraphBuilder();
    g.output("output", g.op(new Op.Dropout("drop", 0.5f, Op.Unit.IMAGE), g.input("input", Shape.of(1, 2))));
    String text = GraphJson.write(g.build()).text();
    assertThat(text).contains("\"unit\":\"IMAGE\"");
    assertThat(read(text.replace("\"IMAGE\"", "\"PICTURE\""))).isEqualTo(g.build());
  }

  /** Files of versions in which these operators had no axis, and reshapes kept the batch. */
  @Test
  void operatorsWithoutAnAxisWorkAlongTheChannels() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("input", Shape.of(1, 2, 3));
    Value y = g.op(new Op.Softmax(), g.op(new Op.LogSoftmax(), g.op(new Op.Concat(), x, x)));
    g.output("output", g.op(Op.Reshape.image(Shape.of(12)), y));
    String text = GraphJson.write(g.build()).text();
    assertThat(text).doesNotContain("axis", "dims", "fixed").contains("\"shape\":[12]");
    assertThat(read(text)).isEqualTo(g.build());
  }

  @Test
  void fixedAxesAreKept() {
    GraphBuilder g = new GraphBuilder();
    g.output("output", g.op(new Op.Relu(), g.op(new Op.Input("input", Shape.of(1, 3, 8, 8), List.of(2, 3)))));
    assertThat(throughText(g.build())).isEqualTo(g.build());
  }

  @Test
  void headsKeepTheirWeights() {
    Graph graph = throughText(TinyNetworks.headed());
    assertThat(graph).isEqualTo(TinyNetworks.headed());
    assertThat(graph.heads()).containsEntry("aux", 0.3f);
    assertThat(GraphJson.write(TinyNetworks.convolutional(1)).has("heads")).isFalse();
  }

  @Test
  void gradientsAreNotStored() {
    Graph graph = Gradients.withGradients(TinyNetworks.frozenAndIdle(), "loss");
    assertThatThrownBy(() -> GraphJson.write(graph)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("only forward graphs are stored");
    Graph training = Rewrite.training(TinyNetworks.normalized(2, 0.1f));
    assertThatThrownBy(() -> GraphJson.write(training)).isInstanceOf(IllegalArgumentException.class);
  }

  static Stream<Arguments> hostile() {
    String big = "2147483647";
    return Stream.of(
        arguments("1x2x4x4", "\"Dropout\", \"name\": \"d\", \"rate\": 0.5, \"unit\": \"ROW\"",
            "unit: expected one of [ELEMENT, CHANNEL, IMAGE], got 'ROW'"),
        arguments("4", "\"Dropout\", \"name\": \"d\", \"rate\": 0.5, \"unit\": \"CHANNEL\"",
            "Dropout expects N x C x ..., got 4"),
        arguments("1x2x4x4", "\"Dropout\", \"name\": \"d\", \"rate\": 1e999, \"unit\": \"ELEMENT\"", ""),
        arguments("1x2x4x4", "\"Resize\", \"interpolation\": \"CUBIC\", \"scale\": 2", "interpolation: expected one of"),
        arguments("1x2x4x4", "\"Resize\", \"interpolation\": \"NEAREST\", \"scale\": " + big,
            "Resize expects a scale of 1 or more"),
        arguments("1x2x4x4", "\"Resize\", \"interpolation\": \"NEAREST\", \"scale\": 0", "Resize expects a scale of 1 or more"),
        arguments("1x2x4x4", "\"AdaptiveAveragePool\", \"size\": [3]", "size: expected 2 numbers, got 1"),
        arguments("1x2x4x4", "\"AdaptiveMaxPool\", \"size\": [" + big + ", 1]", "AdaptiveMaxPool expects an output of 1x1 to"),
        arguments("1x2x4x4", "\"AdaptiveAveragePool\", \"size\": [32768, 32768]", "has more than 2^31 - 1 elements"),
        arguments("1x2x4x4", "\"Pad\", \"axis\": -1, \"before\": 1, \"after\": 1", "Pad expects an axis of 1x2x4x4, got -1"),
        arguments("1x2x4x4", "\"Pad\", \"axis\": 2, \"before\": -1, \"after\": 1", "Pad expects paddings from 0 to 32768"),
        arguments("1x2x4x4", "\"Pad\", \"axis\": 2, \"before\": " + big + ", \"after\": " + big, "Pad expects paddings"),
        arguments("1x" + big, "\"Pad\", \"axis\": 1, \"before\": 1, \"after\": 0", "Pad expects a smaller axis, got 2147483648"),
        arguments("1x2x4x4", "\"PadToMultiple\", \"multiple\": 0", "PadToMultiple expects a multiple from 1 to 32768, got 0"),
        arguments("1x1x1x" + big, "\"PadToMultiple\", \"multiple\": 32768", ""),
        arguments("1x2x4x4", "\"Slice\", \"axis\": 9, \"from\": 0, \"to\": 1", "Slice expects an axis of 1x2x4x4, got 9"),
        arguments("1x2x4x4", "\"Slice\", \"axis\": 1, \"from\": 1, \"to\": 1", "Slice expects a range inside 0 to 2, got 1 to 1"),
        arguments("1x2x4x4", "\"Slice\", \"axis\": 1, \"from\": -1, \"to\": 9", "Slice expects a range inside 0 to 2"),
        arguments("1x2x4x4", "\"Crop\", \"offset\": [0, 0]", "Crop expects 2 operands, got 1"),
        arguments("1x2x4x4", "\"Maxout\", \"pieces\": 0", "Maxout expects pieces that divide 2 channels, got 0"),
        arguments("1x2x4x4", "\"Sum\", \"axis\": -1", "Sum expects an axis of 1x2x4x4, got -1"),
        arguments("9", "\"OneHot\", \"classes\": 0", "OneHot expects N x ... labels of 1 class or more"),
        arguments("9", "\"OneHot\", \"classes\": " + big, "has more than 2^31 - 1 elements"),
        arguments("1x2x4x4", "\"OneHot\", \"classes\": 1.5", ""),
        arguments("1x2x4x4", "\"Lrn\", \"size\": 0, \"alpha\": 1, \"beta\": 1, \"k\": 1", "Lrn expects a size of 1 or more"),
        arguments("1x2x4x4", "\"Lrn\", \"size\": 5, \"alpha\": 1, \"beta\": 1", "k"),
        arguments("1x2x4x4", "\"BatchNormalization\", \"epsilon\": 0, \"momentum\": 0.1",
            "BatchNormalization expects an epsilon"),
        arguments("1x2x4x4", "\"BatchNormalization\", \"epsilon\": 1e-5, \"momentum\": 0.1",
            "BatchNormalization expects 5 operands, got 1"),
        arguments("1x2x4x4", "\"RowNormalization\", \"axis\": 1, \"groups\": 3, \"epsilon\": 1e-5",
            "RowNormalization expects groups that divide 2 channels, got 3"),
        arguments("1x2x4x4", "\"RowNormalization\", \"axis\": 0, \"groups\": 1, \"epsilon\": 1e-5",
            "RowNormalization expects an axis from 1 to 3, got 0"),
        arguments("1x2x4x4", "\"RowNormalization\", \"axis\": 1, \"groups\": 1, \"epsilon\": -1",
            "RowNormalization expects an epsilon above 0, got -1.0"),
        arguments("1x2x4x4", "\"Clip\", \"min\": 2, \"max\": 1", "Clip expects a minimum that is not above the maximum"),
        arguments("1x2x4x4", "\"Elu\", \"alpha\": -1", "Elu expects an alpha of 0 or more, got -1.0"),
        arguments("1x2x4x4", "\"Elu\", \"alpha\": \"1\"", "alpha"),
        arguments("1x2x4x4", "\"Reshape\", \"shape\": [0]", "a shape's sizes must be 1 or more"),
        arguments("1x2x4x4", "\"Reshape\", \"shape\": [65536, 65536]", "has more than 2^31 - 1 elements"),
        arguments("1x2x4x4", "\"Reshape\", \"shape\": [31]",
            "Reshape expects 1x31 or the same number of elements, got 1x2x4x4"),
        arguments("1x2x4x4", "\"Reshape\", \"dims\": [1, \"all\"]", "dims: expected sizes, axes and \"rest\", got 'all'"),
        arguments("1x2x4x4", "\"Reshape\", \"dims\": [{\"axis\": 4}]", "Reshape expects an axis of 1x2x4x4, got 4"),
        arguments("1x2x4x4", "\"Reshape\", \"dims\": [{\"axes\": 1}]", "'axis' is missing"),
        arguments("1x2x4x4", "\"Reshape\", \"dims\": [1e9, \"rest\"]", "expected a 32-bit integer, got '1e9'"),
        arguments("1x2x4x4", "\"Reshape\", \"dims\": [-1, 32]", "Reshape expects sizes of 1 or more, got -1"),
        arguments("1x2x4x4", "\"Transpose\", \"perm\": [0, 1, 2]", "Transpose expects each axis of 1x2x4x4 once, got [0, 1, 2]"),
        arguments("1x2x4x4", "\"Gather\", \"axis\": 1, \"indices\": [0, -1]", "Gather expects indices from 0 to 1, got -1"),
        arguments("1x2x4x4", "\"GatherElements\", \"axis\": 1", "GatherElements expects 2 operands, got 1"),
        arguments("1x2x4x4", "\"TopK\", \"axis\": 1, \"k\": " + big, "TopK expects a k from 1 to 2, got " + big),
        arguments("1x2x4x4", "\"Softmax\", \"axis\": 4", "Softmax expects an axis of 1x2x4x4, got 4"),
        arguments("1x2x4x4", "\"Concat\", \"axis\": -1", "Concat expects an axis of 1x2x4x4, got -1"),
        arguments("1x2x4x4", "\"Where\"", "Where expects 3 operands, got 1"),
        arguments("1x2x4x4", "\"SoftmaxCrossEntropyLoss\", \"smoothing\": 2, \"ignored\": -1",
            "SoftmaxCrossEntropyLoss expects a smoothing from 0 to 1, got 2.0"),
        arguments("1x2x4x4", "\"BatchMean\"", "unknown operator BatchMean"),
        arguments("1x2x4x4", "\"Re\\u202elu\"", "unknown operator Re\\u202elu;"),
        arguments("1x2x4x4",
            "\"LocalConv\", \"kernel\": [2, 2], \"stride\": [1, 1], \"pads\": [0, 0, 0, 0], \"dilation\": [1, 1],"
                + " \"ceil\": false",
            "LocalConv expects 2 operands, got 1"),
        arguments("1x2x4x4", "\"MaxUnpool\", \"kernel\": [2, 2], \"stride\": [1, 1], \"pads\": [0, 0, 0], \"dilation\": [1, 1],"
            + " \"ceil\": false", "pads: expected 4 numbers, got 3"),
        arguments("1x2x4x4", "\"MaxPick\", \"kernel\": [0, 2], \"stride\": [1, 1], \"pads\": [0, 0, 0, 0], \"dilation\": [1, 1],"
            + " \"ceil\": false", "a window's kernel, stride and dilation must be 1 or more"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("hostile")
  void attributesThatDoNotFitAreRefusedInOneLine(String input, String operator, String message) {
    String dims = input.replace('x', ',');
    String text = "{\"nodes\": [{\"op\": \"Input\", \"name\": \"x\", \"shape\": [" + dims + "]}, {\"inputs\": [0], \"op\": "
        + operator + "}], \"outputs\": {\"y\": 1}}";
    assertThatThrownBy(() -> read(text)).isInstanceOf(FoveaException.class).hasMessageStartingWith("model.safetensors")
        .hasMessageContaining(message).hasMessageNotContaining("\n");
  }

  static Stream<Arguments> hostileInits() {
    return Stream.of(
        arguments("[2, 3]", "{\"ones\": [6]}", "Param expects an initialisation that fits w of 2x3, got Ones"),
        arguments("[2, 3]", "{\"ones\": [-1]}", "got Ones"),
        arguments("[2, 3]", "{\"ones\": 1}", "ones"),
        arguments("[2, 3]", "{\"bilinear\": true}", "Param expects an initialisation that fits w of 2x3, got Bilinear"),
        arguments("[3]", "{\"gaussianKernel\": 1}", "Param expects an initialisation that fits w of 3, got GaussianKernel"),
        arguments("[3]", "{\"orthogonal\": 1}", "unknown initialisation 'orthogonal'"),
        arguments("[3]", "{\"a\\u200bb\": 1}", "unknown initialisation 'a\\u200bb'"),
        arguments("[3]", "{}", "unknown initialisation ''"));
  }

  @ParameterizedTest(name = "{1} of {0}")
  @MethodSource("hostileInits")
  void initsThatDoNotFitAreRefusedInOneLine(String shape, String init, String message) {
    String text = "{\"nodes\": [{\"op\": \"Param\", \"name\": \"w\", \"shape\": " + shape + ", \"init\": " + init
        + ", \"trainable\": true}], \"outputs\": {}}";
    assertThatThrownBy(() -> read(text)).isInstanceOf(FoveaException.class).hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostileHeads")
  void headsThatDoNotFitAreRefused(String heads, String message) {
    String text = "{\"nodes\": [{\"op\": \"Input\", \"name\": \"x\", \"shape\": [1, 2]}], \"outputs\": {\"y\": 0}, "
        + "\"heads\": " + heads + "}";
    assertThatThrownBy(() -> read(text)).isInstanceOf(FoveaException.class).hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  static Stream<Arguments> hostileHeads() {
    return Stream.of(
        arguments("{\"aux\": 0.3}", "model.safetensors: head 'aux' is not one of the graph's outputs"),
        arguments("{\"y\": \"much\"}", "y"),
        arguments("[1]", "heads"));
  }
}
