package dev.fovea.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fovea.format.SafeTensors;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Rewrite;
import dev.fovea.graph.Workspace;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.Summary;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The networks that are also in torchvision. */
class ZooTorchvisionTest {
  private static Graph graph(String name, int classes, Shape input) {
    return Model.graphOf(Zoo.find(name).layer(new Network.Settings(classes, List.of(), Pooling.MAX, Activation.RELU)), input);
  }

  private static Graph graph(String name, int classes) {
    return graph(name, classes, Zoo.find(name).input());
  }

  @ParameterizedTest
  @CsvSource({
      "alexnet-torchvision, 1000, 61100840",
      "vgg11, 1000, 132863336",
      "vgg13, 1000, 133047848",
      "vgg16, 1000, 138357544",
      "vgg19, 1000, 143667240",
      "vgg11-bn, 1000, 132868840",
      "vgg13-bn, 1000, 133053736",
      "vgg16-bn, 1000, 138365992",
      "vgg19-bn, 1000, 143678248",
      "googlenet-torchvision, 1000, 13004888",
      "squeezenet1.0, 1000, 1248424",
      "squeezenet1.1, 1000, 1235496",
      "resnet18, 1000, 11689512",
      "resnet34, 1000, 21797672",
      "resnet50, 1000, 25557032",
      "resnet20-cifar, 10, 269722",
      "densenet121, 1000, 7978856",
      "mobilenet-v2, 1000, 3504872",
      "fcn-resnet50, 21, 32957013"})
  void parameterCountsAreThePublishedOnes(String name, int classes, long count) {
    assertThat(
        graph(name, classes).params().stream().filter(Op.Param::trainable).mapToLong(p -> p.shape().size()).sum())
        .isEqualTo(count);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"alexnet-torchvision", "vgg11", "vgg19-bn", "googlenet-torchvision", "squeezenet1.0", "squeezenet1.1",
          "resnet18",
          "resnet50", "resnet20-cifar", "densenet121", "mobilenet-v2"})
  void imagesOfOtherSizesUseTheSameParameters(String name) {
    for (Shape image : List.of(Shape.of(3, 128, 96), Shape.of(3, 97, 251))) {
      Graph graph = graph(name, 5, image);
      assertThat(graph.outputShape(Model.OUTPUT)).isEqualTo(Shape.of(1, 5));
      assertThat(graph.params()).isEqualTo(graph(name, 5).params());
    }
  }

  @Test
  void segmentationNetworkScoresEachPixelAtAnySize() {
    assertThat(graph("fcn-resnet50", 4, Shape.of(3, 97, 130)).outputShape(Model.OUTPUT)).isEqualTo(Shape.of(1, 4, 97, 130));
  }

  @Test
  void googLeNetsHeadsAreForTrainingOnly() {
    Graph graph = graph("googlenet-torchvision", 10);
    assertThat(graph.heads()).isEqualTo(Map.of("aux1", 0.3f, "aux2", 0.3f));
    assertThat(graph.outputShape("aux1")).isEqualTo(Shape.of(1, 10));
    assertThat(graph.outputShape("aux2")).isEqualTo(Shape.of(1, 10));
    assertThat(Rewrite.inference(graph).params()).noneMatch(p -> p.name().startsWith("aux")).hasSize(graph.params().size() - 18);
  }

  @Test
  void parametersAreNamedAsInPyTorch() {
    assertThat(names("mobilenet-v2")).contains("features.0.0.weight", "features.1.conv.0.1.running_var", "features.2.conv.3.bias",
        "features.18.0.weight", "classifier.1.bias");
    assertThat(names("densenet121")).contains("features.conv0.weight", "features.denseblock4.denselayer16.norm2.running_mean",
        "features.transition3.conv.weight", "features.norm5.bias", "classifier.weight");
    assertThat(names("googlenet-torchvision")).contains("conv1.conv.weight", "inception3a.branch2.0.conv.weight",
        "inception5b.branch4.1.bn.running_var", "aux1.conv.bn.weight", "aux2.fc2.bias", "fc.weight");
    assertThat(names("fcn-resnet50")).contains("backbone.layer4.0.downsample.1.weight", "classifier.0.weight",
        "classifier.4.bias");
    assertThat(names("squeezenet1_1")).contains("features.12.expand3x3.bias", "classifier.1.weight");
    assertThat(names("vgg16_bn")).contains("features.41.running_mean", "classifier.6.weight");
    assertThat(names("resnet18")).contains("layer1.0.bn1.running_mean", "layer2.0.downsample.0.weight", "fc.bias");
  }

  private static List<String> names(String network) {
    return graph(network, 10).params().stream().map(Op.Param::name).toList();
  }

  /** Every module of the tables in order, its output's shape and its parameters. */
  @TestFactory
  Stream<DynamicTest> everyLayerIsThatOfTheReferenceTable() throws IOException {
    Map<String, List<String>> tables = tables(realData("reference-nets/TABLE-torchvision.md"));
    assertThat(tables).hasSize(14);
    return tables.entrySet().stream().map(
        table -> DynamicTest.dynamicTest(table.getKey(), () -> assertThat(layers(table.getKey(), table.getValue()))
            .isEqualTo(table.getValue())));
  }

  /** For each of torchvision's networks, lines with a module's name, shape and parameters. */
  private static Map<String, List<String>> tables(Path file) throws IOException {
    Map<String, List<String>> tables = new LinkedHashMap<>();
    List<String> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      String[] cells = line.split("\\s*\\|\\s*", -1);
      if (line.startsWith("## torchvision ")) {
        rows = new ArrayList<>();
        tables.put(line.split("[ :]+", -1)[2], rows);
      } else if (line.startsWith("## ")) {
        rows = new ArrayList<>();
      } else if (cells.length == 7 && cells[4].startsWith("1x")) {
        rows.add(cells[1] + " " + cells[4].substring(2) + " " + cells[5].replace(",", ""));
      }
    }
    return tables;
  }

  /** The same for our networks, if the table has the module. */
  private static List<String> layers(String name, List<String> table) {
    Set<String> modules = table.stream().map(row -> row.substring(0, row.indexOf(' '))).collect(Collectors.toSet());
    int classes = name.startsWith("fcn") ? 21 : 1000;
    return Summary.of(graph(ours(name), classes)).rows().stream()
        .filter(row -> modules.contains(row.layer()))
        .map(row -> row.layer() + " " + row.output() + " " + row.trainable())
        .toList();
  }

  /** Names of torchvision's variants whose plain name is the paper's network. */
  private static String ours(String name) {
    return name.equals("alexnet") || name.equals("googlenet") ? name + "-torchvision" : name;
  }

  /** Weights trained in PyTorch, CIFAR-10's first test images, and PyTorch's logits. */
  @Test
  @Tag("slow")
  void weightsOfThePyTorchPortOfResNet20GiveItsLogits() throws IOException {
    int count = 16;
    Path folder = realData("pretrained/resnet-cifar10");
    byte[] images = head(realData("cifar10/test_batch_first1000.bin"), count * 3073);
    Model model = resnet20(folder.resolve("resnet20.safetensors"));
    Program program = model.program(count, 2);
    Workspace workspace = program.workspace();
    Workspace.Slot input = workspace.input(Model.INPUT);
    for (int i = 0; i < count * 3072; i++) {
      float pixel = (images[i / 3072 * 3073 + 1 + i % 3072] & 0xff) / 255f;
      int channel = i % 3072 / 1024;
      float mean = List.of(0.485f, 0.456f, 0.406f).get(channel);
      input.array()[input.offset() + i] = (pixel - mean) / List.of(0.229f, 0.224f, 0.225f).get(channel);
    }
    program.run(workspace);
    Workspace.Slot output = workspace.output(Model.OUTPUT);
    byte[] logits = head(folder.resolve("resnet20-logits-first1000.npy"), 128 + count * 10 * Float.BYTES);
    ByteBuffer expected = ByteBuffer.wrap(logits).order(ByteOrder.LITTLE_ENDIAN).position(128);
    for (int i = 0; i < count * 10; i++) {
      assertThat(output.array()[output.offset() + i]).isCloseTo(expected.getFloat(), within(1e-4f));
    }
  }

  private static Model resnet20(Path weights) {
    Shape input = Zoo.find("resnet20-cifar").input();
    Graph graph = graph("resnet20-cifar", 10);
    Parameters parameters = Parameters.zeros(graph);
    try (SafeTensors tensors = SafeTensors.read(weights)) {
      parameters.entries().forEach(e -> tensors.readInto(e.name(), parameters.values(), e.offset()));
    }
    List<String> classes = Stream.iterate(0, c -> c + 1).limit(10).map(String::valueOf).toList();
    return new Model(graph, parameters, new Card("resnet20", classes, Preprocessing.of(input, Fit.STRETCH), Map.of()));
  }

  private static byte[] head(Path file, int bytes) throws IOException {
    try (var in = Files.newInputStream(file)) {
      byte[] read = in.readNBytes(bytes);
      assertThat(read).hasSize(bytes);
      return read;
    }
  }

  /** A file or folder of real data; the test is skipped if it is absent. */
  private static Path realData(String name) {
    String named = System.getenv("FOVEA_DATA");
    Stream<Path> folders =
        named != null
            ? Stream.of(Path.of(named))
            : Stream.iterate(Path.of("").toAbsolutePath(), p -> p != null, Path::getParent).map(p -> p.resolve("shared/data"));
    Path found = folders.map(folder -> folder.resolve(name)).filter(Files::exists).findFirst().orElse(Path.of("absent"));
    assumeTrue(Files.exists(found), name + " is neither in FOVEA_DATA nor in ../shared/data of the project's root");
    return found;
  }
}
