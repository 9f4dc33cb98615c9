package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.CardOptions;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.PretrainedModel;
import dev.fovea.cli.option.UsageException;
import dev.fovea.cli.option.WeightsOptions;
import dev.fovea.data.download.Cache;
import dev.fovea.pretrained.PretrainedNetwork;
import dev.fovea.pretrained.PretrainedRegistry;
import dev.fovea.tensor.FoveaException;
import java.net.URI;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Adds a pretrained network to the user's registry. */
@CommandLine.Command(
    name = "add",
    header = "Add a pretrained network to your own list, without downloading it.",
    description = "What the file does not say is given by the options of fovea convert, such as --network for a file of weights.",
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
        "",
        "Example:",
        "  fovea pretrained add resnet18-flowers --url https://example.org/flowers.pth --sha256 9f86d08...0a08 \\",
        "      --network resnet18 --classes 5"})
final class PretrainedAddCommand implements Command {
  private static final int DIGITS = 64;

  private final Streams streams;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "NAME", description = "Its name for --pretrained.")
  private String name = "";

  @Option(names = "--url", paramLabel = "ADDRESS", required = true, description = "The file's address, https:// or http://.")
  private String url = "";

  @Option(names = "--sha256", paramLabel = "SUM", required = true,
      description = "The file's SHA-256, all 64 hexadecimal digits, as sha256sum prints it.")
  private String sha256 = "";

  @Option(names = "--bytes", paramLabel = "N", converter = Converters.LongCount.class,
      description = "The file's length. Default: not known, at most 4 GiB.")
  private long bytes;

  @Option(names = "--source", paramLabel = "TEXT", description = "Who published it, for the list.")
  private String source = "yours";

  @Option(names = "--licence", paramLabel = "TEXT", description = "Its terms, for the list.")
  private String licence = "not stated";

  @Mixin
  @SuppressWarnings("UnusedVariable") // their texts are stored, as they are given
  private final WeightsOptions weights = new WeightsOptions();

  @Mixin
  @SuppressWarnings("UnusedVariable") // their texts are stored, as they are given
  private final CardOptions card = new CardOptions();

  @Mixin
  private final HelpOption help = new HelpOption();

  PretrainedAddCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    PretrainedRegistry registry = PretrainedRegistry.in(Cache.folder());
    PretrainedNetwork network = network();
    PretrainedModel.check(network);
    registry.add(network);
    streams.print(name + ": added to " + registry.file());
    streams.say("to download it: fovea pretrained get " + name);
    return 0;
  }

  private PretrainedNetwork network() {
    if (sha256.length() != DIGITS) {
      throw new UsageException("--sha256: expected " + DIGITS + " hexadecimal digits, got " + sha256.length());
    }
    try {
      return new PretrainedNetwork(name, URI.create(url), bytes, sha256.toLowerCase(Locale.ROOT), source, licence,
          PretrainedModel.options(spec.commandLine().getParseResult()));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--url: expected an address, as in https://example.org/resnet18.pth, got '" + url + "'");
    } catch (FoveaException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }
}
