package dev.fovea.formats.names;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.format.TensorFile;
import dev.fovea.formats.names.KeyLists.Keys;
import dev.fovea.formats.names.KeyLists.TensorKey;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Parameters;
import dev.fovea.image.Fit;
import dev.fovea.image.Preprocessing;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Layer;
import dev.fovea.model.Card;
import dev.fovea.model.Model;
import dev.fovea.model.ModelFormats;
import dev.fovea.model.NameMap;
import dev.fovea.model.Transfer;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.RealData;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Pooling;
import dev.fovea.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The names and shapes of torchvision's and timm's state dicts are those of the zoo's networks. */
class NamesTest {
  private static final Map<String, Map<String, TensorKey>> TORCHVISION = KeyLists.read("torchvision-0.28");
  private static final Map<String, Map<String, TensorKey>> TIMM = KeyLists.read("timm-1.0");

  private static Layer layer(String network) {
    int classes = network.equals("fcn-resnet50") ? 21 : 1000;
    return Zoo.find(network).layer(new Network.Settings(classes, List.of(), Pooling.MAX, Activation.RELU));
  }

  private static Model model(String network) {
    Shape input = Zoo.find(network).input();
    int classes = network.equals("fcn-resnet50") ? 21 : 1000;
    Card card = new Card(network, IntStream.range(0, classes).mapToObj(String::valueOf).toList(),
        Preprocessing.of(input, Fit.STRETCH), Map.of());
    return Model.create(layer(network), card, 1);
  }

  private static Transfer load(Map<String, TensorKey> keys, Model model) {
    return Transfer.of(new Keys(keys), Path.of("file.pt"), NameMap.none(), model);
  }

  private static float first(Model model, String parameter) {
    return model.parameters().values()[model.parameters().entry(parameter).offset()];
  }

  @Test
  void everyNetworkThatTorchvisionHasIsListed() {
    List<String> zoo = Zoo.networks().stream().map(Network::name).toList();
    assertThat(TORCHVISION.keySet()).hasSize(18).isSubsetOf(zoo);
    assertThat(
        zoo.subList(zoo.indexOf("alexnet-torchvision"), zoo.size()).stream().filter(name -> !name.equals("resnet20-cifar")))
        .containsExactlyInAnyOrderElementsOf(TORCHVISION.keySet());
  }

