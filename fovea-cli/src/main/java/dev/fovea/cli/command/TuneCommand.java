package dev.fovea.cli.command;

import dev.fovea.cli.console.Interruption;
import dev.fovea.cli.console.LearningRateText;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Choices;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.DatasetCache;
import dev.fovea.cli.option.FolderOptions;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.RunOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.cli.option.Variants;
import dev.fovea.feature.FeatureCache;
import dev.fovea.model.Model;
import dev.fovea.run.RunConfig;
import dev.fovea.run.RunFolder;
import dev.fovea.tensor.FoveaException;
import dev.fovea.train.LearningRateRange;
import dev.fovea.tune.LearningRatePage;
import dev.fovea.tune.Search;
import dev.fovea.tune.SearchSpace;
import dev.fovea.tune.Tuning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Finds settings: trials of a search space by successive halving, or a learning rate range test alone. */
@CommandLine.Command(
    name = "tune",
    header = "Find settings: train trials for a few epochs, the best of them on.",
    description = {
        "Takes the options of fovea train. --space names options to search and their values. All trials are trained for a few"
            + " epochs, the best third for three times as many, until one is left, which is trained to the end (successive halving)."
            + " Trials are run folders, FOLDER/trial-N, compared on the validation images.",
        "Without --space the learning rate is searched around the suggestion of a range test, and weight decay from 1e-5 to 1e-2.",
        "FOLDER/tune.html has the table, the curves and what mattered."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {
        "",
        "Example:",
        "  fovea tune --space lr=1e-3..0.3 --space batch-size=16,32,64 --data digits:5000 --epochs 9",
        "  fovea tune --lr-range --html rates.html --data digits:5000"
    })
final class TuneCommand implements Command {
  private static final String SPACE = "--space";
  private static final String LR = "lr";

  /** Options that the learning rate range test does not use, or sets itself. */
  private static final List<String> WITHOUT_MEANING = List.of(SPACE, "--trials", "--eta", "--search", "--out", "--resume",
      "--overwrite", "--" + LR, "--epochs", "--steps", "--schedule", "--warmup", "--patience");

  private static final String WEIGHT_DECAY = "weight-decay";

  /** The range around the suggested learning rate, as multiples of it. */
  private static final double LOWEST = 0.1;

  private static final double HIGHEST = 3;

  private final Streams streams;
  private final DatasetCache images;

  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = SPACE,
      paramLabel = "OPTION=VALUES",
      description = "An option and its values, once for each option: a range, as in lr=1e-4..0.1, or choices, as in"
          + " batch-size=16,32,64. Choices that contain commas are separated by semicolons, as in augment='none;flip;flip,crop'. Ranges"
          + " are logarithmic for learning rates and weight decay, and if they span a factor of 100; ' lin' or ' log' after a range"
          + " says which, as in 'momentum=0.8..0.99 lin'. A range between integers has integers only.")
  private List<String> space = List.of();

  @Option(names = "--trials", paramLabel = "N", converter = Converters.TwoOrMore.class,
      description = "Number of trials. Default: 9.")
  private int trials = 9;

  @Option(names = "--eta", paramLabel = "N", converter = Converters.TwoOrMore.class,
      description = "One in N trials goes on, for N times as many epochs. Default: 3.")
  private int eta = 3;

  @Option(
      names = "--search",
      paramLabel = "NAME",
      converter = Converters.SearchName.class,
      completionCandidates = Choices.Searches.class,
      description = "How trials are chosen: halton, a sequence that fills the space evenly, or random. --seed chooses among such"
          + " sequences. Default: halton.")
  private Search search = Search.HALTON;

  @Option(names = "--lr-range",
      description = "Only the learning rate range test: the learning rate rises from 1e-6 to 10 over 100 steps. Nothing is saved.")
  private boolean range;

  @Option(names = "--html", paramLabel = "FILE", converter = Converters.File.class,
      description = "With --lr-range: write its curve to this page.")
  private Optional<Path> html = Optional.empty();

  @Mixin
  private final RunOptions options = new RunOptions();

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      converter = Converters.File.class,
      description = "The tuning's folder. Default: runs/tune-NETWORK-N, with --resume the last of them.")
  private Optional<Path> out = Optional.empty();

  @Mixin
  private final FolderOptions before = new FolderOptions();

  @Option(names = "--json", description = "Print tune.json as one line, or the range test's points and suggestion.")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  TuneCommand(Streams streams) {
    this.streams = streams;
    this.images = new DatasetCache(streams);
  }

  @Override
  public int run() {
    ParseResult given = spec.commandLine().getParseResult();
    if (range) {
      for (String other : WITHOUT_MEANING) {
        if (given.hasMatchedOption(other)) {
          throw new UsageException(other + ": has no meaning with --lr-range: leave it out");
        }
      }
      return rangeTest();
    }
    if (html.isPresent()) {
      throw new UsageException("--html: is the page of --lr-range; that of a tuning is FOLDER/tune.html");
    }
    return tune(given);
  }

  private int rangeTest() {
    if (!json) {
      streams.print(LearningRateText.HEAD);
    }
    LearningRateRange result = rangeTest(point -> {
      if (!json) {
        streams.print(LearningRateText.line(point));
      }
    });
    if (json) {
      streams.json(LearningRateText.json(result));
    } else {
      streams.print(LearningRateText.suggestion(result));
    }
    html.ifPresent(file -> LearningRatePage.write(file, options.config().title(), result));
    return 0;
  }

  private LearningRateRange rangeTest(Consumer<LearningRateRange.Point> listener) {
    RunConfig config = options.config();
    Model model = options.model(images.open(options.images()), streams::say);
    FeatureCache kept = FeatureCache.in(DatasetCache.features(), streams::say);
    return config.learningRateRange(model, images.preprocessed(options.images(), model, options.augmentation()).train(), kept,
        listener);
  }

  private int tune(ParseResult given) {
    RunFolder.Mode mode = before.mode();
    Path folder = out.orElseGet(() -> before.next("tune-" + options.folderName()));
    Tuning.check(folder, mode);
    SearchSpace searched = parsed(space.isEmpty() ? standard(given) : space);
    Variants variants = Variants.of(SPACE, new HashSet<>(searched.names()), "lr=0.001..0.1, got '"
        + String.join(" ", searched.names()) + "'", given);
    List<Tuning.Trial> all = new ArrayList<>();
    for (Map<String, String> settings : points(searched)) {
      RunOptions of = variants.with(settings);
      all.add(new Tuning.Trial(settings, of.config(), () -> images.training(of)));
      of.check(images.open(of.images()));
    }
    Tuning tuning = Tuning.of(searched, search, options.seed(), eta, all);
    streams.say(tuning.rungs().stream().map(rung -> rung.trials() + (rung.trials() == 1 ? " trial" : " trials") + " to epoch "
        + rung.epochs()).collect(Collectors.joining(", ")) + ": " + String.join(" ", searched.texts()) + ", into " + folder);
    try (Interruption interruption = new Interruption()) {
      return report(tuning.messages(streams::say).stopWhen(interruption::requested).run(folder, mode), folder);
    }
  }

  private static SearchSpace parsed(List<String> texts) {
    try {
      return SearchSpace.parse(texts);
    } catch (FoveaException e) {
      throw new UsageException(SPACE + ": " + e.getMessage());
    }
  }

  private List<Map<String, String>> points(SearchSpace searched) {
    try {
      return searched.trials(search, options.seed(), trials);
    } catch (FoveaException e) {
      throw new UsageException("--trials: " + e.getMessage());
    }
  }

  /** Around the range test's suggestion, and weight decay; without those that are given. */
  private List<String> standard(ParseResult given) {
    List<String> texts = new ArrayList<>();
    if (!given.hasMatchedOption("--" + LR)) {
      double suggestion = rangeTest(_ -> {}).steepest().orElseThrow(() -> new FoveaException(
          "the loss did not fall at any learning rate: say where to search, as in --space lr=0.001..0.1"));
      texts.add(String.format(Locale.ROOT, "%s=%.1e..%.1e", LR, LOWEST * suggestion, HIGHEST * suggestion));
      streams.say(String.format(Locale.ROOT, "learning rate range test: %.1e is suggested", suggestion));
    }
    if (!given.hasMatchedOption("--" + WEIGHT_DECAY)) {
      texts.add(WEIGHT_DECAY + "=1e-5..1e-2");
    }
    if (texts.isEmpty()) {
      throw new UsageException(
          "--lr and --" + WEIGHT_DECAY + " are given: say what to search, as in --space batch-size=16,32,64");
    }
    return texts;
  }

  private int report(Tuning.Outcome outcome, Path folder) {
    return switch (outcome) {
      case Tuning.Outcome.Finished finished -> {
        if (json) {
          streams.json(finished.result().json());
        } else {
          streams.print(finished.result().table());
          streams.print(finished.command());
        }
        streams.say("table, curves and what mattered: " + folder.resolve("tune.html"));
        yield 0;
      }
      case Tuning.Outcome.Stopped stopped -> {
        streams.error("stopped in trial " + stopped.trial() + " after step " + stopped.step() + " of " + stopped.totalSteps()
            + "; to resume, repeat the command with --out " + folder + " --resume");
        yield Interruption.EXIT_CODE;
      }
    };
  }
}
