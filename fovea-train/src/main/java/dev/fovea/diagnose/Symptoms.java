package dev.fovea.diagnose;

import dev.fovea.diagnose.Finding.Kind;
import dev.fovea.metric.EpochMetrics;
import dev.fovea.metric.Evaluation;
import dev.fovea.probe.ParameterStatistics;
import dev.fovea.train.TrainEvent.EpochDone;
import dev.fovea.train.TrainEvent.Examined;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** The rules. Their thresholds are far from what healthy runs show: a false alarm is worse than none. */
final class Symptoms {
  /**
   * A step that changes weights by more than their own norm may cause divergence: You, Gitman and Ginsburg 2017 (arXiv 1708.03888,
   * section 4). In healthy runs the ratio is about 0.001 (Karpathy, CS231n, "Ratio of weights:updates").
   */
  private static final double EXPLODING = 1;

  /** For the first step: a single layer with small initial weights may begin with a ratio near 1. */
  private static final double EXPLODING_AT_ONCE = 100;

  /**
   * The share of dead units of a layer. Networks that learn have up to 0.4 (Karpathy, CS231n, "Commonly used activation
   * functions"; measured in VGG's fully connected layers).
   */
  private static final double DEAD = 0.9;

  /**
   * The ratio of the gradients' norms of a layer and of the layer with the largest. Through a sigmoid a gradient shrinks to a
   * quarter or less (Glorot and Bengio 2010, section 3), so this is ten such layers. Networks that learn have 0.01 and more:
   * measured with NIN, VGG and ResNet-20.
   */
  private static final double VANISHING = 1e-6;

  /** Epochs whose training loss stays within 1 % while the network is no better than guessing, not in the first steps. */
  private static final int CHANCE_EPOCHS = 3;

  private static final int CHANCE_STEPS = 300;

  private static final double FLAT = 0.01;

  /** Patience and threshold as of PyTorch's ReduceLROnPlateau, the threshold in favour of silence. */
  private static final int PLATEAU_EPOCHS = 10;

  private static final double PLATEAU = 1e-3;

  /** A network that classifies its training images has no reason to learn more. */
  private static final double LEARNED = 0.99;

  /** The share of training images classified correctly, less that of validation images. */
  private static final double GAP = 0.1;

  /** The generalization loss of Prechelt 1998 ("Early stopping - but when?", section 2), here 20 %, in successive epochs. */
  private static final double RISE = 1.2;

  private static final int RISING_EPOCHS = 3;

  private Symptoms() {}

  /** After the first step. */
  static List<Finding> atOnce(Examined now) {
    List<Finding> found = new ArrayList<>();
    exploding("step " + now.step(), now, EXPLODING_AT_ONCE).ifPresent(found::add);
    dead("step " + now.step(), now, 1).ifPresent(found::add);
    return found;
  }

  /** At the end of an epoch, the last of {@code epochs}; causes come first. */
  static List<Finding> of(EpochDone done, Optional<Examined> examined, List<EpochMetrics> epochs) {
    String when = "epoch " + done.epoch();
    List<Finding> found = new ArrayList<>();
    examined.ifPresent(last -> {
      exploding(when, last, EXPLODING).ifPresent(found::add);
      dead(when, last, DEAD).ifPresent(found::add);
      unchanged(when, last, done.learningRate()).ifPresent(found::add);
      vanishing(when, last).ifPresent(found::add);
    });
    chance(when, done, epochs).ifPresent(found::add);
    plateau(when, done, epochs).ifPresent(found::add);
    overfitting(when, done, epochs).ifPresent(found::add);
    return found;
  }

  private static Optional<Finding> exploding(String when, Examined last, double limit) {
    return last.parameters().stream()
        .filter(p -> p.isWeight() && p.update() > limit)
        .max(Comparator.comparingDouble(ParameterStatistics::update))
        .map(p -> finding(Kind.EXPLODING,
            "%s: one step changes %s by %.3g times its size, the gradients explode: use a smaller learning rate, a warm-up, or"
                + " clip the gradients",
            when, p.name(), p.update()));
  }

  private static Optional<Finding> dead(String when, Examined last, double share) {
    return last.relus().stream()
        .filter(r -> r.dead() >= share * r.units())
        .max(Comparator.comparingDouble(r -> (double) r.dead() / r.units()))
        .map(r -> finding(Kind.DEAD_RELU,
            "%s: %d of %d units of the ReLU %s give 0 for all of %d training images, they are dead and learn no more: use a"
                + " smaller learning rate, smaller initial biases, or a leaky ReLU",
            when, r.dead(), r.units(), r.layer(), r.images()));
  }

  private static Optional<Finding> unchanged(String when, Examined last, double learningRate) {
    boolean unchanged = !last.parameters().isEmpty() && last.parameters().stream().allMatch(p -> p.moved() == 0);
    return unchanged
        ? Optional.of(finding(Kind.NO_CHANGE,
            "%s: no weight has changed, steps at a learning rate of %s are lost in rounding: use a larger learning rate",
            when, learningRate))
        : Optional.empty();
  }

