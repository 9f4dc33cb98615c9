package dev.fovea.cli.command;

import dev.fovea.cli.console.EvaluationJson;
import dev.fovea.cli.console.EvaluationText;
import dev.fovea.cli.console.MetricsText;
import dev.fovea.cli.console.ProgressLine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.CardOptions;
import dev.fovea.cli.option.Choices;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.DataSets;
import dev.fovea.cli.option.EvaluationData;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.ModelOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.cli.option.ViewsOption;
import dev.fovea.data.Dataset;
import dev.fovea.data.Split;
import dev.fovea.image.TestTimeAugmentation;
import dev.fovea.metric.Estimate;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.Evaluator;
import dev.fovea.metric.LabelMetrics;
import dev.fovea.metric.Metrics;
import dev.fovea.metric.NumberMetrics;
import dev.fovea.metric.OneVsRest;
import dev.fovea.metric.Scores;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Evaluates a model on images of a data set. */
@CommandLine.Command(
    name = "evaluate",
    header = "Evaluate a model on the test images of a data set.",
    description = {
        "If the data set has no test part, its validation part is used. If it has neither, all images are used, or those"
            + " held out of training if the model was trained on it.",
        "ROC area and average precision (AP) are of each class against the others. ECE is the expected calibration error in 15 bins."
            + " Intervals are Wilson's for shares of images, otherwise of 1,000 bootstrap resamples; areas have none above 131,072"
            + " images x classes. Above 67,108,864, or an eighth of the JVM's memory, only accuracy, loss, precision, recall and F1 are"
            + " computed."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea evaluate runs/mnist --data mnist:/data/mnist --json"})
final class EvaluateCommand implements Command {
  private static final int TOP = 5;

  private final Streams streams;

  @Mixin
  private final EvaluationData data = new EvaluationData();

  @Option(names = "--split", paramLabel = "PART", converter = Converters.Part.class, completionCandidates = Choices.Parts.class,
      description = "The part of the data set: train, validation or test, split as for training with the model's seed. Default: see"
          + " above.")
  private Optional<Split.Part> part = Optional.empty();

  @Option(names = "--top", paramLabel = "K", converter = Converters.Count.class,
      description = "Also count as correct what is among the K most probable classes. Default: 5, if there are more.")
  private Optional<Integer> top = Optional.empty();

  @Option(names = "--curves", description = "With --json: include the points of each class's ROC and precision-recall curve.")
  private boolean curves;

  @Option(names = "--json", description = {
      "Print one JSON object: accuracy, loss, count, top_K_accuracy, macro_f1, macro_roc_area, macro_average_precision, ece,"
          + " intervals, temperature, reliability, classes;",
      "for segmentation pixel_accuracy, mean_accuracy, mean_iou, frequency_weighted_iou, loss, count, pixels, class_iou;",
      "for several labels mean_average_precision, macro_f1, micro_f1, exact_match, loss, count, classes ...;",
      "for numbers r2, loss, count and numbers, each with mean_absolute_error, root_mean_squared_error and r2."})
  private boolean json;

  @Mixin
  private final ViewsOption views = new ViewsOption();

  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Mixin
  private final HelpOption help = new HelpOption();

  EvaluateCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    if (curves && !json) {
      throw new UsageException("--curves: the points are for programs: add --json");
    }
    Model loaded = model.load();
    CardOptions.assumptions(loaded.card()).forEach(streams::say);
    if (!loaded.classifies()) {
      requireNone(loaded);
    }
    Dataset images = part.map(p -> data.part(p, loaded, streams)).orElseGet(() -> data.test(loaded, streams));
    if (!loaded.classifies()) {
      report(measured(loaded, images), images);
    } else if (Scores.fit(images.size(), images.classes().size())) {
      images(loaded, images);
    } else {
      withoutScores(loaded, images);
    }
    return 0;
  }

  private void requireNone(Model loaded) {
    if (top.isPresent() || curves || views.views() != TestTimeAugmentation.NONE) {
      throw new UsageException("--top, --curves and --tta: are for classifiers with one label, " + loaded.card().network()
          + (loaded.segments() ? " labels pixels" : " gives " + loaded.card().task().kind()) + ": leave them out");
    }
  }

  private void withoutScores(Model loaded, Dataset images) {
    if (curves || top.isPresent() || views.views() != TestTimeAugmentation.NONE) {
      throw new FoveaException("--top, --curves and --tta: " + tooMany(images) + ": choose fewer --classes, or leave them out");
    }
    streams.say(tooMany(images) + ": no top-k accuracy, areas, ECE and intervals are computed");
    report(measured(loaded, images), images);
  }

  /** Metrics without scores. */
  private void report(Metrics metrics, Dataset images) {
    if (json) {
      streams.json(switch (metrics) {
        case Evaluation e -> e.ofPixels() ? EvaluationJson.ofPixels(e, images.size()) : EvaluationJson.ofImages(e);
        case LabelMetrics m -> MetricsText.json(m);
        case NumberMetrics m -> MetricsText.json(m);
      });
    } else {
      streams.out().print(switch (metrics) {
        case Evaluation e -> e.ofPixels() ? EvaluationText.ofPixels(e, images.size(), images.name())
            : EvaluationText.ofImages(e, List.of(), List.of(), images.name());
        case LabelMetrics m -> MetricsText.of(m, images.name());
        case NumberMetrics m -> MetricsText.of(m, images.name());
      });
    }
  }

  private static String tooMany(Dataset images) {
    return images.name() + ": " + images.size() + " images of " + images.classes().size()
        + " classes have more scores than are kept in memory";
  }

  private void images(Model loaded, Dataset images) {
    Scores scores = scores(loaded, images);
    Evaluation e = scores.evaluation();
    check(e, images);
    List<OneVsRest> all = OneVsRest.of(scores);
    List<Estimate> estimates = Estimate.of(scores, top(loaded), all);
    if (json) {
      streams.json(EvaluationJson.ofImages(scores, estimates, all, curves));
    } else {
      streams.out().print(EvaluationText.ofImages(e, estimates, all, images.name()));
    }
  }

  private OptionalInt top(Model loaded) {
    return top.map(OptionalInt::of)
        .orElseGet(() -> loaded.card().classes().size() > TOP ? OptionalInt.of(TOP) : OptionalInt.empty());
  }

  private Metrics measured(Model loaded, Dataset images) {
    try (ProgressLine reading = streams.progress("reading " + images.name(), images.size());
        ProgressLine evaluating = streams.progress("evaluated on " + images.name(), images.size())) {
      Metrics metrics = Evaluator.of(loaded, model.threads())
          .measure(images.preprocessed(loaded.card().preprocessing(), reading), evaluating);
      check(metrics, images);
      return metrics;
    }
  }

  private Scores scores(Model loaded, Dataset images) {
    try (ProgressLine reading = streams.progress("reading " + images.name(), images.size());
        ProgressLine evaluating = streams.progress("evaluated on " + images.name(), images.size())) {
      Evaluator evaluator = Evaluator.of(loaded, model.threads());
      return views.views() == TestTimeAugmentation.NONE
          ? evaluator.scores(images.preprocessed(loaded.card().preprocessing(), reading), evaluating)
          : evaluator.scores(images, views.views(), evaluating);
    }
  }

  /** Refuses outputs that are not finite, and names classes without images. */
  private void check(Metrics metrics, Dataset images) {
    if (!Double.isFinite(metrics.loss())) {
      throw new FoveaException(
          model.path()
              + ": its outputs are not finite, so it cannot be evaluated: its weights have diverged or are damaged; use an"
              + " earlier model, or train it again");
    }
    if (metrics instanceof Evaluation e) {
      reportAbsent(e, images);
    }
  }

  private void reportAbsent(Evaluation e, Dataset images) {
    List<String> absent =
        IntStream.range(0, e.classes().size()).filter(c -> e.support(c) == 0).mapToObj(e.classes()::get).toList();
    if (!absent.isEmpty()) {
      streams.say(images.name() + ": no " + (e.ofPixels() ? "pixels" : "images") + " of class " + DataSets.listed(absent)
          + ", which gets no metrics");
    }
  }
}
