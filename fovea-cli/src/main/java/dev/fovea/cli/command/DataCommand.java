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
        "What stands in brackets may be left out: without a folder mnist and fashion-mnist are downloaded once, into the cache, and"
            + " cifar10 is looked for there.",
        "images:DIR has a folder for each class, or train, val and test folders (Training, valid, test_set and the like will do)"
            + " with class folders in each. A file classes.txt may name the classes: in each line a folder, a tab and its name.",
        "Where an image is transparent it lies on white, or on black where what it shows would vanish on white."
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
      streams.out().printf(Locale.ROOT, "%-" + width + "s  %s; %s; %s%n", "", known.size(), known.home(), known.licence());
    }
    streams.out().printf(Locale.ROOT, "%ncache: %s%n", Streams.shown(cache));
    return 0;
  }
}
