package dev.fovea.train;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** The settings for a number of images: the length of the run, and the images and learning rate of each step. */
record TrainingPlan(TrainingSettings settings, int images) {
  TrainingPlan {
    if (settings.accumulation > settings.batchSize) {
      throw new FoveaException("a batch of " + settings.batchSize + " cannot be computed in " + settings.accumulation
          + " parts: choose " + settings.batchSize + " or fewer, or larger batches");
    }
  }

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

  /** The largest number of images of the parts that a batch is computed in. */
  int partSize() {
    return Math.ceilDiv(Math.min(settings.batchSize, images), settings.accumulation);
  }

  /**
   * The parts of a step's batch, in the order in which they are computed.
   *
   * @param min the smallest part; one that would be smaller is extended to the front
   * @param orders the order of the images in each epoch, from 0
   */
  List<Loader.Batch> parts(long step, int min, IntFunction<int[]> orders) {
    int epoch = (int) (step / stepsPerEpoch());
    int last = to(step);
    int first = Math.min(from(step), last - min);
    List<Loader.Batch> parts = new ArrayList<>();
    for (int from = first; from < last; from += partSize()) {
      int to = Math.min(last, from + partSize());
      parts.add(new Loader.Batch(epoch, orders.apply(epoch), Math.min(from, to - min), to));
    }
    return parts;
  }

  /** The random numbers of a part, given those of its step; a batch that is computed at once has those of the step. */
  Rng partKey(Rng step, int part) {
    return settings.accumulation == 1 ? step : step.at(part);
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
