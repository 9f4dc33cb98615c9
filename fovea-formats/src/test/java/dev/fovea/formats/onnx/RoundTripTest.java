package dev.fovea.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Value;
import dev.fovea.graph.Workspace;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Parity;
import dev.fovea.tensor.Shape;
import dev.fovea.tensor.Tensor;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Pooling;
import dev.fovea.zoo.Zoo;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A network that was written as ONNX and read again gives the same bits, and trains on with the same bits. */
class RoundTripTest {
  private static final int BATCH = 2;

  @TempDir
  private Path folder;

  private static Model model(String name) {
    Network network = Zoo.find(name);
    boolean large = network.input().dim(1) > 64 && !name.startsWith("alexnet");
    Shape input = large ? Shape.of(3, 64, 64) : network.input();
    List<String> classes = IntStream.range(0, 5).mapToObj(String::valueOf).toList();
    Card card =
        new Card(name, classes, Preprocessing.of(input, Fit.STRETCH).mean(floats(input.dim(0), 0.4f)), Map.of("seed", "1"));
    return Model.create(network.layer(new Network.Settings(5, List.of(32), Pooling.MAX, Activation.RELU)), card, 3);
  }

  private static float[] floats(int count, float value) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    return values;
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlp", "lenet5", "lenet5-1998", "fcn-small", "squeezenet1.1", "resnet20-cifar"})
  void networksComeBack(String name) {
    check(name);
  }

  @ParameterizedTest
  @Tag("slow")
  @ValueSource(strings = {"nin", "vgg-small", "googlenet-torchvision", "resnet18", "densenet121", "mobilenet-v2"})
  void largerNetworksComeBack(String name) {
    check(name);
  }

  @ParameterizedTest
  @CsvSource({"fcn-small, 37, 50", "fcn-small, 64, 41"})
  void segmentationComesBackForImagesOfAnySize(String name, int height, int width) {
    checkSegmentation(name, height, width);
  }

  @ParameterizedTest
  @Tag("slow")
  @CsvSource({"fcn-alexnet, 97, 75", "fcn-alexnet, 64, 130"})
  void largerSegmentationComesBackForImagesOfAnySize(String name, int height, int width) {
    checkSegmentation(name, height, width);
  }

  private void checkSegmentation(String name, int height, int width) {
    Model model = model(name);
    Path file = folder.resolve("model.onnx");
    Onnx.write(model, file);
    Model back = Onnx.read(file);
    Shape size = Shape.of(1, model.input().dim(0), height, width);
    Map<String, Tensor> inputs = Parity.randomInputs(
        new Model(Rewrite.withInputs(model.graph(), Map.of(Model.INPUT, size)), model.parameters(), Card.of(name)), 9);
    Tensor image = inputs.values().iterator().next();
    assertThat(back.run(image).shape()).isEqualTo(model.run(image).shape());
    assertThat(back.run(image).values()).containsExactly(model.run(image).values());
  }

  private void check(String name) {
    Model model = model(name);
    Path file = folder.resolve("model.onnx");
    Onnx.write(model, file);
    Model back = Onnx.read(file);
    assertThat(back.card()).isEqualTo(model.card());
    assertThat(shapes(back.parameters()))
        .isEqualTo(shapes(new Model(Rewrite.inference(model.graph()), model.parameters(), model.card())
            .graph().params()));
    Map<String, Tensor> inputs = Parity.randomInputs(new Model(Rewrite.withBatch(model.graph(), BATCH), model.parameters(),
        Card.of(name)), 9);
    Tensor image = inputs.values().iterator().next();
    assertThat(back.run(image).values()).containsExactly(model.run(image).values());
    assertThat(gradients(back, inputs)).isEqualTo(gradients(model, inputs));
  }

  @Test
  void adaptivePoolsComeBackForImagesOfAnySize() {
    GraphBuilder g = new GraphBuilder();
    g.output(Model.OUTPUT, g.op(new Op.AdaptiveAveragePool(3, 2), g.input(Model.INPUT, Shape.of(1, 2, 7, 8))));
    Graph graph = g.build();
    Model model = new Model(graph, Parameters.zeros(graph), Card.of("pool"));
    Path file = folder.resolve("model.onnx");
    Onnx.write(model, file);
    Graph back = Onnx.read(file).graph();
    assertThat(back.nodes().stream().filter(node -> !(node.op() instanceof Op.Source))).singleElement()
        .satisfies(node -> assertThat(node.op()).isEqualTo(new Op.AdaptiveAveragePool(3, 2)));
    assertThat(back.inputs().getFirst().fixed()).isEmpty();
  }

  private static Map<String, Shape> shapes(Parameters parameters) {
    Map<String, Shape> shapes = new TreeMap<>();
    parameters.entries().forEach(entry -> shapes.put(entry.name(), entry.shape()));
    return shapes;
  }

  private static Map<String, Shape> shapes(List<Op.Param> params) {
    Map<String, Shape> shapes = new TreeMap<>();
    params.forEach(param -> shapes.put(param.name(), param.shape()));
    return shapes;
  }

  /** The gradient of the sum of squares of the logits by parameter, with the statistics of the batch, without dropout. */
  private static Map<String, Integer> gradients(Model model, Map<String, Tensor> inputs) {
    Graph forward = Rewrite.training(Rewrite.withBatch(Rewrite.inference(model.graph()), BATCH));
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, forward, (_, _, _) -> Optional.empty());
    Value logits = values.get(forward.output(Model.OUTPUT).id());
    g.output("loss", g.op(new Op.Mean(), g.mul(logits, logits)));
    Graph training = Gradients.withGradients(Rewrite.prune(g.build()), "loss");
    Program program = Backends.find().compile(training, model.parameters(), 2);
    Workspace workspace = program.workspace();
    inputs.forEach((name, tensor) -> {
      Workspace.Slot slot = workspace.input(name);
      System.arraycopy(tensor.values(), 0, slot.array(), slot.offset(), tensor.values().length);
    });
    program.run(workspace);
    Map<String, Integer> hashes = new TreeMap<>();
    for (Parameters.Entry entry : model.parameters().entries()) {
      if (entry.trainable() && training.outputs().containsKey(Gradients.outputOf(entry.name()))) {
        float[] gradient = Arrays.copyOfRange(workspace.gradients(), entry.offset(), entry.offset() + entry.shape().size());
        hashes.put(entry.name(), Arrays.hashCode(gradient));
      }
    }
    assertThat(hashes).isNotEmpty();
    return hashes;
  }
}
