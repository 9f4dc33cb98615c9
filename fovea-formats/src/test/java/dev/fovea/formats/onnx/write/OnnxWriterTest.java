package dev.fovea.formats.onnx.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.formats.onnx.proto.OnnxFile;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.formats.onnx.proto.OnnxValue;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.layer.Activation;
import dev.fovea.layer.AdaptiveAvgPool2d;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Dropout;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.Sequential;
import dev.fovea.layer.StochasticPool2d;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.OpCase;
import dev.fovea.testkit.OpCases;
import dev.fovea.zoo.GoogLeNet;
import dev.fovea.zoo.LeNet5;
import dev.fovea.zoo.MobileNetV2;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The form of what is written; what it computes is checked by ONNX Runtime in {@code mvn -Ponnxruntime verify}. */
class OnnxWriterTest {
  @TempDir
  Path folder;

  private static OnnxModel written(Graph graph, OnnxOptions options) {
    OnnxModel model = OnnxWriter.model(graph, Parameters.initial(graph, 1), Map.of(), options);
    WellFormed.check(model);
    return model;
  }

  private static OnnxModel written(Layer layer, Shape input) {
    return written(Model.graphOf(layer, input), OnnxOptions.standard());
  }

  private static String nodes(OnnxModel model) {
    return model.graph().nodes().stream().filter(node -> !node.type().equals("Constant")).map(OnnxNode::type)
        .collect(Collectors.joining(" "));
  }

  private static String dims(OnnxValue value) {
    return value.dims().orElseThrow().stream().map(dim -> switch (dim) {
      case OnnxValue.Dim.Size(long size) -> String.valueOf(size);
      case OnnxValue.Dim.Symbol(String name) -> name;
      case OnnxValue.Dim.Unknown() -> "?";
    }).collect(Collectors.joining(" "));
  }

  private static String inputAndOutput(OnnxModel model) {
    return dims(model.graph().inputs().getFirst()) + " -> " + dims(model.graph().outputs().getFirst());
  }

  @Test
  void lenet5IsWrittenNodeByNode() throws IOException {
    Graph graph = Model.graphOf(LeNet5.modern(10), Shape.of(1, 28, 28));
    Parameters parameters = Parameters.initial(graph, 1);
    Path path = folder.resolve("lenet5.onnx");
    OnnxWriter.write(graph, parameters, Map.of("classes", "0\n1"), OnnxOptions.standard(), path);
    try (OnnxFile file = OnnxFile.open(path)) {
      OnnxModel model = file.model();
      WellFormed.check(model);
      assertThat(nodes(model)).isEqualTo("Conv Relu MaxPool Conv Relu MaxPool Flatten Gemm Relu Gemm Relu Gemm");
      assertThat(inputAndOutput(model)).isEqualTo("batch 1 28 28 -> batch 10");
      assertThat(model.opset()).isEqualTo(17);
      assertThat(model.irVersion()).isEqualTo(8);
      assertThat(model.metadata()).containsExactly(Map.entry("classes", "0\n1"));
      OnnxNode conv = model.graph().nodes().getFirst();
      assertThat(conv.name())
          .isEqualTo(graph.nodes().stream().filter(n -> n.op() instanceof Op.Conv).findFirst().orElseThrow().path() + "/Conv");
      assertThat(conv.integers("pads")).contains(List.of(2L, 2L, 2L, 2L));
      assertThat(model.graph().initializers()).hasSameSizeAs(parameters.entries());
      for (OnnxTensor tensor : model.graph().initializers()) {
        Parameters.Entry entry = parameters.entry(tensor.name());
        float[] expected = Arrays.copyOfRange(parameters.values(), entry.offset(), entry.offset() + entry.shape().size());
        assertThat(Arrays.equals(tensor.floats(), expected)).as(tensor.name()).isTrue();
      }
    }
    assertThat(Files.size(path)).isLessThan(4L * parameters.size() + 5_000);
  }

  @Test
  void sizesAreOpenWhereTheNetworkAllowsIt() {
    assertThat(inputAndOutput(written(new MobileNetV2(7), Shape.of(3, 64, 64)))).isEqualTo("batch 3 height width -> batch 7");
    assertThat(inputAndOutput(written(Conv2d.of(4, 3).padding(1), Shape.of(3, 64, 48))))
        .isEqualTo("batch 3 height width -> batch 4 height width");
    assertThat(inputAndOutput(written(Conv2d.of(4, 3).stride(2), Shape.of(3, 64, 48))))
        .isEqualTo("batch 3 height width -> batch 4 ? ?");
  }

