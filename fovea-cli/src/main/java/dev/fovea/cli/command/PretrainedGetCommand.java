package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.data.download.Cache;
import dev.fovea.pretrained.PretrainedNetwork;
import dev.fovea.pretrained.PretrainedRegistry;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Downloads pretrained networks. */
@CommandLine.Command(
    name = "get",
    header = "Download pretrained networks into the cache, and print their files.",
    description = "A file that is there and undamaged is not downloaded again.",
    footer = {"", "Example:", "  fovea pretrained get resnet18"})
final class PretrainedGetCommand implements Command {
  private final Streams streams;

  @Parameters(paramLabel = "NAME", arity = "1..*", converter = Converters.PretrainedName.class,
      description = "Names in fovea pretrained list.")
  private List<PretrainedNetwork> networks = new ArrayList<>();

  @Mixin
  private final HelpOption help = new HelpOption();

  PretrainedGetCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    PretrainedRegistry registry = PretrainedRegistry.in(Cache.folder());
    networks.forEach(network -> streams.print(registry.fetch(network, streams::say)));
    return 0;
  }
}
