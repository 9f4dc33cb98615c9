package dev.fovea.train;

import dev.fovea.metric.Evaluation;
import dev.fovea.model.Model;

/**
 * What a training run says of itself, in this order: {@link Started}; for each step {@link StepDone}; after an epoch's last step,
 * as it is measured, {@link Measuring}, and then {@link EpochDone}; at the end {@link Finished} or {@link Interrupted}. Listeners
 * hear it on the training thread, between two steps; they watch, and cannot change the run.
 */
public sealed interface TrainEvent {
  /** The last event. */
  sealed interface Ended extends TrainEvent {}

  /**
   * Before the first step.
   *
   * @param stepsPerEpoch the last one of an epoch may see fewer images than the others
   * @param epochs how many there will be in all
   * @param totalSteps of the whole run
   * @param peakBytes the memory that the process will take at most, about
   * @param state how far an earlier part of this run came; {@link TrainState#START} where there was none
   */
  record Started(
      Model model, int images, int batchSize, long stepsPerEpoch, int epochs, long totalSteps, long peakBytes, TrainState state)
      implements TrainEvent {}

  /**
   * After a step.
   *
   * @param step steps made, this one included
   * @param epoch the current one, from 1
   * @param loss the mean over the step's images, before the step changed the parameters
   * @param learningRate the step's
   * @param checkpoint the run as it is now
   */
  record StepDone(long step, long totalSteps, int epoch, double loss, double learningRate, Checkpoint checkpoint)
      implements TrainEvent {}

  /**
   * After each batch of an evaluation; a training run also reports that of the test images, which comes last.
   *
   * @param data what the network is measured on
   * @param images so many are done
   * @param of so many
   */
  record Measuring(String data, int images, int of) implements TrainEvent {}

  /**
   * After an epoch and its evaluation.
   *
   * @param epoch from 1
   * @param training the epoch's sums: steps made, mean loss, accuracy and speed in training
   * @param validation what the network now does on the held-out images
   * @param best of the epochs so far, perhaps this one
   * @param fingerprint of the parameters, 64 hexadecimal digits
   * @param learningRate of the epoch's last step
   * @param checkpoint the run as it is now, the epoch finished
   */
  record EpochDone(
      int epoch,
      int epochs,
      TrainState training,
      Evaluation validation,
      TrainState.Best best,
      String fingerprint,
      double learningRate,
      Checkpoint checkpoint)
      implements TrainEvent {
    public boolean isBest() {
      return best.epoch() == epoch;
    }
  }

  /** All steps are made. */
  record Finished(TrainState state, String fingerprint) implements Ended {}

  /** Stopped before the end, as {@link Trainer#stopWhen} asked; it can go on from the checkpoint. */
  record Interrupted(TrainState state, long totalSteps, Checkpoint checkpoint) implements Ended {}
}
