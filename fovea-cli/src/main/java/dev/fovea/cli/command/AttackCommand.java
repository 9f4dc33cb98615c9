package dev.fovea.cli.command;

import dev.fovea.cli.console.AttackFiles;
import dev.fovea.cli.console.OutputFolder;
import dev.fovea.cli.console.Passes;
import dev.fovea.cli.console.ProgressLine;
import dev.fovea.cli.console.Streams;
import dev.fovea.cli.option.Choices;
import dev.fovea.cli.option.Converters;
import dev.fovea.cli.option.EvaluationData;
import dev.fovea.cli.option.HelpOption;
import dev.fovea.cli.option.Hint;
import dev.fovea.cli.option.ModelOptions;
import dev.fovea.cli.option.UsageException;
import dev.fovea.data.Dataset;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.attack.Attack;
import dev.fovea.explain.attack.AttackResult;
import dev.fovea.metric.Evaluator;
import dev.fovea.model.Model;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Changes test images a little so that a classifier errs. */
@CommandLine.Command(
    name = "attack",
    header = "Change images a little so that a classifier errs, and count how often it does.",
    description = {
        "Each image is changed within the budget so that the loss of its true class grows. Distances are those of pixels from 0 to 1:"
            + " with --norm inf no pixel changes by more than the budget, with --norm 2 the square root of the sum of the squared"
            + " changes is at most the budget."
    },
    sortOptions = false,
    abbreviateSynopsis = true,
    footer = {"", "Example:",
        "  fovea attack runs/flowers --data images:flowers --method pgd --norm inf --budget 0.01 --out attacked"})
final class AttackCommand implements Command {
  private final Streams streams;

  @Mixin
  private final ModelOptions model = new ModelOptions();

  @Mixin
  private final EvaluationData data = new EvaluationData();

  @Option(names = "--method", paramLabel = "METHOD", converter = Converters.AttackMethod.class,
      completionCandidates = Choices.AttackMethods.class,
      description = "fgsm: one step along the gradient's sign (Goodfellow et al. 2015). pgd: many steps, each followed by the way back into"
          + " the budget, from a random start (Madry et al. 2018). Default: fgsm.")
  private String method = "fgsm";

  @Option(names = "--norm", paramLabel = "NORM", converter = Converters.AttackNorm.class,
      completionCandidates = Choices.AttackNorms.class,
      description = "inf or 2: how a change is measured. Default: inf.")
  private Attack.Norm norm = Attack.Norm.INFINITY;

  @Option(names = "--budget", paramLabel = "X", converter = Converters.Positive.class, required = true,
      description = "How large a change may be, such as 0.03 for inf (8 of 255 steps of brightness) or 1 for 2.")
  private double budget = 1;

  @Option(names = "--steps", paramLabel = "N", converter = Converters.Count.class, description = "Steps of pgd. Default: 40.")
  private Optional<Integer> steps = Optional.empty();

  @Option(names = "--seed", paramLabel = "N", converter = Converters.Seed.class,
      description = "The seed of pgd's starts. Default: 1.")
  private long seed = 1;

  @Option(names = "--images", paramLabel = "N", converter = Converters.Count.class,
      description = "Attack no more test images than this, evenly chosen. Default: 1000.")
  private int images = 1000;

  @Option(names = "--out", paramLabel = "FOLDER", converter = Converters.File.class,
      description = "Write into this folder the attacked images as PNG files, rounded to 256 steps of brightness; sheet.png of some of"
          + " them, each as it was, its change, enlarged 10 times around grey, and what it became; and attack.json.")
  private Optional<Path> out = Optional.empty();

  @Option(names = "--json",
      description = "Print one JSON object: method, norm, budget, count, accuracy and accuracy_under_attack.")
  private boolean json;

  @Mixin
  private final HelpOption help = new HelpOption();

  AttackCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public int run() {
    Attack attack = attack();
    Model loaded = model.load();
    Evaluator.requireClassifier(loaded);
    Dataset attacked = EvaluationData.evenly(data.test(loaded, streams), images);
    Explainer explainer = Explainer.of(loaded).threads(model.threads());
    Optional<AttackFiles> files = out
        .map(folder -> new AttackFiles(OutputFolder.create(folder), loaded.card().preprocessing(), attacked.size()));
    long passes = (long) attacked.size() * AttackResult.passes(attack);
    Passes.say(streams, explainer, passes, true);
    AttackResult result;
    try (ProgressLine progress = streams.progress("forward passes", (int) Math.min(Integer.MAX_VALUE, passes))) {
      progress.accept(0);
      result = Hint.at(model.path(), () -> AttackResult.of(explainer.listen(progress), attack, attacked,
          (first, inputs, changed) -> files.ifPresent(to -> to.read(first, inputs, changed))));
    }
    ObjectNode about = JsonNodeFactory.instance.objectNode().put("method", method)
        .put("norm", norm.spelling()).put("budget", budget).put("count", attacked.size())
        .put("accuracy", result.accuracy()).put("accuracy_under_attack", result.underAttack());
    files.ifPresent(to -> to.finish(attacked, result, about));
    if (json) {
      streams.json(about);
    } else {
      streams.print(String.format(Locale.ROOT, "%-22s %d of %s%n%-22s %.4f%n%-22s %.4f%n", "images", attacked.size(),
          attacked.name(), "accuracy", result.accuracy(), "accuracy under attack", result.underAttack()));
    }
    return 0;
  }

  private Attack attack() {
    if (method.equals("fgsm")) {
      if (steps.isPresent()) {
        throw new UsageException("--steps: fgsm has one step; choose --method pgd");
      }
      return Attack.fgsm(norm, budget);
    }
    return Attack.pgd(norm, budget, steps.orElse(40), seed);
  }
}
