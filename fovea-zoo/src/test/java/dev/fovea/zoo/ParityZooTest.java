package dev.fovea.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
import dev.fovea.graph.Precision;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Layer;
import dev.fovea.model.Model;
import dev.fovea.testkit.BackendEngine;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.ParityNetwork;
import dev.fovea.testkit.ParityNetworks;
import dev.fovea.testkit.ParitySuite;
import dev.fovea.testkit.Tolerance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Compares the zoo with PyTorch's results for the same networks. Small ones in every build; with {@code -Pparity} all of
 * {@code shared/parity/networks} next to the project, or with {@code -Dparity.dir=DIR} all of {@code DIR/networks}.
 * {@code -Dparity=lenet5,googlenet_2014} selects these only. Large ones need the heap of {@code -Pparity}.
 */
class ParityZooTest {
  private static final Engine EXACT = new BackendEngine(Backends.find().with(Precision.EXACT), 2);
  private static final Engine FAST = new BackendEngine(Backends.find().with(Precision.FAST), 2);

  /** Networks in which rounding cannot change the sign before a ReLU or the maximum of a max pool. */
  private static final List<String> SMOOTH = List.of("logistic", "mlp1", "mlp2", "mlp3", "mlp4", "mlp5", "lenet5");

  /** The zoo's names of networks whose file names mean another network here. */
  private static final Map<String, String> ALIASES =
      Map.of(
          "alexnet", "alexnet-torchvision",
          "alexnet_2012", "alexnet",
          "googlenet", "googlenet-torchvision",
          "googlenet_2014", "googlenet");

  @TestFactory
  Stream<DynamicNode> smallNetworksEqualPyTorchs() {
    return Stream.concat(SMOOTH.stream(), Stream.of("lenet_caffe")).map(name -> suite(ParityNetwork.read(name)));
  }

  /** In double, where rounding cannot hide errors. LeNet-5 is excluded: the constants of its tanh are floats. */
  @TestFactory
  @Tag("slow")
  Stream<DynamicNode> theReferenceComputesThemExactly() {
    return ParityNetworks.names().stream().map(ParityNetwork::read)
        .map(network -> ParitySuite.network(Engine.REFERENCE, Tolerance.EXACT, network, () -> graph(network)));
  }

  @TestFactory
  Stream<DynamicNode> allNetworksOfAFolderEqualPyTorchs() throws IOException {
    Path folder = folder();
    List<Path> files = chosen(folder, System.getProperty("parity", "all"));
    assertThat(files).as("the files chosen of %s", folder).isNotEmpty();
    return files.stream().flatMap(file -> {
      ParityNetwork network = ParityNetwork.read(file);
      return Stream.of(
          DynamicContainer.dynamicContainer("exact", List.of(suite(network))),
          DynamicContainer.dynamicContainer(
              "fast", List.of(ParitySuite.network(FAST, Tolerance.WINOGRAD, network, () -> graph(network)))));
    });
  }

  /** @param names of files, separated by commas, or {@code all} */
  private static List<Path> chosen(Path folder, String names) throws IOException {
    if (!names.equals("all")) {
      return Stream.of(names.split(",", -1)).map(name -> folder.resolve(name + ".json")).toList();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().endsWith(".json")).sorted().toList();
    }
  }

  private static DynamicNode suite(ParityNetwork network) {
    Tolerance tolerance = SMOOTH.contains(network.name()) ? Tolerance.FLOAT.gradient(1e-5) : Tolerance.FLOAT;
    return ParitySuite.network(EXACT, tolerance, network, () -> graph(network));
  }

  private static Graph graph(ParityNetwork network) {
    return Model.graphOf(layer(network), network.input().withoutBatch());
  }

  /** The network for a file's name; an unknown one fails with the zoo's error. */
  private static Layer layer(ParityNetwork network) {
    String name = network.name();
    if (name.matches("mlp\\d")) {
      return new Mlp(Collections.nCopies(name.charAt(3) - '0', 32), network.classes(), Activation.SIGMOID);
    }
    if (name.equals("lenet5")) {
      return LeNet51998.linear(network.classes());
    }
    Network.Settings settings = new Network.Settings(network.classes(), List.of(128, 64), Pooling.MAX, Activation.RELU);
    return Zoo.find(ALIASES.getOrDefault(name, name)).layer(settings);
  }

  /** The folder of the files; the test is skipped if it is not requested or there is no such folder next to the project. */
  private static Path folder() {
    String given = System.getProperty("parity.dir", "");
    Path root = Path.of(System.getProperty("fovea.root", "..")).toAbsolutePath().normalize();
    if (!given.isEmpty()) {
      return root.resolve(given).resolve("networks");
    }
    assumeTrue(System.getProperty("parity") != null, "skipped: large networks against PyTorch's are for mvn verify -Pparity");
    Optional<Path> shared =
        Stream.iterate(root, Objects::nonNull, Path::getParent)
            .map(up -> up.resolve("shared/parity/networks"))
            .filter(Files::exists)
            .findFirst();
    assumeTrue(shared.isPresent(), "skipped: no shared/parity next to the project, and -Dparity.dir is not set");
    return shared.orElseThrow();
  }
}
