package dev.fovea.cli.command;

import dev.fovea.cli.console.ProgressLine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.CardOptions;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.DataSets;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.ModelOptions;
import dev.fovea.cli.option.SkipOption;
import dev.fovea.data.DataOptions;
import dev.fovea.data.DataSpec;
import dev.fovea.data.Dataset;
import dev.fovea.data.Datasets;
import dev.fovea.data.PreprocessedDataset;
import dev.fovea.metric.Evaluation;
import dev.fovea.metric.Evaluator;
import dev.fovea.metric.TestSet;
import dev.fovea.model.Model;
import dev.fovea.run.RunConfig;
import dev.fovea.tensor.FoveaException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Evaluates a model on the test images of a data set. */
@CommandLine.Command(
    name = "evaluate",
    header = "Evaluate a model on the test images of a data set.",
    description = "If the data set has no test part, its validation part is used. If it has neither, all images are used, or those"
        + " held out of training if the model was trained on it.",
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea evaluate runs/mnist --data mnist:/data/mnist --json"})
final class EvaluateCommand implements Command {
  /** Above this the table of classes is not printed. */
  private static final int MAX_CLASSES = 40;

  private final Streams streams;

  @Option(names = "--data", paramLabel = "DATA", converter = Converters.Data.class,
      description = "The data set, in a form that fovea data lists. Default: the one that the model was trained on.")
  private Optional<DataSpec> data = Optional.empty();

  @Option(names = "--classes", paramLabel = "NAME", split = ",",
      description = "Use only these classes of the data set, as in 3,8.")
  private List<String> classes = List.of();

  @Option(names = "--json", description = {"Print one JSON object: accuracy, loss, count;",
      "for segmentation pixel_accuracy, mean_accuracy, mean_iou, frequency_weighted_iou, loss, count, pixels, class_iou."})
  private boolean json;

  @Mixin
  private final SkipOption skip = new SkipOption();

  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Mixin
  private final HelpOption help = new HelpOption();

  EvaluateCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    Model loaded = model.load();
    CardOptions.assumptions(loaded.card()).forEach(streams::say);
    Map<String, String> card = loaded.card().provenance();
    DataSpec spec = data.orElseGet(() -> DataSpec.parse(card.getOrDefault("data", "digits")));
    boolean skipped = skip.given()
        || (card.containsKey(RunConfig.SKIP_UNREADABLE) && spec.toString().equals(card.get("data")));
    DataOptions options = DataSets.options(DataSets.seed(loaded), skipped, streams);
    TestSet chosen = TestSet.of(loaded, spec, Datasets.parts(spec, options), options);
    Dataset chosenClasses = classes.isEmpty() ? chosen.images() : Datasets.only(chosen.images(), classes);
    Dataset images = DataSets.withClassesOf(loaded, chosenClasses, spec, streams);
    chosen.reason().ifPresent(streams::say);
    Evaluation evaluation = evaluate(loaded, images);
    reportAbsent(evaluation, images);
    if (json) {
      streams.json(json(evaluation, images));
    } else if (evaluation.ofPixels()) {
      printPixels(evaluation, images);
    } else {
      print(evaluation, images.name());
    }
    return 0;
  }

  private void reportAbsent(Evaluation e, Dataset images) {
    List<String> absent =
        IntStream.range(0, e.classes().size()).filter(c -> e.support(c) == 0).mapToObj(e.classes()::get).toList();
    if (!absent.isEmpty()) {
      streams.say(images.name() + ": no " + (e.ofPixels() ? "pixels" : "images") + " of class " + DataSets.listed(absent)
          + ", which gets no metrics");
    }
  }

  private Evaluation evaluate(Model loaded, Dataset images) {
    try (ProgressLine reading = streams.progress("reading " + images.name(), images.size());
        ProgressLine evaluating = streams.progress("evaluated on " + images.name(), images.size())) {
      PreprocessedDataset preprocessed = images.preprocessed(loaded.card().preprocessing(), reading);
      Evaluation evaluation = Evaluator.of(loaded, model.threads()).evaluate(preprocessed, evaluating);
      if (!Double.isFinite(evaluation.loss())) {
        throw new FoveaException(
            model.path()
                + ": its outputs are not finite, so it cannot be evaluated: its weights have diverged or are damaged; use an"
                + " earlier model, or train it again");
      }
      return evaluation;
    }
  }

  private static ObjectNode json(Evaluation e, Dataset images) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    if (!e.ofPixels()) {
      return node.put("accuracy", e.accuracy()).put("loss", e.loss()).put("count", e.count());
    }
    node.put("pixel_accuracy", e.accuracy()).put("mean_accuracy", e.meanAccuracy()).put("mean_iou", e.meanIou());
    node.put("frequency_weighted_iou", e.frequencyWeightedIou()).put("loss", e.loss());
    node.put("count", images.size()).put("pixels", e.count());
    ObjectNode classes = node.putObject("class_iou");
    for (int c = 0; c < e.classes().size(); c++) {
      if (e.occurs(c)) {
        classes.put(e.classes().get(c), e.iou(c));
      } else {
        classes.putNull(e.classes().get(c));
      }
    }
    return node;
  }

  private void printPixels(Evaluation e, Dataset images) {
    streams.out().printf(Locale.ROOT,
        "pixel accuracy          %.4f (%d of %d labelled pixels in %d images, %s)%nmean accuracy           %.4f%n"
            + "mean IoU                %.4f%nfrequency weighted IoU  %.4f%nloss                    %.4f%n",
        e.accuracy(), e.correct(), e.count(), images.size(), Streams.escaped(images.name()), e.meanAccuracy(), e.meanIou(),
        e.frequencyWeightedIou(), e.loss());
    List<String> names = e.classes().stream().map(Streams::escaped).toList();
    int width = Math.max(5, names.stream().mapToInt(String::length).max().orElse(0));
    streams.out().printf(Locale.ROOT, "%n%-" + width + "s  %6s  %9s  %6s  %12s%n", "class", "IoU", "precision", "recall",
        "pixels");
    for (int c = 0; c < e.classes().size(); c++) {
      streams.out().printf(Locale.ROOT, "%-" + width + "s  %6.4f  %9.4f  %6.4f  %12d%n", names.get(c), e.iou(c),
          e.precision(c), e.recall(c), e.support(c));
    }
  }

  private void print(Evaluation e, String name) {
    streams.out().printf(Locale.ROOT, "accuracy  %.4f (%d of %d, %s)%nloss      %.4f%n", e.accuracy(), e.correct(), e.count(),
        Streams.escaped(name), e.loss());
    int classCount = e.classes().size();
    if (classCount > MAX_CLASSES) {
      return;
    }
    List<String> names = e.classes().stream().map(Streams::escaped).toList();
    int width = Math.max(5, names.stream().mapToInt(String::length).max().orElse(0));
    streams.out().printf(Locale.ROOT, "%n%-" + width + "s  %9s  %6s  %8s%n", "class", "precision", "recall", "images");
    for (int c = 0; c < classCount; c++) {
      streams.out().printf(
          Locale.ROOT, "%-" + width + "s  %9.4f  %6.4f  %8d%n", names.get(c), e.precision(c), e.recall(c), e.support(c));
    }
  }
}