  private static Optional<Finding> vanishing(String when, Examined last) {
    Optional<ParameterStatistics> largest = last.parameters().stream()
        .filter(p -> Double.isFinite(p.gradient()))
        .max(Comparator.comparingDouble(ParameterStatistics::gradient));
    return largest.filter(of -> of.gradient() > 0)
        .flatMap(of -> last.parameters().stream()
            .filter(p -> p.isWeight() && p.gradient() < VANISHING * of.gradient())
            .min(Comparator.comparingDouble(ParameterStatistics::gradient))
            .map(p -> finding(Kind.VANISHING,
                "%s: the gradient of %s is %.1g times that of %s, the gradients vanish on their way to it: use ReLU, batch"
                    + " normalisation or skip connections, or larger initial weights",
                when, p.name(), p.gradient() / of.gradient(), of.name())));
  }

  /** Of one label. */
  private static Optional<Finding> chance(String when, EpochDone done, List<EpochMetrics> epochs) {
    if (!(done.validation() instanceof Evaluation evaluation)) {
      return Optional.empty();
    }
    double guessing = entropy(evaluation);
    boolean stays =
        epochs.size() >= CHANCE_EPOCHS && done.training().step() >= CHANCE_STEPS && isFlat(last(epochs, CHANCE_EPOCHS));
    boolean guesses = evaluation.accuracy() <= frequent(evaluation) * (1 + FLAT) && evaluation.loss() >= guessing * (1 - FLAT);
    return stays && guesses
        ? Optional.of(finding(Kind.CHANCE,
            "%s: for %d epochs the network has been no better than guessing, with a validation loss of %.4f, where the frequencies of"
                + " the classes give %.4f: use another learning rate or another initialisation, and check that the labels belong to"
                + " the images",
            when, CHANCE_EPOCHS, evaluation.loss(), guessing))
        : Optional.empty();
  }

  private static boolean isFlat(List<EpochMetrics> epochs) {
    double least = epochs.stream().mapToDouble(EpochMetrics::trainLoss).min().orElse(0);
    double largest = epochs.stream().mapToDouble(EpochMetrics::trainLoss).max().orElse(0);
    return largest <= least * (1 + FLAT);
  }

  /** The cross-entropy of a network that gives each class the probability of its frequency. */
  private static double entropy(Evaluation evaluation) {
    return IntStream.range(0, evaluation.classes().size())
        .mapToDouble(c -> (double) evaluation.support(c) / evaluation.count())
        .map(p -> p == 0 ? 0 : -p * Math.log(p))
        .sum();
  }

  /** The accuracy of a network that always predicts the most frequent class. */
  private static double frequent(Evaluation evaluation) {
    long most = IntStream.range(0, evaluation.classes().size()).mapToLong(evaluation::support).max().orElse(0);
    return (double) most / evaluation.count();
  }

  private static Optional<Finding> plateau(String when, EpochDone done, List<EpochMetrics> epochs) {
    if (epochs.size() <= PLATEAU_EPOCHS || done.training().accuracy() >= LEARNED) {
      return Optional.empty();
    }
    List<EpochMetrics> recent = last(epochs, PLATEAU_EPOCHS);
    double before = least(epochs.subList(0, epochs.size() - PLATEAU_EPOCHS));
    boolean constant = last(epochs, PLATEAU_EPOCHS + 1).stream().allMatch(e -> e.learningRate() == done.learningRate());
    return constant && least(recent) > before * (1 - PLATEAU)
        ? Optional.of(finding(Kind.PLATEAU,
            "%s: the training loss has not fallen for %d epochs at a learning rate of %s, it stays at %.4f: use a schedule that"
                + " reduces the learning rate, a larger network, or stop",
            when, PLATEAU_EPOCHS, done.learningRate(), least(recent)))
        : Optional.empty();
  }

  private static double least(List<EpochMetrics> epochs) {
    return epochs.stream().mapToDouble(EpochMetrics::trainLoss).min().orElse(Double.POSITIVE_INFINITY);
  }

  private static Optional<Finding> overfitting(String when, EpochDone done, List<EpochMetrics> epochs) {
    double train = done.training().accuracy();
    if (done.validation() instanceof Evaluation images && !images.ofPixels() && train >= LEARNED
        && images.accuracy() <= train - GAP) {
      return Optional.of(finding(Kind.OVERFITTING,
          "%s: the network classifies %.1f %% of the training images correctly and %.1f %% of the validation images, it overfits: use"
              + " more images, augmentation, weight decay or dropout, or a smaller network",
          when, 100 * train, 100 * images.accuracy()));
    }
    EpochMetrics now = epochs.getLast();
    EpochMetrics best = epochs.stream().min(Comparator.comparingDouble(EpochMetrics::validationLoss)).orElse(now);
    boolean rises = epochs.size() > RISING_EPOCHS
        && last(epochs, RISING_EPOCHS).stream()
            .allMatch(e -> e.validationLoss() > RISE * best.validationLoss() && e.validationScore() < best.validationScore())
        && now.trainLoss() < best.trainLoss();
    return rises
        ? Optional.of(finding(Kind.OVERFITTING,
            "%s: the validation loss has risen from %.4f in epoch %d to %.4f, while the training loss has fallen, the network"
                + " overfits: use more images, augmentation, weight decay or dropout, or stop at the best epoch",
            when, best.validationLoss(), best.epoch(), now.validationLoss()))
        : Optional.empty();
  }

  private static List<EpochMetrics> last(List<EpochMetrics> epochs, int count) {
    return epochs.subList(epochs.size() - count, epochs.size());
  }

  private static Finding finding(Kind kind, String format, Object... values) {
    return new Finding(kind, String.format(Locale.ROOT, format, values));
  }
}
