package dev.fovea.train;

import dev.fovea.tensor.FoveaException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** The settings over so many images: how long a run is, and which images and which rate each step gets. */
record TrainingPlan(TrainingSettings settings, int images) {

  /** The last step of an epoch may see fewer images than the others. */
  long stepsPerEpoch() {
    return Math.ceilDiv((long) images, settings.batchSize());
  }

  long totalSteps() {
    return Math.min(settings.steps(), settings.epochs() * stepsPerEpoch());
  }

  /** Counts a last one that the limit of steps cuts short. */
  int epochs() {
    return (int) Math.ceilDiv(totalSteps(), stepsPerEpoch());
  }

  /** The steps made when so many epochs are over. */
  long stepsOf(int epochs) {
    return Math.min(epochs * stepsPerEpoch(), totalSteps());
  }

  /** Where in the epoch's order the step's images begin. */
  int from(long step) {
    return (int) (step % stepsPerEpoch() * settings.batchSize());
  }

  /** Where they end. */
  int to(long step) {
    return (int) Math.min((long) from(step) + settings.batchSize(), images);
  }

  double rate(long step) {
    return settings.schedule().at(step, totalSteps());
  }

  /** By name, as texts: what a checkpoint must have been written under. */
  Map<String, String> describe() {
    Map<String, String> text = new LinkedHashMap<>();
    BiConsumer<String, Object> put = (name, value) -> text.put(name, String.valueOf(value));
    put.accept("loss", settings.loss().describe());
    put.accept("optimizer", settings.optimizer().describe());
    put.accept("schedule", settings.schedule().describe());
    put.accept("augmentation", settings.augmentation());
    put.accept("batch size", settings.batchSize());
    put.accept("number of training images", images);
    put.accept("number of steps", totalSteps());
    put.accept("seed", settings.seed());
    return text;
  }

  /** Refuses a state that no run of this course can be in. */
  TrainState checked(TrainState state) {
    long first = stepsOf(state.epochs());
    long last = stepsOf(Math.min(state.epochs(), epochs()) + 1);
    if (state.epochs() > epochs() || state.step() < first || state.step() > last) {
      throw new FoveaException("the checkpoint says " + state.step() + " steps and " + state.epochs() + " epochs, which a run of "
          + totalSteps() + " steps, " + stepsPerEpoch() + " an epoch, cannot have made: take another checkpoint, or start anew");
    }
    return state;
  }
}
