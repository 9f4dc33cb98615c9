package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.NetworkOptions;
import dev.fovea.graph.Graph;
import dev.fovea.model.Model;
import dev.fovea.model.Summary;
import dev.fovea.zoo.Network;
import dev.fovea.zoo.Zoo;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Lists the zoo. */
@CommandLine.Command(
    name = "models",
    header = "List the networks.",
    description = "Each with its input size, its number of parameters, the defaults of fovea train (epochs, batch size, learning"
        + " rate), and its own options.",
    footer = {"", "Example:", "  fovea models"})
final class ModelsCommand implements Command {
  private final Streams streams;

  @Mixin
  private final HelpOption help = new HelpOption();

  ModelsCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    int name = Zoo.networks().stream().mapToInt(n -> n.name().length()).max().orElse(0);
    String format = "%-" + name + "s  %-9s  %11s  %6s  %5s  %5s  %s%n";
    streams.out().printf(Locale.ROOT, format, "network", "input", "parameters", "epochs", "batch", "lr", "about");
    for (Network network : Zoo.networks()) {
      Graph graph = Model.graphOf(new NetworkOptions().layer(network, network.classes()), network.input());
      streams.out().printf(Locale.ROOT, format, network.name(), network.input(),
          String.format(Locale.ROOT, "%,d", Summary.of(graph).trainable()), network.recipe().epochs(),
          network.recipe().batchSize(),
          network.recipe().learningRate(), network.about() + options(network));
    }
    return 0;
  }

  private static String options(Network network) {
    return network.settings().isEmpty()
        ? ""
        : " (" + network.settings().stream().sorted().map(s -> "--" + s).collect(Collectors.joining(", ")) + ")";
  }
}
