package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.data.download.Cache;
import dev.fovea.pretrained.PretrainedNetwork;
import dev.fovea.pretrained.PretrainedRegistry;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Lists the pretrained networks. */
@CommandLine.Command(
    name = "list",
    header = "List the pretrained networks, and which of them are in the cache.",
    description = "Each with its size, its source and terms, its address, and the options of fovea convert that say what the file"
        + " does not.",
    sortOptions = false,
    footer = {"", "Example:", "  fovea pretrained list"})
final class PretrainedListCommand implements Command {
  private final Streams streams;

  @Option(names = "--json", description = "Print one JSON object: networks (name, url, file, bytes, here ...) and registry.")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  PretrainedListCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    PretrainedRegistry registry = PretrainedRegistry.in(Cache.folder());
    List<PretrainedNetwork> all = registry.networks();
    if (json) {
      streams.json(json(registry, all));
      return 0;
    }
    int width = all.stream().mapToInt(network -> network.name().length()).max().orElse(0);
    for (PretrainedNetwork network : all) {
      String options = network.convert().entrySet().stream().map(e -> "--" + e.getKey() + " " + e.getValue())
          .collect(Collectors.joining(" "));
      String size = network.bytes() == 0 ? "" : String.format(Locale.ROOT, "%.1f MB; ", network.bytes() / 1e6);
      print(width, network.name(),
          size + network.source() + "; " + network.licence() + (registry.isHere(network) ? " (here)" : ""));
      print(width, "", network.url().toString());
      print(width, "", options);
    }
    streams.print("\nyour own are in " + registry.file());
    return 0;
  }

  private void print(int width, String name, String text) {
    if (!text.isEmpty()) {
      streams.print(String.format(Locale.ROOT, "%-" + width + "s  %s", name, Streams.escaped(text)));
    }
  }

  private static ObjectNode json(PretrainedRegistry registry, List<PretrainedNetwork> all) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ArrayNode networks = root.putArray("networks");
    for (PretrainedNetwork network : all) {
      ObjectNode node = networks.addObject().put("name", network.name()).put("url", network.url().toString());
      node.put("file", registry.file(network).toString()).put("bytes", network.bytes()).put("sha256", network.sha256());
      node.put("source", network.source()).put("licence", network.licence()).put("here", registry.isHere(network));
      network.convert().forEach(node.putObject("convert")::put);
    }
    return root.put("registry", registry.file().toString());
  }
}
