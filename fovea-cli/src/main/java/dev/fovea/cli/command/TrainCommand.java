package dev.fovea.cli.command;

import dev.fovea.check.SettingsCheck;
import dev.fovea.cli.console.Interruption;
import dev.fovea.cli.console.Machine;
import dev.fovea.cli.console.RunText;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.AutoOptions;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.DataSets;
import dev.fovea.cli.option.DatasetCache;
import dev.fovea.cli.option.FolderOptions;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.ResumedRun;
import dev.fovea.cli.option.RunOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.data.Split;
import dev.fovea.data.UnreadableImages;
import dev.fovea.model.Model;
import dev.fovea.model.Task;
import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.run.TrainingRun;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.DivergedException;
import dev.fovea.train.Progress;
import dev.fovea.train.TrainEvent;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Trains a network into a run folder. */
@CommandLine.Command(
    name = "train",
    header = "Train a network into a run folder.",
    description = {
        "Without options it trains lenet5 on digits, the built-in data set. Options that are not given come from the network's"
            + " recipe. The same options give the same weights, bit for bit, on any number of threads."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
        "",
        "NETWORK, in the notation: 'INPUT -> [[CONV 32 -> RELU]*2 -> POOL]*3 -> [FC 256 -> RELU]*1 -> FC'",
        "DATA: digits[:N], mnist[:DIR], fashion-mnist[:DIR], cifar10[:DIR], cifar100[:DIR],",
        "cifar100-coarse[:DIR], idx:DIR, images:DIR, segmentation:DIR, voc:DIR, tar:DIR,",
        "csv:FILE[:COLUMN,...] (see fovea data)",
        "",
        "Example:",
        "  fovea train --model lenet5 --data mnist:/data/mnist --epochs 12 --seed 5 --out runs/mnist",
        "A network with skip connections, trained in stages:",
        "  fovea train --model fcn16s --data segmentation:/data/voc --init runs/fcn32s-1",
        "Several labels for each image, or numbers:",
        "  fovea train --model 'input 3x64x64 -> [conv 32 -> relu -> pool]*3 -> fc' --data csv:/data/labels.csv",
        "A network of any format, trained on with other classes:",
        "  fovea train --init mobilenet.onnx --data images:/data/flowers"
    })
final class TrainCommand implements Command {
  private final Streams streams;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Mixin
  private final RunOptions given = new RunOptions();

  @Option(names = "--auto",
      description = "Choose the settings that are not given by what the images are like, and print each with its reason.")
  private boolean auto;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      converter = Converters.File.class,
      description = "The run folder. Default: runs/NETWORK-N, with --resume the last of them.")
  private Optional<Path> out = Optional.empty();

  @Mixin
  private final FolderOptions before = new FolderOptions();

  @Mixin
  private final HelpOption help = new HelpOption();

  TrainCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    RunFolder.Mode mode = before.mode();
    Path folder = out.orElseGet(() -> before.next(auto && !given.names() ? "auto" : given.folderName()));
    boolean resumed = before.resume() && RunFolder.isIn(folder);
    ParseResult line = spec.commandLine().getParseResult();
    if (before.resume() && !resumed) {
      if (!given.names() && !line.hasMatchedOption("--data")) {
        throw new UsageException("--resume: " + folder + " holds no run: name its folder (--out FOLDER), or leave --resume out");
      }
      streams.say(folder + " holds no run to resume: a new one begins");
    }
    RunOptions asked = resumed ? ResumedRun.options(folder, line) : given;
    asked.config();
    RunFolder.check(folder, mode);
    Split split = asked.images().open(streams);
    RunOptions options = auto && !resumed ? AutoOptions.of(asked, line, split, streams::say) : asked;
    RunConfig config = options.config();
    streams.say(config.title() + ", into " + folder);
    Model model = options.model(split, streams::say);
    AtomicBoolean begun = new AtomicBoolean();
    sayWhatIsKnown(config, split);
    TrainingRun run = TrainingRun.of(config, model, DataSets.preprocessed(split, model, options.augmentation(), streams))
        .features(DatasetCache.features())
        .listen(Progress.on(streams.err(), streams.terminal()))
        .listen(this::sayCost)
        .listen(_ -> begun.set(true))
        .messages(streams::say)
        .findings(finding -> streams.say(Hint.message(finding)));
    try (Interruption interruption = new Interruption()) {
      return report(run.stopWhen(interruption::requested).run(folder, mode), split, folder);
    } catch (FoveaException e) {
      if (begun.get()) {
        streams.say(advice(e, folder));
      }
      if (begun.get() && e instanceof UnreadableImages) { // to skip it now would be another run
        throw new FoveaException(e.getMessage() + "; the run has begun with it: put it back as it was", e);
      }
      throw e;
    }
  }

  /** What fovea check reports without reading images, unless training itself reports it. */
  private void sayWhatIsKnown(RunConfig config, Split split) {
    streams.say(String.format(Locale.ROOT, "images: %,d to train, %,d for validation%s, of %d %s", split.train().size(),
        split.validation().size(),
        split.test().map(test -> String.format(Locale.ROOT, ", %,d for the test", test.size())).orElse(""),
        split.train().task().size(), split.train().task() instanceof Task.Numbers ? "numbers" : "classes"));
    SettingsCheck.of(config, split).forEach(finding -> streams.say("warning: " + finding.text()));
  }

  /** Whether the images came in time, and what memory the run took. */
  private void sayCost(TrainEvent event) {
    if (event instanceof TrainEvent.Finished finished) {
      OptionalDouble peak = Machine.peakMemory();
      streams.say(String.format(Locale.ROOT, "waited for images %.1f %% of the time", 100 * finished.loading().share())
          + (peak.isPresent() ? String.format(Locale.ROOT, ", peak memory %.0f MiB", peak.getAsDouble()) : ""));
    }
  }

  /** How to go on after a failure in the middle of training. */
  private static String advice(FoveaException failure, Path folder) {
    if (failure instanceof DivergedException) {
      return RunFolder.hasModel(folder)
          ? folder + " holds the weights of its last epoch; to train them on at another learning rate: fovea train --init "
              + folder + " --lr X"
          : folder + " holds no network yet; to start again at another learning rate: fovea train --overwrite --out " + folder
              + " --lr X";
    }
    return folder + " holds the run up to its last checkpoint; to resume: fovea train --resume --out " + folder;
  }

  private int report(TrainingRun.Outcome outcome, Split split, Path folder) {
    boolean tested = split.test().isPresent();
    return switch (outcome) {
      case TrainingRun.Outcome.Finished finished -> {
        streams.print(RunText.of(finished.result(), tested, folder));
        yield 0;
      }
      case TrainingRun.Outcome.AlreadyFinished finished -> {
        streams.say(folder + ": this run is finished already, nothing is left to do");
        streams.print(RunText.of(finished.result(), tested, folder));
        yield 0;
      }
      case TrainingRun.Outcome.Stopped stopped -> {
        streams.error("stopped after step " + stopped.step() + " of " + stopped.totalSteps()
            + "; to resume: fovea train --resume --out " + folder);
        yield Interruption.EXIT_CODE;
      }
    };
  }
}
