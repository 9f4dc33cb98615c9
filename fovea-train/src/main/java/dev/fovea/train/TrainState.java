package dev.fovea.train;

import dev.fovea.metric.Metrics;
import dev.fovea.optim.Plateau;
import java.util.Optional;

/**
 * The state of the training loop besides the parameters and the optimizer's slots. A run resumed from it gives the same bits and
 * the same metrics.
 *
 * @param step the number of steps done
 * @param epochs the number of epochs finished, their evaluation included
 * @param lossSum over the current epoch's labels so far, in their order
 * @param correct predictions so far in the current epoch, in training mode
 * @param labels of the current epoch so far: one per image, or its pixels that have a class
 * @param images of the current epoch so far
 * @param seconds of training in the current epoch so far; the only value here that differs from run to run
 * @param best of the epochs so far
 * @param plateau of the validation loss, if the learning rate depends on it
 */
public record TrainState(
    long step, int epochs, double lossSum, long correct, long labels, long images, double seconds, Best best,
    Plateau.State plateau) {
  /** Before the first step. */
  public static final TrainState START = new TrainState(0, 0, 0, 0, 0, 0, 0, Best.NONE, Plateau.State.START);

  /**
   * The epoch whose network has the best score on the validation images.
   *
   * @param epoch counted from 1; 0 before the first evaluation
   * @param score its {@link Metrics#score}
   */
  public record Best(int epoch, double score, double loss) {
    /** Before the first evaluation. */
    public static final Best NONE = new Best(0, 0, Double.POSITIVE_INFINITY);

    /** Whether this score is higher, or equal with a lower loss. */
    boolean isWorseThan(double score, double loss) {
      return epoch == 0 || score > this.score || (score == this.score && loss < this.loss);
    }
  }

  /** After one more step, on {@code count} images. */
  TrainState stepDone(TrainingBatches.StepResult result, int count, double seconds) {
    double sum = lossSum + result.loss() * result.labels();
    return new TrainState(step + 1, epochs, sum, correct + result.correct(), labels + result.labels(), images + count,
        this.seconds + seconds, best, plateau);
  }

  /** After the epoch's evaluation. */
  TrainState epochDone(double score, double loss, Optional<Plateau> rule) {
    Best newBest = best.isWorseThan(score, loss) ? new Best(epochs + 1, score, loss) : best;
    return new TrainState(step, epochs + 1, 0, 0, 0, 0, 0, newBest,
        rule.map(r -> r.after(plateau, loss)).orElse(plateau));
  }

  /** The mean loss over the current epoch's labels so far. */
  public double meanLoss() {
    return lossSum / Math.max(1, labels);
  }

  /** The share of the current epoch's labels so far that was predicted correctly, in training mode. */
  public double accuracy() {
    return (double) correct / Math.max(1, labels);
  }

  /** Images per second in the current epoch so far. */
  public double imagesPerSecond() {
    return seconds > 0 ? images / seconds : 0;
  }
}
