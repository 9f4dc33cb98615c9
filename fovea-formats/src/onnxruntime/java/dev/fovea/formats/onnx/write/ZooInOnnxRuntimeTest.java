package dev.fovea.formats.onnx.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.formats.onnx.proto.OnnxFile;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxValue;
import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Workspace;
import dev.fovea.layer.Activation;
import dev.fovea.model.Model;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.ParityRule;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Pooling;
import dev.fovea.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each network of the zoo gives the same outputs in ONNX Runtime, for one image and three, and for images of another size. */
class ZooInOnnxRuntimeTest {
  /** Their fully connected layers fix the image size; the others run on smaller images than their own, to save time. */
  private static final Set<String> FIXED =
      Set.of("logistic", "mlp", "lenet5", "lenet-caffe", "lenet5-1998", "vgg-small", "alexnet",
          "caffenet", "zfnet");

  private static final Shape SMALL = Shape.of(3, 64, 64);
  private static final Shape OTHER = Shape.of(3, 96, 80);

  @TempDir
  Path folder;

  static List<String> networks() {
    String only = System.getProperty("fovea.networks", "");
    Stream<String> names = only.isEmpty() ? Zoo.networks().stream().map(Network::name) : Arrays.stream(only.split(","));
    return names.toList();
  }

  private static Graph graph(String name) {
    Network network = Zoo.find(name);
    Shape input = FIXED.contains(name) ? network.input() : SMALL;
    return Model.graphOf(network.layer(new Network.Settings(10, List.of(128, 64), Pooling.MAX, Activation.RELU)), input);
  }

  /** Initial values, and normalisations that do something. */
  private static Parameters parameters(Graph graph) {
    Parameters parameters = Parameters.initial(graph, 17);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.BatchNormalization) {
        List<String> kinds = List.of("scale", "bias", "running_mean", "running_var");
        for (int i = 0; i < kinds.size(); i++) {
          Op.Param param = (Op.Param) graph.at(node.inputs().get(i + 1)).op();
          double[] values = ParityRule.values(kinds.get(i), param.name(), param.shape());
          int offset = parameters.entry(param.name()).offset();
          for (int k = 0; k < values.length; k++) {
            parameters.values()[offset + k] = (float) values[k];
          }
        }
      }
    }
    return parameters;
  }

  private Path write(Graph graph, Parameters parameters, OnnxOptions options) {
    Path file = folder.resolve("model.onnx");
    OnnxWriter.write(graph, parameters, Map.of("key", "value"), options, file);
    return file;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void networkOfTheZoo(String name) throws IOException {
    Graph graph = graph(name);
    Parameters parameters = parameters(graph);
    Path path = write(graph, parameters, OnnxOptions.standard());
    assertThat(inputDims(path)).isEqualTo(FIXED.contains(name) ? "batch " + fixed(graph) : "batch 3 height width");
    try (OnnxRuntime runtime = new OnnxRuntime(path)) {
      Shape input = graph.inputs().getFirst().shape();
      same(name, graph, parameters, runtime, input, 1e-4);
      same(name, graph, parameters, runtime, input.with(0, 3), 1e-4);
      if (!FIXED.contains(name)) {
        same(name, graph, parameters, runtime, OTHER.batch(2), 1e-4);
      }
    } finally {
      Files.delete(path);
    }
  }

  private static String fixed(Graph graph) {
    return graph.inputs().getFirst().shape().withoutBatch().toString().replace('x', ' ');
  }

  private static String inputDims(Path path) {
    try (OnnxFile file = OnnxFile.open(path)) {
      OnnxModel model = file.model();
      StringBuilder text = new StringBuilder();
      for (OnnxValue.Dim dim : model.graph().inputs().getFirst().dims().orElseThrow()) {
        text.append(switch (dim) {
          case OnnxValue.Dim.Size(long size) -> String.valueOf(size);
          case OnnxValue.Dim.Symbol(String symbol) -> symbol;
          case OnnxValue.Dim.Unknown() -> "?";
        }).append(' ');
      }
      return text.toString().strip();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet5-1998", "alexnet", "resnet18", "googlenet", "fcn-small", "fcn-alexnet", "alexnet-torchvision"})
  void networkInOpset13AtOneSize(String name) {
    Graph graph = graph(name);
    Parameters parameters = parameters(graph);
    try (OnnxRuntime runtime = new OnnxRuntime(write(graph, parameters, OnnxOptions.standard().opset(13).anySize(false)))) {
      same(name, graph, parameters, runtime, graph.inputs().getFirst().shape().with(0, 3), 1e-4);
    }
  }

  /** A weight is rounded by up to 2^-11 of its size; errors of many weights partly cancel. */
  @Test
  void halfWeightsTakeHalfTheSpace() throws IOException {
    Graph graph = graph("resnet18");
    Parameters parameters = parameters(graph);
    long whole = Files.size(write(graph, parameters, OnnxOptions.standard()));
    Path half = write(graph, parameters, OnnxOptions.standard().halfWeights(true));
    assertThat(Files.size(half)).isLessThan(whole / 2 + 200_000);
    try (OnnxRuntime runtime = new OnnxRuntime(half)) {
      same("resnet18", graph, parameters, runtime, graph.inputs().getFirst().shape(), 0x1p-8);
    }
  }

  private static void same(String name, Graph graph, Parameters parameters, OnnxRuntime runtime, Shape input, double tolerance) {
    float[] values = new float[input.size()];
    double[] drawn = ParityRule.values("signed", name + input, input);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) drawn[i];
    }
    Graph resized = Rewrite.withInputs(Rewrite.inference(graph), Map.of(Model.INPUT, input));
    Program program = Backends.find().compile(resized, parameters, 2);
    Workspace workspace = program.workspace();
    System.arraycopy(values, 0, workspace.input(Model.INPUT).array(), workspace.input(Model.INPUT).offset(), values.length);
    program.run(workspace);
    Workspace.Slot expected = workspace.output(Model.OUTPUT);
    OnnxRuntime.Result got =
        Objects.requireNonNull(runtime.run(Map.of(Model.INPUT, new OnnxRuntime.Result(input, values))).get(Model.OUTPUT));
    assertThat(got.shape()).isEqualTo(expected.shape());
    double largest = 0;
    double worst = 0;
    for (int i = 0; i < got.values().length; i++) {
      double value = expected.array()[expected.offset() + i];
      largest = Math.max(largest, Math.abs(value));
      worst = Math.max(worst, Math.abs(value - got.values()[i]));
    }
    System.out.printf("%-24s %-14s largest %10.4g  difference %.1e of it%n", name, input, largest, worst / largest);
    assertThat(worst).as("%s at %s", name, input).isLessThanOrEqualTo(tolerance * largest);
    assertThat(largest).isGreaterThan(0);
  }
}
