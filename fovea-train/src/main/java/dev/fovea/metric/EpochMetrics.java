package dev.fovea.metric;

/**
 * The metrics of one epoch of a run. A value that was not computed is NaN.
 *
 * @param epoch counted from 1
 * @param trainLoss the mean over the epoch's labels, computed during its steps
 * @param validationScore the {@linkplain Evaluation#score score} on the validation images
 * @param learningRate of the epoch's last step
 */
public record EpochMetrics(
    int epoch, double trainLoss, double validationLoss, double validationScore, double learningRate) {}
