package dev.fovea.cli.command;

import dev.fovea.cli.console.Machine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.RunOptions;
import dev.fovea.data.Split;
import dev.fovea.model.Model;
import dev.fovea.run.RunConfig;
import dev.fovea.train.Overfit;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Overfits a network to one batch. */
@CommandLine.Command(
    name = "overfit",
    header = "Overfit one batch, to check that a network learns at all.",
    description = "Takes the options of fovea train, and makes the first 20 steps of that run, or --steps, all on the same batch"
        + " and without augmentation. Nothing is saved. If the loss does not fall, the learning rate, the initial weights or a layer"
        + " is wrong: try this before a long run.",
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
        "",
        "Example:",
        "  fovea overfit --model vgg16 --data images:/data/flowers --batch-size 4"
    })
final class OverfitCommand implements Command {
  private static final int STEPS = 20;

  private final Streams streams;

  @Mixin
  private final RunOptions options = new RunOptions();

  @Option(names = "--json",
      description = "Print one JSON object: first, last, ratio, seconds, losses, peak_rss_mib ...")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  OverfitCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    RunConfig config = options.config();
    int steps = config.steps() == 0 ? STEPS : Math.clamp(config.steps(), 1, Integer.MAX_VALUE);
    Split split = options.images().open(streams);
    Model model = options.model(split, streams::say);
    split.warnings().forEach(streams::say);
    long began = System.nanoTime();
    Overfit overfit = config.overfit(model, split.train(), steps, loss -> print("%.4f%n", loss));
    double seconds = (System.nanoTime() - began) * 1e-9;
    if (json) {
      streams.json(json(config, model, overfit, seconds));
    } else {
      print("%d steps: loss from %.4f to %.4f, ratio %.3f, in %.1f s%n", steps, overfit.first(), overfit.last(), overfit.ratio(),
          seconds);
    }
    return 0;
  }

  private void print(String format, Object... values) {
    if (!json) {
      streams.out().printf(Locale.ROOT, format, values);
      streams.out().flush();
    }
  }

  private static ObjectNode json(RunConfig config, Model model, Overfit overfit, double seconds) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("network", model.card().network()).put("input", model.input().toString()).put("batch",
        config.training().batchSize());
    node.put("lr", config.training().learningRate()).put("first", overfit.first()).put("last", overfit.last());
    node.put("ratio", overfit.ratio()).put("seconds", Math.round(seconds * 10) / 10.0);
    Machine.peakMemory().ifPresent(mib -> node.put("peak_rss_mib", Math.round(mib)));
    overfit.losses().forEach(node.putArray("losses")::add);
    return node;
  }
}
