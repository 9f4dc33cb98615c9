package dev.fovea.metric;

import java.util.Comparator;

/**
 * The metrics of one epoch of a run. A value that was not computed is NaN.
 *
 * @param epoch counted from 1
 * @param trainLoss the mean over the epoch's labels, computed during its steps
 * @param validationScore the {@linkplain Metrics#score score} on the validation images
 * @param learningRate of the epoch's last step
 */
public record EpochMetrics(
    int epoch, double trainLoss, double validationLoss, double validationScore, double learningRate) {

  /** From worse to better: by score, equal ones by lower loss, equal ones by earlier epoch, as for {@code best.safetensors}. */
  public static final Comparator<EpochMetrics> BY_SCORE = Comparator.comparingDouble(EpochMetrics::validationScore)
      .thenComparing(EpochMetrics::validationLoss, Comparator.reverseOrder())
      .thenComparing(EpochMetrics::epoch, Comparator.reverseOrder());
}