  @Test
  void anAdaptivePoolKeepsTheSizeOpenUnlessItIsFixed() {
    Graph graph = Model.graphOf(Sequential.of(AdaptiveAvgPool2d.of(4, 3), new Flatten(), Linear.of(2)), Shape.of(3, 8, 9));
    OnnxModel open = OnnxWriter.model(graph, Parameters.zeros(graph), Map.of(), OnnxOptions.standard());
    assertThat(inputAndOutput(open)).isEqualTo("batch 3 height width -> batch 2");
    assertThat(nodes(open)).contains("MatMul").doesNotContain("AveragePool");
    OnnxModel fixed = OnnxWriter.model(graph, Parameters.zeros(graph), Map.of(), OnnxOptions.standard().anySize(false));
    assertThat(inputAndOutput(fixed)).isEqualTo("batch 3 8 9 -> batch 2");
    assertThat(nodes(fixed)).contains("AveragePool").doesNotContain("MatMul");
  }

  @Test
  void anAxisThatTheGraphFixesStaysFixed() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.op(new Op.Input("x", Shape.of(2, 3, 8, 8), List.of(0, 2)));
    g.output("y", g.op(new Op.Relu(), x));
    assertThat(inputAndOutput(written(g.build(), OnnxOptions.standard()))).isEqualTo("2 3 8 width -> 2 3 8 width");
  }

  @Test
  void whatOnlyTrainingUsesIsLeftOutUnlessAskedFor() {
    Graph graph = Model.graphOf(new GoogLeNet(3), Shape.of(3, 224, 224));
    OnnxModel inference = OnnxWriter.model(graph, Parameters.zeros(graph), Map.of(), OnnxOptions.standard());
    assertThat(inference.graph().outputs()).hasSize(1);
    assertThat(nodes(inference)).doesNotContain("Dropout");
    OnnxModel training = OnnxWriter.model(graph, Parameters.zeros(graph), Map.of(), OnnxOptions.standard().training(true));
    assertThat(training.graph().outputs()).extracting(OnnxValue::name).contains("aux1", "aux2");
    assertThat(nodes(training)).contains("Dropout");
  }

  @Test
  void everyCaseOfEveryOperatorIsWritten() {
    for (OpCase c : OpCases.forward()) {
      if (!(c.op() instanceof Op.ExponentialRace)) {
        Graph graph = c.mayHaveParameters() ? c.graphWithParameters() : c.graph();
        written(graph, OnnxOptions.standard().training(true));
      }
    }
  }

  @Test
  void operatorsThatOnnxCannotExpressAreRefusedByLayer() {
    Graph random = Model.graphOf(Sequential.of(StochasticPool2d.of(2)), Shape.of(1, 4, 4));
    assertThatThrownBy(() -> written(random, OnnxOptions.standard().training(true))).isInstanceOf(FoveaException.class)
        .hasMessage(
            "0: ExponentialRace cannot be written to ONNX: it draws random numbers, which another program would draw differently; "
                + "write the network for inference");
    assertThat(nodes(written(random, OnnxOptions.standard()))).contains("AveragePool");
    OpCase gradient = OpCases.of(Op.ReluGrad.class).getFirst();
    assertThatThrownBy(() -> written(gradient.graph(), OnnxOptions.standard()))
        .hasMessage("ReluGrad: ReluGrad cannot be written to ONNX: it is part of a gradient; write the forward network");
  }

  @Test
  void overlappingUnpoolingNeedsANewerOpset() {
    GraphBuilder g = new GraphBuilder();
    Window window = Window.of(3).stride(2);
    Value x = g.input("x", Shape.of(1, 1, 7, 7));
    g.output("y", g.op(new Op.MaxUnpool(window), x, g.op(new Op.MaxPool(window), x)));
    assertThat(nodes(written(g.build(), OnnxOptions.standard()))).contains("ScatterElements");
    assertThatThrownBy(() -> written(g.build(), OnnxOptions.standard().opset(13)))
        .hasMessageContaining(
            "MaxUnpool cannot be written to ONNX: it adds values at the same position, which needs opset 16 or later");
    assertThatThrownBy(() -> OnnxOptions.standard().opset(12)).hasMessage("opset: expected 13 to 17, got 12");
    assertThat(written(g.build(), OnnxOptions.standard().opset(16)).irVersion()).isEqualTo(8);
  }

  @Test
  void oneValueCanBeSeveralOutputs() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1, 3));
    Value y = g.op(new Op.Relu(), x);
    g.output("first", y);
    g.output("second", y);
    g.output("same", x);
    g.output("weight", g.param("w", Shape.of(2), new Init.Constant(1)));
    g.output("last", g.op(new Op.Exp(), y));
    OnnxModel model = written(g.build(), OnnxOptions.standard());
    assertThat(model.graph().outputs()).extracting(OnnxValue::name).containsExactly("first", "second", "same", "weight", "last");
    assertThat(model.graph().nodes().stream().map(node -> node.type() + node.inputs() + node.outputs()))
        .containsExactly("Relu[x][first]", "Exp[first][last]", "Identity[first][second]", "Identity[x][same]",
            "Identity[w][weight]");
  }

  @Test
  void anOutputCannotHaveTheNameOfAnInput() {
    GraphBuilder g = new GraphBuilder();
    g.output("x", g.op(new Op.Relu(), g.input("x", Shape.of(1, 3))));
    assertThatThrownBy(() -> written(g.build(), OnnxOptions.standard()))
        .hasMessage("the output 'x' has the name of an input or a parameter, which ONNX does not allow: rename it");
  }

  /** Vectors and numbers that float16 does not have stay as they are. */
  @Test
  void halfWeights() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1, 2));
    Value small = g.param("small", Shape.of(3, 2), new Init.Constant(0.5f));
    Value large = g.param("large", Shape.of(3, 2), new Init.Constant(1e6f));
    Value bias = g.param("bias", Shape.of(3), new Init.Constant(1));
    Value y = g.op(new Op.Gemm(false, true), x, small, bias);
    g.output("y", g.op(new Op.Add(), y, g.op(new Op.Gemm(false, true), x, large)));
    OnnxModel model = written(g.build(), OnnxOptions.standard().halfWeights(true));
    assertThat(model.graph().initializers()).extracting(tensor -> tensor.name() + " " + tensor.type())
        .containsExactly("small FLOAT16", "large FLOAT", "bias FLOAT");
    assertThat(model.graph().initializers().getFirst().floats()).containsOnly(0.5f);
    assertThat(nodes(model)).isEqualTo("Cast Gemm Gemm Add");
    assertThat(model.graph().initializers().getFirst().type()).isEqualTo(OnnxType.FLOAT16);
  }

  @Test
  void parametersThatDoNotTrainAreListed() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1, 2, 4, 4));
    Value statistics = g.op(new Op.BatchNormalization(1e-5f, 0.1f), x, g.param("scale", Shape.of(2), new Init.Constant(1)),
        g.param("bias", Shape.of(2), new Init.Constant(0)), g.frozen("mean", Shape.of(2), new Init.Constant(0)),
        g.frozen("variance", Shape.of(2), new Init.Constant(1)));
    g.output("y", g.mul(statistics, g.frozen("mask", Shape.of(4, 4), new Init.Constant(1))));
    OnnxModel model = written(g.build(), OnnxOptions.standard());
    assertThat(model.metadata()).containsExactly(Map.entry(OnnxWriter.FROZEN, "mask"));
    OnnxNode norm = model.graph().nodes().getFirst();
    assertThat(norm.number("momentum", 0)).as("the share that is kept").isEqualTo(0.9f);
  }

  @Test
  void aFailureLeavesNoFile() throws IOException {
    Path path = folder.resolve("m.onnx");
    Graph random = Model.graphOf(Sequential.of(StochasticPool2d.of(2), new Dropout(0.5f), Activation.RELU), Shape.of(1, 4, 4));
    assertThatThrownBy(
        () -> OnnxWriter.write(random, Parameters.zeros(random), Map.of(), OnnxOptions.standard().training(true), path))
        .isInstanceOf(FoveaException.class);
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }
}
