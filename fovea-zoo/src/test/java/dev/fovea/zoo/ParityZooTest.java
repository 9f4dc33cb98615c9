package dev.fovea.zoo;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Graph;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * The zoo against what PyTorch computes for the same networks. Small ones in every build; all that lie in a folder with
 * {@code -Dparity.dir=DIR}, which holds {@code networks/*.json}, or, where {@code shared/parity} lies beside the project, with
 * {@code -Dparity}. {@code -Dparity=lenet5,googlenet_2014} takes these alone. Large ones need 12 GiB.
 */
class ParityZooTest {
  private static final Engine CPU = new BackendEngine(Backends.find(), 2);

  /** Networks in which no rounding can turn a ReLU or the winner of a max pool. */
  private static final List<String> SMOOTH = List.of("logistic", "mlp1", "mlp2", "mlp3", "mlp4", "mlp5", "lenet5");

  /** What a file is called here where its plain name means another network. */
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

  /** In double, where a slip cannot hide behind rounding. LeNet-5 is left out: the constants of its tanh are floats. */
  @TestFactory
  Stream<DynamicNode> theReferenceComputesThemExactly() {
    return ParityNetworks.names().stream().map(ParityNetwork::read)
        .map(network -> ParitySuite.network(Engine.REFERENCE, Tolerance.EXACT, network, () -> graph(network)));
  }

  @TestFactory
  Stream<DynamicNode> allNetworksOfAFolderEqualPyTorchs() throws IOException {
    List<String> chosen = List.of(System.getProperty("parity", "").replace("true", "").split(",", -1));
    try (Stream<Path> files = Files.list(folder())) {
      return files.filter(file -> file.getFileName().toString().endsWith(".json"))
          .filter(file -> chosen.equals(List.of("")) || chosen.contains(name(file)))
          .sorted()
          .toList()
          .stream()
          .map(file -> suite(ParityNetwork.read(file)));
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".json", "");
  }

  private static DynamicNode suite(ParityNetwork network) {
    Tolerance tolerance = SMOOTH.contains(network.name()) ? Tolerance.FLOAT.gradient(1e-5) : Tolerance.FLOAT;
    return ParitySuite.network(CPU, tolerance, network, () -> graph(network));
  }

  private static Graph graph(ParityNetwork network) {
    return Model.graphOf(layer(network), network.input().withoutBatch());
  }

  /** What the file's name means; where the zoo knows no such network its error lists those it knows. */
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

  /** The folder of the files; the test is skipped where nobody asks for it. */
  private static Path folder() {
    String given = System.getProperty("parity.dir", "");
    assumeTrue(
        !given.isEmpty() || System.getProperty("parity") != null, "skipped: set -Dparity.dir to the folder of the parity files");
    Path found = Path.of(given.isEmpty() ? "absent" : given);
    for (Path up = Path.of("").toAbsolutePath(); given.isEmpty() && up != null && !Files.exists(found); up = up.getParent()) {
      found = up.resolve("shared/parity");
    }
    return found.resolve("networks");
  }
}
