package dev.fovea.cli.command;

import dev.fovea.cli.console.ProgressLine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.CardOptions;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.EvaluationData;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.ModelOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.data.Dataset;
import dev.fovea.data.Split;
import dev.fovea.metric.Calibration;
import dev.fovea.metric.Evaluator;
import dev.fovea.metric.Scores;
import dev.fovea.metric.TemperatureScaling;
import dev.fovea.model.Model;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.JsonNodeFactory;

/** Fits the temperature of a classifier and stores it with the model. */
@CommandLine.Command(
    name = "calibrate",
    header = "Make a classifier's probabilities agree with its accuracy.",
    description = "Temperature scaling (Guo et al. 2017): one number, fitted on the validation images, by which the logits are divided"
        + " before the softmax. It is stored in the model; predict and evaluate use it. No predicted class changes. Other programs"
        + " that read the model have to divide the logits themselves.",
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:", "  fovea calibrate runs/lenet5-1"})
final class CalibrateCommand implements Command {
  private static final String OWN = ".safetensors";

  private final Streams streams;

  @Mixin
  private final EvaluationData data = new EvaluationData();

  @Option(names = "--out", paramLabel = "FILE", converter = Converters.File.class,
      description = "Write the model to this .safetensors file. Default: replace MODEL, or the model in a run folder.")
  private Optional<Path> out = Optional.empty();

  @Option(names = "--json", description = "Print one JSON object: temperature, count, loss_before, loss, ece_before, ece.")
  private boolean json;

  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Mixin
  private final HelpOption help = new HelpOption();

  CalibrateCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    Path file = out.orElseGet(model::file);
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(OWN)) {
      throw new UsageException(out.isPresent() ? "--out: expected a file that ends in " + OWN + ", got " + file
          : file + " cannot be changed: name the file to write, --out *" + OWN);
    }
    Model loaded = model.load();
    CardOptions.assumptions(loaded.card()).forEach(streams::say);
    if (!loaded.classifies()) {
      throw new UsageException(
          model.path() + ": " + (loaded.segments() ? "labels pixels" : "gives " + loaded.card().task().kind())
              + "; temperature scaling is for classifiers with one label");
    }
    Dataset images = data.part(Split.Part.VALIDATION, loaded, streams);
    Scores before = scores(loaded, images);
    if (!Double.isFinite(before.evaluation().loss())) {
      throw new FoveaException(
          model.path() + ": its outputs are not finite, so it cannot be calibrated: its weights have diverged or are"
              + " damaged; use an earlier model, or train it again");
    }
    double temperature = Hint.at(images.name(), () -> TemperatureScaling.fit(before));
    Model.load(model.file()).withCard(loaded.card().temperature(temperature)).save(file);
    report(before, before.temperature(temperature), images, file);
    return 0;
  }

  private Scores scores(Model loaded, Dataset images) {
    try (ProgressLine reading = streams.progress("reading " + images.name(), images.size());
        ProgressLine evaluating = streams.progress("evaluated on " + images.name(), images.size())) {
      return Evaluator.of(loaded, model.threads())
          .scores(images.preprocessed(loaded.card().preprocessing(), reading), evaluating);
    }
  }

  private void report(Scores before, Scores after, Dataset images, Path file) {
    double lossBefore = before.evaluation().loss();
    double loss = after.evaluation().loss();
    double eceBefore = Calibration.of(before).ece();
    double ece = Calibration.of(after).ece();
    if (json) {
      streams.json(JsonNodeFactory.instance.objectNode().put("temperature", after.temperature()).put("count", images.size())
          .put("loss_before", lossBefore).put("loss", loss).put("ece_before", eceBefore).put("ece", ece));
      return;
    }
    streams.print(String.format(Locale.ROOT,
        "temperature  %.4f, before %.4f (%d images, %s)%nloss         %.4f, before %.4f%nECE          %.4f, before %.4f%nwritten to   %s",
        after.temperature(), before.temperature(), images.size(), images.name(), loss, lossBefore, ece, eceBefore, file));
  }
}
