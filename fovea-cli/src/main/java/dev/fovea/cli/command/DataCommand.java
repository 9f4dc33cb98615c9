package dev.fovea.cli.command;

import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.data.KnownDataset;
import dev.fovea.data.download.Cache;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Lists the data sets. */
@CommandLine.Command(
    name = "data",
    header = "List the data sets, and where they come from.",
    description = {
        "What is in brackets is optional. Without DIR, mnist and fashion-mnist are downloaded once into the cache, and cifar10 is"
            + " expected there.",
        "images:DIR has a folder for each class, or folders train, val and test with class folders in each; names such as"
            + " Training, valid and test_set are known too. A file classes.txt may name the classes: in each line a folder, a tab"
            + " and the name of its class.",
        "Transparent images are drawn on white, or on black if what they show would be invisible on white."
    },
    footer = {"", "Example:", "  fovea data"})
final class DataCommand implements Command {
  private final Streams streams;

  @Mixin
  private final HelpOption help = new HelpOption();

  DataCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    Path cache = Cache.folder();
    List<KnownDataset> all = KnownDataset.all(cache);
    int width = all.stream().mapToInt(k -> k.spec().length()).max().orElse(0);
    for (KnownDataset known : all) {
      streams.out().printf(Locale.ROOT, "%-" + width + "s  %s%s%n", known.spec(), known.about(), known.here() ? " (here)" : "");
      streams.out().printf(Locale.ROOT, "%-" + width + "s  %s; %s; %s%n", "", known.size(), known.source(), known.licence());
    }
    streams.out().printf(Locale.ROOT, "%ncache: %s%n", Streams.escaped(cache));
    return 0;
  }
}
