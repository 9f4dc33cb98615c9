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
        "What is in brackets is optional. Without DIR, mnist and fashion-mnist are downloaded once into the cache, and the CIFARs"
            + " are expected there.",
        "images:DIR has a folder for each class, or folders train, val and test with class folders in each; names such as"
            + " Training, valid and test_set are known too. A file classes.txt may name the classes: in each line a folder, a tab"
            + " and the name of its class.",
        "tar:DIR holds archives that are not compressed, in the order in which WebDataset writes files: 0001.jpg, then 0001.cls with"
            + " the number or the name of the class, or a 0001.json with a label. An archive is of the part that its name contains,"
            + " as in photos-val-000.tar, or its folder train, val or test has; a pattern chooses some, as in 'tar:DIR/*-00?.tar'."
            + " classes.txt or classnames.txt may name numbered classes, one per line.",
        "csv:FILE is a table whose first line names the columns: one of paths, relative to the file (path, file, filename or image,"
            + " else the first); if you like one called split, with train, validation or test; the others are what is learnt, or"
            + " those that you name, as in csv:labels.csv:age,weight.",
        "A column of text is one label, or several if they are separated by |. Columns of 0 and 1 are several labels, a single one has"
            + " two classes. Columns of other numbers are numbers. fovea train says what it read; --task chooses otherwise.",
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
