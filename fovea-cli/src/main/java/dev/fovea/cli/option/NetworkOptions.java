package dev.fovea.cli.option;

import dev.fovea.layer.Activation;
import dev.fovea.layer.Layer;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Pooling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The options of networks, shared by all commands that build one. */
public final class NetworkOptions {
  private static final List<Integer> HIDDEN = List.of(128, 64);

  @Option(
      names = "--hidden",
      paramLabel = "N",
      split = ",",
      converter = Converters.Count.class,
      description = "mlp: units of each hidden layer, 1 to 5 layers. Default: 128,64.")
  private List<Integer> hidden = List.of();

  @Option(
      names = "--pool",
      paramLabel = "KIND",
      converter = Converters.Pool.class,
      completionCandidates = Choices.Pools.class,
      description = "lenet5, lenet-caffe: ${COMPLETION-CANDIDATES}. Default: max.")
  private Optional<Pooling> pool = Optional.empty();

  @Option(
      names = "--activation",
      paramLabel = "KIND",
      converter = Converters.ActivationName.class,
      completionCandidates = Choices.Activations.class,
      description = "mlp, lenet5, lenet-caffe: ${COMPLETION-CANDIDATES}. Default: relu.")
  private Optional<Activation> activation = Optional.empty();

  /** Builds the network with these options. */
  public Layer layer(Network network, int classes) {
    check(network);
    return network.layer(
        new Network.Settings(classes, layers(), pool.orElse(Pooling.MAX), activation.orElse(Activation.RELU)));
  }

  /** The settings that the network has, by option name, with their defaults. */
  public Map<String, String> chosen(Network network) {
    check(network);
    Map<String, String> all = all();
    all.keySet().retainAll(network.settings());
    return all;
  }

  /** Refuses them for a network that is not built here, but read from a file. */
  public void requireNone(String file) {
    all().keySet().stream().filter(this::isGiven).findFirst().ifPresent(setting -> {
      throw new UsageException("--" + setting + ": " + file + " already has its layers: leave the option out");
    });
  }

  private boolean isGiven(String setting) {
    return switch (setting) {
      case "hidden" -> !hidden.isEmpty();
      case "pool" -> pool.isPresent();
      default -> activation.isPresent();
    };
  }

  private List<Integer> layers() {
    return hidden.isEmpty() ? HIDDEN : hidden;
  }

  private Map<String, String> all() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("hidden", layers().stream().map(String::valueOf).collect(Collectors.joining(",")));
    all.put("pool", Choices.spelling(pool.orElse(Pooling.MAX)));
    all.put("activation", activation.orElse(Activation.RELU).spelling());
    return all;
  }

  private void check(Network network) {
    all().keySet().stream().filter(s -> isGiven(s) && !network.settings().contains(s)).findFirst().ifPresent(setting -> {
      String known = network.settings().stream().sorted().map(s -> "--" + s).collect(Collectors.joining(", "));
      throw new UsageException("--" + setting + ": " + network.name() + " has no such setting, "
          + (known.isEmpty() ? "nor any other: leave it out" : "only " + known));
    });
  }
}
