package dev.fovea.cli.option;

import dev.fovea.data.Sampling;
import dev.fovea.graph.Precision;
import dev.fovea.run.RunConfig;
import dev.fovea.train.ClassWeights;
import dev.fovea.train.FineTuning;
import dev.fovea.train.LossSettings;
import dev.fovea.train.UpdateSettings;
import dev.fovea.zoo.Network;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of training; those not given come from the network's recipe. */
final class TrainingOptions {
  /**
   * Default learning rates of adaptive optimizers: Kingma and Ba 2015 (arXiv 1412.6980, section 2), Tieleman and Hinton 2012
   * (lecture 6.5), PyTorch for adagrad, and the authors for adabelief and lion. The recipes' learning rates are for sgd and nesterov.
   */
  private static final Map<String, Double> LEARNING_RATES =
      Map.of("adam", 0.001, "adamw", 0.001, "rmsprop", 0.001, "adagrad", 0.01, "adabelief", 0.001, "lion", 0.0001);

  private static final Set<String> MOMENTUM = Set.of("sgd", "nesterov", "rmsprop", "lars");

  @Option(
      names = "--epochs",
      paramLabel = "N",
      converter = Converters.Count.class,
      description = "Passes over the training images. Default: 6 for lenet5; fovea models lists each network's.")
  private Optional<Integer> epochs = Optional.empty();

  @Option(
      names = "--steps",
      paramLabel = "N",
      converter = Converters.LongCount.class,
      description = "Stop after N steps, if the epochs have not ended before.")
  private Optional<Long> steps = Optional.empty();

  @Option(names = "--batch-size", paramLabel = "N", converter = Converters.Count.class,
      description = "The batch size: images per step. Default: 64 for lenet5; see fovea models.")
  private Optional<Integer> batchSize = Optional.empty();

  @Option(
      names = "--lr",
      paramLabel = "X",
      converter = Converters.Positive.class,
      description = "The learning rate. Default: 0.03 for lenet5, see fovea models; 0.001 with adam, adamw, adabelief or rmsprop,"
          + " 0.01 with adagrad, 0.0001 with lion.")
  private Optional<Double> learningRate = Optional.empty();

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      converter = Converters.OptimizerName.class,
      completionCandidates = Choices.Optimizers.class,
      description = "sgd, nesterov, adam, adamw, rmsprop, adagrad, lars, lion or adabelief. Default: the recipe's.")
  private Optional<String> optimizer = Optional.empty();

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      converter = Converters.LossName.class,
      completionCandidates = Choices.LossNames.class,
      description = "The training loss. Of one label: cross-entropy, focal (gamma 2), dice, hinge, mse or rbf (LeNet-5's of 1998,"
          + " j = 1). Of several labels: binary-cross-entropy. Of numbers: mse, l1 or smooth-l1 (beta 1). Validation always reports"
          + " the first of its kind. Default: that.")
  private Optional<String> loss = Optional.empty();

  @Option(
      names = "--label-smoothing",
      paramLabel = "X",
      converter = Converters.BelowOne.class,
      description = "Label smoothing of cross-entropy: the share of the target that is spread over all classes. Default: 0.")
  private Optional<Double> labelSmoothing = Optional.empty();

  @Option(
      names = "--class-weights",
      paramLabel = "X,...",
      converter = Converters.Weights.class,
      description = "Weight of each class in cross-entropy, in the data set's order, as in 1,0.5,2; of several labels that of the"
          + " images that have the class. Or balanced: the rarer the class, the larger. Default: 1 each.")
  private ClassWeights classWeights = ClassWeights.NONE;

  @Option(
      names = "--sampling",
      paramLabel = "NAME",
      converter = Converters.SamplingName.class,
      completionCandidates = Choices.Samplings.class,
      description = "The images of an epoch: shuffled, each once, or balanced, as many of each class, drawn with replacement."
          + " Default: shuffled.")
  private Sampling sampling = Sampling.SHUFFLED;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      converter = Converters.ScheduleName.class,
      completionCandidates = Choices.Schedules.class,
      description = "Learning rate schedule over the run: constant, step (a tenth after each third), multistep (a tenth at 1/2 and"
          + " at 3/4), exponential (down to a hundredth), cosine, restarts (three cosines, each twice as long as the one before),"
          + " one-cycle (up for 0.3 of it, then down), polynomial (power 0.9) or plateau (a tenth after 4 epochs without a lower"
          + " validation loss). Default: the recipe's.")
  private Optional<String> schedule = Optional.empty();

  @Option(
      names = "--warmup",
      paramLabel = "N",
      converter = Converters.LongCount.class,
      description = "Steps of linear warm-up of the learning rate, before the schedule. Default: 0.")
  private Optional<Long> warmup = Optional.empty();

  @Option(
      names = "--momentum",
      paramLabel = "X",
      converter = Converters.BelowOne.class,
      description = "Momentum of sgd, nesterov, rmsprop or lars. Default: the recipe's; 0 with rmsprop.")
  private Optional<Double> momentum = Optional.empty();

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      converter = Converters.NonNegative.class,
      description = "Weight decay: decoupled with adamw, adabelief and lion, L2 otherwise. Default: the recipe's.")
  private Optional<Double> weightDecay = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "N",
      converter = Converters.Seed.class,
      description = "Random seed of the initial weights, the order of images, augmentation, dropout and the digits data set."
          + " Default: 1.")
  private long seed = 1;

  @Mixin
  private final UpdateOptions updates = new UpdateOptions();

  @Mixin
  private final ThreadsOption threads = new ThreadsOption();

  int epochs(Network.Recipe recipe) {
    return epochs.orElse(recipe.epochs());
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

  /** Whether the body stays as it is. */
  boolean trainsLastLayer() {
    UpdateSettings settings = updates.settings();
    return settings.freeze().contains(FineTuning.BODY) && settings.unfreeze() == 0;
  }

  LossSettings loss() {
    return new LossSettings(loss.orElse(LossSettings.STANDARD.name()), labelSmoothing.orElse(0.0), classWeights);
  }

  /** The options of loss and precision that differ from their defaults, by option name. */
  Map<String, String> chosen() {
    Map<String, String> chosen = new LinkedHashMap<>();
    if (precision.apply() != Precision.FAST) {
      chosen.put(PrecisionOption.NAME, Precision.chosen().spelling());
    }
    chosen.putAll(loss().options());
    if (sampling != Sampling.SHUFFLED) {
      chosen.put(RunConfig.SAMPLING, sampling.toString());
    }
    chosen.putAll(updates.settings().options());
    return chosen;
  }

  RunConfig.Training of(Network.Recipe recipe) {
    String name = optimizer.orElse(recipe.optimizer());
    if (momentum.isPresent() && !MOMENTUM.contains(name)) {
      throw new UsageException("--momentum: " + name + " has no momentum: leave it out, or choose --optimizer sgd");
    }
    return new RunConfig.Training(
        batchSize.orElse(recipe.batchSize()),
        name,
        learningRate.orElse(LEARNING_RATES.getOrDefault(name, recipe.learningRate())),
        momentum.orElse(LEARNING_RATES.containsKey(name) ? 0 : recipe.momentum()),
        weightDecay.orElse(recipe.weightDecay()),
        schedule.orElse(recipe.schedule()),
        warmup.orElse(0L),
        seed,
        threads.count());
  }
}
