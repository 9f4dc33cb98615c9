package dev.fovea.cli.command;

import dev.fovea.check.Preflight;
import dev.fovea.check.PreflightJson;
import dev.fovea.check.PreflightPage;
import dev.fovea.check.PreflightText;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.RunOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.data.Split;
import dev.fovea.data.UnreadableImages;
import dev.fovea.model.Model;
import dev.fovea.run.RunConfig;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks data, network and settings before a run. */
@CommandLine.Command(
    name = "check",
    header = "Check the data, the network and the settings of a run before it begins.",
    description = {
        "Takes the options of fovea train. Reads every image, and reports labels per class and part, unreadable images, equal and"
            + " similar images (dHashes of which at most 3 of 64 bits differ) and those that are in two parts, how sizes and"
            + " brightness suit the network, its memory, the time of an epoch on this machine, and settings that contradict each other.",
        "Exit code 1 if training would be refused or fail. Nothing is saved."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
        "",
        "Example:",
        "  fovea check --data images:/data/flowers --model resnet18 --html check.html"
    })
final class CheckCommand implements Command {
  private final Streams streams;

  @Mixin
  private final RunOptions options = new RunOptions();

  @Option(names = "--html", paramLabel = "FILE", converter = Converters.File.class,
      description = "Also write the report as a page, with the images that are equal or similar.")
  private Optional<Path> html = Optional.empty();

  @Option(names = "--json", description = "Print one JSON object: parts, equal, similar, leaks, network, findings ...")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  CheckCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    RunConfig config = options.config();
    Split split = options.images().open(streams);
    List<String> refusals = new ArrayList<>();
    Optional<Model> model = model(split, refusals);
    Preflight check = Preflight.of(config, model, split, refusals,
        part -> streams.progress("reading " + part.name(), part.size()));
    if (json) {
      streams.json(PreflightJson.of(check));
    } else {
      streams.print(PreflightText.of(check));
    }
    html.ifPresent(file -> PreflightPage.write(file, check, split));
    return check.fails() ? 1 : 0;
  }

  private Optional<Model> model(Split split, List<String> refusals) {
    try {
      return Optional.of(options.model(split, streams::say));
    } catch (UnreadableImages e) {
      return Optional.empty(); // reported with all others
    } catch (UsageException e) {
      refusals.add(String.valueOf(e.getMessage()));
    } catch (FoveaException e) {
      refusals.add(Hint.message(e));
    }
    return Optional.empty();
  }
}
