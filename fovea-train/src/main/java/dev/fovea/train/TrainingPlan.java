package dev.fovea.train;

import dev.fovea.tensor.FoveaException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings for a number of images: the length of the run, and the images and learning rate of each step. */
record TrainingPlan(TrainingSettings settings, int images) {

  /** The last step of an epoch may have a smaller batch. */
  long stepsPerEpoch() {
    return Math.ceilDiv((long) images, settings.batchSize);
  }

  long totalSteps() {
    return Math.min(settings.steps, settings.epochs * stepsPerEpoch());
  }

  /** Includes a last epoch that the limit of steps cuts short. */
  int epochs() {
    return (int) Math.ceilDiv(totalSteps(), stepsPerEpoch());
  }

  /** The number of steps of the first {@code epochs} epochs. */
  long stepsOf(int epochs) {
    return Math.min(epochs * stepsPerEpoch(), totalSteps());
  }

  /** The first of the step's images in the epoch's order. */
  int from(long step) {
    return (int) (step % stepsPerEpoch() * settings.batchSize);
  }

  /** The end of the step's images, exclusive. */
  int to(long step) {
    return (int) Math.min((long) from(step) + settings.batchSize, images);
  }

  double learningRate(long step) {
    return settings.schedule.at(step, totalSteps());
  }

  /** The settings that a checkpoint must agree with, by name, as text. */
  Map<String, String> describe() {
    Map<String, String> text = new LinkedHashMap<>(settings.describe());
    text.put("number of training images", String.valueOf(images));
    text.put("number of steps", String.valueOf(totalSteps()));
    return text;
  }

  /** Refuses a state that no run of this plan can be in. */
  TrainState checked(TrainState state) {
    long first = stepsOf(state.epochs());
    long last = stepsOf(Math.min(state.epochs(), epochs()) + 1);
    if (state.epochs() > epochs() || state.step() < first || state.step() > last) {
      throw new FoveaException("the checkpoint has " + state.step() + " steps and " + state.epochs() + " epochs, which a run of "
          + totalSteps() + " steps, " + stepsPerEpoch() + " per epoch, cannot reach: use another checkpoint, or start a new run");
    }
    return state;
  }
}
