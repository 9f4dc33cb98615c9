package dev.fovea.train;

import dev.fovea.metric.Evaluation;

/**
 * How far a run is: all that its loop remembers from step to step beside the parameters and the optimizer's slots, so a run goes
 * on from here to the same bits and the same metrics.
 *
 * @param step the steps made
 * @param epochs the epochs finished, their evaluation included
 * @param lossSum over the current epoch's labels so far, in their order
 * @param correct of the current epoch's labels so far, as the network saw them in training
 * @param labels of the current epoch so far: one an image, or its pixels that have a class
 * @param images of the current epoch so far
 * @param seconds of training in the current epoch so far; the one number here that differs from run to run
 * @param best of the epochs so far
 */
public record TrainState(
    long step, int epochs, double lossSum, long correct, long labels, long images, double seconds, Best best) {
  /** Before the first step. */
  public static final TrainState START = new TrainState(0, 0, 0, 0, 0, 0, 0, Best.NONE);

  /**
   * The epoch whose network did best on the held-out images.
   *
   * @param epoch counted from 1; 0 before the first evaluation
   * @param score its {@link Evaluation#score}
   */
  public record Best(int epoch, double score, double loss) {
    /** Before the first evaluation. */
    public static final Best NONE = new Best(0, 0, Double.POSITIVE_INFINITY);

    /** Whether this score is higher, or equal with a lower loss. */
    boolean isBeatenBy(double score, double loss) {
      return epoch == 0 || score > this.score || (score == this.score && loss < this.loss);
    }
  }

  /** After one more step, on {@code count} images. */
  TrainState stepDone(TrainingBatches.Outcome found, int count, double seconds) {
    double sum = lossSum + found.loss() * found.labels();
    return new TrainState(step + 1, epochs, sum, correct + found.correct(), labels + found.labels(), images + count,
        this.seconds + seconds, best);
  }

  /** After the epoch's evaluation. */
  TrainState epochDone(double score, double loss) {
    Best better = best.isBeatenBy(score, loss) ? new Best(epochs + 1, score, loss) : best;
    return new TrainState(step, epochs + 1, 0, 0, 0, 0, 0, better);
  }

  /** The mean loss over the current epoch's labels so far. */
  public double meanLoss() {
    return lossSum / Math.max(1, labels);
  }

  /** The share of the current epoch's labels so far that the network got right, as it saw them in training. */
  public double accuracy() {
    return (double) correct / Math.max(1, labels);
  }

  /** TestImages a second in the current epoch so far. */
  public double imagesPerSecond() {
    return seconds > 0 ? images / seconds : 0;
  }
}
