package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.PretrainedModel;
import dev.fovea.data.download.Cache;
import dev.fovea.pretrained.PretrainedNetwork;
import dev.fovea.pretrained.PretrainedRegistry;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints where a pretrained network's file is. */
@CommandLine.Command(
    name = "path",
    header = "Print the file of a pretrained network in the cache.",
    description = "Fails if it is missing or damaged, and says what to do.",
    footer = {
        "",
        "Example:",
        "  fovea pretrained path resnet18",
        "  fovea convert \"$(fovea pretrained path resnet18)\" resnet18.onnx --network resnet18"})
final class PretrainedPathCommand implements Command {
  private final Streams streams;

  @Parameters(index = "0", paramLabel = "NAME", converter = Converters.PretrainedName.class,
      description = "A name in fovea pretrained list.")
  private Optional<PretrainedNetwork> network = Optional.empty();

  @Mixin
  private final HelpOption help = new HelpOption();

  PretrainedPathCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    PretrainedNetwork named = network.orElseThrow();
    PretrainedModel.verify(named);
    streams.print(PretrainedRegistry.in(Cache.folder()).file(named));
    return 0;
  }
}