  /** By names and shapes alone, so that no large network needs memory for its weights. */
  @TestFactory
  Stream<DynamicTest> everyKeyOfTorchvisionIsAParameter() {
    return TORCHVISION.entrySet().stream().map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
      Graph graph = Model.graphOf(layer(entry.getKey()), Zoo.find(entry.getKey()).input());
      Map<String, Shape> expected = new LinkedHashMap<>();
      entry.getValue().forEach((name, key) -> {
        if (key.dtype().equals("float32") && !name.startsWith("aux_classifier.")) {
          expected.put(name, key.shape());
        } else {
          assertThat(name).matches("aux_classifier\\..*|.*\\.num_batches_tracked");
        }
      });
      assertThat(Parameters.declared(graph).entries().stream()
          .collect(Collectors.toMap(Parameters.Entry::name, Parameters.Entry::shape))).isEqualTo(expected);
    }));
  }

  @ParameterizedTest
  @ValueSource(strings = {"squeezenet1.1", "resnet18", "densenet121", "mobilenet-v2", "googlenet-torchvision"})
  void torchvisionLoadsWithoutMissingOrUnexpectedKeys(String network) {
    Model model = model(network);
    Transfer transfer = load(TORCHVISION.get(network), model);
    assertThat(transfer.isComplete()).isTrue();
    assertThat(transfer.missing()).isEmpty();
    assertThat(transfer.unused()).isEmpty();
    assertThat(transfer.loaded()).hasSize(model.parameters().entries().size());
    long counters = TORCHVISION.get(network).keySet().stream().filter(name -> name.endsWith("num_batches_tracked")).count();
    assertThat(transfer.notes()).hasSize(counters > 0 ? 1 : 0)
        .allMatch(note -> note.startsWith(counters + " counters, which are not needed"));
  }

  @Test
  @Tag("slow")
  void headsThatOnlyTrainingUsesMayBeMissing() {
    Map<String, TensorKey> keys = new LinkedHashMap<>(TORCHVISION.get("googlenet-torchvision"));
    keys.keySet().removeIf(name -> name.startsWith("aux"));
    Transfer transfer = load(keys, model("googlenet-torchvision"));
    assertThat(transfer.isComplete()).isTrue();
    assertThat(transfer.notes())
        .contains("18 parameters of heads that only training uses are not in the file and keep their values");
    keys.put("aux1.fc2.bias", new TensorKey(Shape.of(1000), "float32"));
    assertThat(load(keys, model("googlenet-torchvision")).missing()).hasSize(17).contains("aux1.fc1.weight");
  }

  @Test
  @Tag("slow")
  void headOfTorchvisionsFcnIsLeftOutAndSaid() {
    Transfer transfer = load(TORCHVISION.get("fcn-resnet50"), model("fcn-resnet50"));
    assertThat(transfer.isComplete()).isTrue();
    assertThat(transfer.unused()).isEmpty();
    assertThat(transfer.notes())
        .anyMatch(note -> note.startsWith("7 tensors of heads that only training uses, which the network lacks"));
  }

  @Test
  void formerNamesOfDenseNetAreKnown() {
    Map<String, TensorKey> old = new LinkedHashMap<>();
    TORCHVISION.get("densenet121").forEach((name, key) -> {
      if (!name.endsWith("num_batches_tracked")) { // older than PyTorch 0.4.1
        old.put(name.replaceFirst("(denselayer\\d+\\.(?:norm|conv))([12])", "$1.$2"), key);
      }
    });
    assertThat(old).containsKey("features.denseblock1.denselayer1.norm.1.weight");
    Transfer transfer = load(old, model("densenet121"));
    assertThat(transfer.isComplete()).isTrue();
    assertThat(transfer.unused()).isEmpty();
    assertThat(transfer.notes()).containsExactly("names: torchvision's former names of DenseNet");
  }

  @ParameterizedTest
  @Tag("slow")
  @CsvSource({"mobilenet-v2", "densenet121", "resnet18", "resnet50"})
  void timmLoadsWithoutMissingOrUnexpectedKeys(String network) {
    Model model = model(network);
    Transfer transfer = load(TIMM.get(network), model);
    assertThat(transfer.isComplete()).isTrue();
    assertThat(transfer.unused()).isEmpty();
    // both list their parameters in the order of the layers
    List<String> timm = List.copyOf(TIMM.get(network).keySet());
    List<String> torchvision = List.copyOf(TORCHVISION.get(network).keySet());
    assertThat(timm).hasSameSizeAs(torchvision);
    for (Parameters.Entry entry : model.parameters().entries()) {
      assertThat(first(model, entry.name())).as(entry.name()).isEqualTo(torchvision.indexOf(entry.name()));
    }
  }

  @Test
  void prefixOfAllNamesIsRemoved() {
    Map<String, TensorKey> wrapped = new LinkedHashMap<>();
    TORCHVISION.get("squeezenet1.1").forEach((name, key) -> wrapped.put("backbone." + name, key));
    Transfer transfer = load(wrapped, model("squeezenet1.1"));
    assertThat(transfer.isComplete()).isTrue();
    assertThat(transfer.notes()).containsExactly("names: without the prefix backbone.");
  }

  /** Its third convolution covers the whole map, and is a fully connected layer here. */
  @Test
  void realCheckpointLoadsIntoANotationByAMap(@TempDir Path folder) throws IOException {
    Path file = RealData.folder("pretrained/mnist-pytorch/lenet_mnist_cnn.pt");
    Path map = Files.writeString(folder.resolve("names.txt"), """
        convnet.c1.weight = 0.weight
        convnet.c1.bias = 0.bias
        convnet.c3.weight = 3.weight
        convnet.c3.bias = 3.bias
        convnet.c5.weight = 6.weight
        convnet.c5.bias = 6.bias
        fc.f6.weight = 8.weight
        fc.f6.bias = 8.bias
        fc.f7.weight = 10.weight
        fc.f7.bias = 10.bias
        """);
    Layer layer = Zoo.find("INPUT 1x32x32 -> CONV 6 5x5 pad 0 -> RELU -> POOL -> CONV 16 5x5 pad 0 -> RELU -> POOL"
        + " -> FC 120 -> RELU -> FC 84 -> RELU -> FC").layer(new Network.Settings(10, List.of(), Pooling.MAX, Activation.RELU));
    Model model = Model.create(layer, Shape.of(1, 32, 32), 1);
    try (TensorFile tensors = ModelFormats.tensors(file)) {
      Transfer transfer = Transfer.of(tensors, file, NameMap.read(map), model);
      assertThat(transfer.isComplete()).isTrue();
      assertThat(transfer.unused()).isEmpty();
      assertThat(transfer.notes()).containsExactly("convnet.c5.weight of 120x16x5x5 is loaded as 120x400");
      assertThat(transfer).hasToString("10 of 10 parameters loaded; convnet.c5.weight of 120x16x5x5 is loaded as 120x400");
    }
  }
}
