package dev.fovea.check;

import dev.fovea.augment.Augmentation;
import dev.fovea.data.Split;
import dev.fovea.image.Fit;
import dev.fovea.run.RunConfig;
import dev.fovea.train.UpdateSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Settings of a run that contradict each other or the data, but that training accepts. */
public final class SettingsCheck {
  private static final String FLIP = "flip";

  private final RunConfig config;
  private final UpdateSettings updates;
  private final int images;
  private final List<Finding> findings = new ArrayList<>();

  private SettingsCheck(RunConfig config, int images) {
    this.config = config;
    this.updates = UpdateSettings.of(config.options());
    this.images = images;
  }

  /** What to reconsider, as options of {@code fovea train}. */
  public static List<Finding> of(RunConfig config, Split split) {
    SettingsCheck check = new SettingsCheck(config, split.train().size());
    check.length();
    check.updates();
    check.augmentation(split.train().fit());
    return List.copyOf(check.findings);
  }

  private void warn(String format, Object... values) {
    findings.add(Finding.warning(String.format(Locale.ROOT, format, values)));
  }

  static long stepsPerEpoch(RunConfig config, int images) {
    return Math.ceilDiv((long) images, config.training().batchSize());
  }

  static long totalSteps(RunConfig config, int images) {
    long all = config.epochs() * stepsPerEpoch(config, images);
    return config.steps() == 0 ? all : Math.min(config.steps(), all);
  }

  private long stepsPerEpoch() {
    return stepsPerEpoch(config, images);
  }

  private long totalSteps() {
    return totalSteps(config, images);
  }

  private void length() {
    RunConfig.Training training = config.training();
    if (training.batchSize() > images) {
      warn("--batch-size %d is larger than the %d training images: each epoch is one step with all of them", training.batchSize(),
          images);
    }
    if (training.warmup() >= totalSteps()) {
      warn("--warmup %d: the run has %d steps, so the learning rate never reaches --lr and the schedule never begins",
          training.warmup(), totalSteps());
    }
    if (config.steps() > 0 && config.steps() < stepsPerEpoch()) {
      warn("--steps %d: an epoch has %d steps, so %.0f %% of the training images are never used", config.steps(), stepsPerEpoch(),
          100 * (1 - (double) config.steps() / stepsPerEpoch()));
    }
    int worse = RunConfig.ON_PLATEAU.patience() + 1;
    if (training.schedule().equals(RunConfig.PLATEAU) && config.epochs() < worse + 2) {
      warn("--schedule plateau lowers the learning rate after %d epochs without a lower loss, so after epoch %d at the earliest,"
          + " the run has %d", worse, worse + 1, config.epochs());
    }
  }

  private void updates() {
    if (updates.patience() >= config.epochs()) {
      warn("--patience %d: the run has %d epochs, so it is never stopped early", updates.patience(), config.epochs());
    }
    if (updates.unfreeze() >= config.epochs()) {
      warn("--unfreeze %d: the run has %d epochs, so some layers are never trained", updates.unfreeze(), config.epochs());
    }
    if (updates.bodyLearningRate() > 0 && updates.freeze().contains("body") && updates.unfreeze() == 0) {
      warn("--body-lr has no effect: --freeze body freezes all that it applies to");
    }
    if (updates.ema() > 0 && totalSteps() < 1 / (1 - updates.ema())) {
      warn("--ema %s averages over about %.0f steps, the run has %d: the average keeps much of the initial weights",
          updates.ema(),
          1 / (1 - updates.ema()), totalSteps());
    }
    if (config.training().learningRate() < updates.bodyLearningRate()) {
      warn("--body-lr %s is larger than --lr %s: usually the trained body needs smaller steps than the last layer",
          updates.bodyLearningRate(), config.training().learningRate());
    }
  }

  private void augmentation(Fit fit) {
    Augmentation augmentation = config.augmentation();
    if (augmentation.equals(Augmentation.NONE)) {
      return;
    }
    if (!updates.freeze().isEmpty()) {
      warn("--augment %s: what the frozen part makes of an image is computed in each epoch again, and not once", augmentation);
    }
    if (fit == Fit.INK && augmentation.toString().contains(FLIP)) {
      warn("--augment %s: a mirrored letter or digit is another one or none", augmentation);
    }
  }
}
