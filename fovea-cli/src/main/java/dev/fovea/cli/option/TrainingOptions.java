package dev.fovea.cli.option;

import dev.fovea.cli.console.Machine;
import dev.fovea.graph.Precision;
import dev.fovea.run.RunConfig;
import dev.fovea.train.LossSettings;
import dev.fovea.zoo.Network;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a network is trained; what is not given comes from its recipe. */
final class TrainingOptions {
  /**
   * Where no rate is given: Kingma and Ba 2015 (arXiv 1412.6980, section 2), Tieleman and Hinton 2012 (lecture 6.5), and PyTorch
   * for adagrad. The recipes' rates are for the other optimizers.
   */
  private static final Map<String, Double> RATES = Map.of("adam", 0.001, "adamw", 0.001, "rmsprop", 0.001, "adagrad", 0.01);

  private static final Set<String> MOMENTUM = Set.of("sgd", "nesterov", "rmsprop");

  @Option(
      names = "--epochs",
      paramLabel = "N",
      converter = Converters.Count.class,
      description = "Passes over the training images (6 for lenet5; fovea models lists each network's).")
  private Optional<Integer> epochs = Optional.empty();

  @Option(
      names = "--steps",
      paramLabel = "N",
      converter = Converters.LongCount.class,
      description = "End after so many steps, should the epochs not end before.")
  private Optional<Long> steps = Optional.empty();

  @Option(names = "--batch-size", paramLabel = "N", converter = Converters.Count.class,
      description = "Images a step (64 for lenet5; see fovea models).")
  private Optional<Integer> batchSize = Optional.empty();

  @Option(
      names = "--lr",
      paramLabel = "X",
      converter = Converters.Positive.class,
      description = "The learning rate (0.03 for lenet5, see fovea models; adam, adamw, rmsprop: 0.001, adagrad: 0.01).")
  private Optional<Double> learningRate = Optional.empty();

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      converter = Converters.OptimizerName.class,
      completionCandidates = Choices.Optimizers.class,
      description = "sgd, nesterov, adam, adamw, rmsprop or adagrad.")
  private Optional<String> optimizer = Optional.empty();

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      converter = Converters.LossName.class,
      completionCandidates = Choices.LossNames.class,
      description = "What is made small: cross-entropy, focal (gamma 2), dice, hinge, mse or rbf, LeNet-5's of 1998 with j 1"
          + " (cross-entropy). Validation tells cross-entropy always.")
  private Optional<String> loss = Optional.empty();

  @Option(
      names = "--label-smoothing",
      paramLabel = "X",
      converter = Converters.BelowOne.class,
      description = "The share of cross-entropy's true class that is spread over all classes (0).")
  private Optional<Double> labelSmoothing = Optional.empty();

  @Option(
      names = "--class-weights",
      paramLabel = "X",
      split = ",",
      converter = Converters.NonNegative.class,
      description = "How much each class counts in cross-entropy, in the data's order, as in 1,0.5,2.")
  private List<Double> classWeights = List.of();

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      converter = Converters.ScheduleName.class,
      completionCandidates = Choices.Schedules.class,
      description = "How the rate goes: constant, step (a tenth after each third), multistep (a tenth at 1/2 and 3/4), exponential"
          + " (to a hundredth), cosine, one-cycle (up for 0.3, then down) or polynomial (power 0.9).")
  private Optional<String> schedule =
      Optional.empty();

  @Option(
      names = "--warmup",
      paramLabel = "N",
      converter = Converters.LongCount.class,
      description = "Steps over which the rate first rises to its height, before any schedule.")
  private Optional<Long> warmup = Optional.empty();

  @Option(
      names = "--momentum",
      paramLabel = "X",
      converter = Converters.BelowOne.class,
      description = "Of sgd and nesterov, and of rmsprop (0).")
  private Optional<Double> momentum = Optional.empty();

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      converter = Converters.NonNegative.class,
      description = "Pulls the weights towards 0.")
  private Optional<Double> weightDecay = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "N",
      converter = Converters.Seed.class,
      description = "Of the first weights, the images' order and the digits (1).")
  private long seed = 1;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Converters.Threads.class,
      description = "Threads to use (one a processor, at most 16); the result does not depend on it.")
  private int threads =
      Machine.threads();

  int epochs(Network network) {
    return epochs.orElse(network.recipe().epochs());
  }

  /** 0: no limit. */
  long steps() {
    return steps.orElse(0L);
  }

  @Mixin
  private final PrecisionOption precision = new PrecisionOption();

  long seed() {
    return seed;
  }

  LossSettings loss() {
    return new LossSettings(loss.orElse(LossSettings.STANDARD.name()), labelSmoothing.orElse(0.0), classWeights);
  }

  /** What of the loss and the precision is chosen, by its option's name. */
  Map<String, String> chosen() {
    Map<String, String> chosen = new LinkedHashMap<>();
    if (precision.apply() != Precision.FAST) {
      chosen.put(PrecisionOption.NAME, Precision.chosen().spelling());
    }
    chosen.putAll(loss().options());
    return chosen;
  }

  RunConfig.Training of(Network network) {
    Network.Recipe recipe = network.recipe();
    String name = optimizer.orElse(recipe.optimizer());
    if (momentum.isPresent() && !MOMENTUM.contains(name)) {
      throw new UsageException("--momentum: " + name + " has none to set: leave it out, or choose --optimizer sgd");
    }
    return new RunConfig.Training(
        batchSize.orElse(recipe.batchSize()),
        name,
        learningRate.orElse(RATES.getOrDefault(name, recipe.learningRate())),
        momentum.orElse(RATES.containsKey(name) ? 0 : recipe.momentum()),
        weightDecay.orElse(recipe.weightDecay()),
        schedule.orElse(recipe.schedule()),
        warmup.orElse(0L),
        seed,
        threads);
  }
}
