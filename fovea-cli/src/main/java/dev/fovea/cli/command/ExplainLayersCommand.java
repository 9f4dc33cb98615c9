package dev.fovea.cli.command;

import dev.fovea.cli.console.Passes;
import dev.fovea.cli.console.ProgressLine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.console.SurveyText;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.EvaluationData;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.ModelOptions;
import dev.fovea.data.Dataset;
import dev.fovea.data.Split;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.survey.LayerStatistics;
import dev.fovea.explain.survey.LayerSurvey;
import dev.fovea.metric.Evaluator;
import dev.fovea.model.Model;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a classifier layer by layer. */
@CommandLine.Command(
    name = "layers",
    header = "What each layer holds: norms, sparsity, rank, dead maps, a linear probe.",
    description = {
        "Of each layer with weights, after its normalisation and activation: the norm of the weights; the root mean square of the"
            + " results; the share of zeros; the effective rank of the maps' means over 256 images at most (Roy and Vetterli 2007); the share of maps that"
            + " are the same everywhere; the norm of the loss's gradient; and the accuracy of a linear classifier that reads the maps'"
            + " means (Alain and Bengio 2016), trained on training images, on validation images."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea explain layers runs/flowers --data images:flowers"})
final class ExplainLayersCommand implements Command {
  private final Streams streams;

  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Mixin
  private final EvaluationData data = new EvaluationData();

  @Option(names = "--images", paramLabel = "N", converter = Converters.Count.class,
      description = "Measure on no more validation images than this, evenly chosen. Default: 500.")
  private int images = 500;

  @Option(names = "--probe-images", paramLabel = "N", converter = Converters.Count.class,
      description = "Train the linear classifiers on no more training images than this. Default: 2000.")
  private int probeImages = 2000;

  @Option(names = "--json", description = "Print one JSON object: layers, each with its path and its numbers.")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  ExplainLayersCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    Model loaded = model.load();
    Evaluator.requireClassifier(loaded);
    Dataset measured = data.part(Split.Part.VALIDATION, loaded, streams, images);
    Dataset training = data.part(Split.Part.TRAIN, loaded, streams, probeImages);
    Explainer explainer = Explainer.of(loaded).threads(model.threads());
    Passes.say(streams, explainer, (long) measured.size() + training.size(), true);
    List<LayerStatistics> layers;
    int steps = LayerSurvey.steps(explainer, measured, Optional.of(training));
    try (ProgressLine progress = streams.progress("images measured and probes trained", steps)) {
      progress.accept(0);
      layers = Hint.at(model.path(), () -> LayerSurvey.of(explainer, measured, Optional.of(training), progress));
    }
    if (json) {
      streams.json(SurveyText.json(layers));
    } else {
      streams.print(SurveyText.of(layers));
    }
    return 0;
  }
}
