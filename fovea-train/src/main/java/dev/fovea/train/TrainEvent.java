package dev.fovea.train;

import dev.fovea.metric.Metrics;
import dev.fovea.model.Model;
import dev.fovea.probe.ParameterStatistics;
import dev.fovea.probe.ReluStatistics;
import java.util.List;

/**
 * The events of a training run, in this order: {@link Started}; {@link Extracting}, if the body is frozen; {@link StepDone} for
 * each step, and before some of them {@link Examined}; {@link Evaluating} during the evaluation after an epoch's last step, and
 * then {@link EpochDone}; at the end {@link Finished} or {@link Interrupted}. Listeners are called on the training thread, between
 * two steps; they cannot change the run.
 */
public sealed interface TrainEvent {
  /** The last event. */
  sealed interface Ended extends TrainEvent {}

  /**
   * Before the first step.
   *
   * @param stepsPerEpoch the last step of an epoch may have a smaller batch
   * @param epochs of the whole run
   * @param totalSteps of the whole run
   * @param peakBytes the estimated peak memory of the process
   * @param state where the run resumes; {@link TrainState#START} if it is new
   */
  record Started(
      Model model, int images, int batchSize, long stepsPerEpoch, int epochs, long totalSteps, long peakBytes, TrainState state)
      implements TrainEvent {}

  /**
   * After the first step of a process and after the last step of each epoch, before {@link StepDone}.
   *
   * @param parameters those that change in this epoch
   * @param relus the network's rectifiers; empty in most epochs, if epochs are short
   */
  record Examined(long step, List<ParameterStatistics> parameters, List<ReluStatistics> relus) implements TrainEvent {
    public Examined {
      parameters = List.copyOf(parameters);
      relus = List.copyOf(relus);
    }
  }

  /**
   * After a step.
   *
   * @param step the number of steps done, this one included
   * @param epoch the current one, from 1
   * @param loss the mean over the step's images, before the step changed the parameters
   * @param learningRate of this step
   * @param checkpoint the run after the step
   */
  record StepDone(long step, long totalSteps, int epoch, double loss, double learningRate, Checkpoint checkpoint)
      implements TrainEvent {}

  /**
   * While the features of images are computed, which the frozen part of a network gives once.
   *
   * @param data the data set
   * @param images the number of images done
   * @param of the number of images of the data set
   */
  record Extracting(String data, int images, int of) implements TrainEvent {}

  /**
   * After each batch of an evaluation; a training run also reports that of the test images, which comes last.
   *
   * @param data the data set that the network is evaluated on
   * @param images the number of images done
   * @param of the number of images of the data set
   */
  record Evaluating(String data, int images, int of) implements TrainEvent {}

  /**
   * After an epoch and its evaluation.
   *
   * @param epoch from 1
   * @param training the epoch's sums: steps, mean loss, accuracy and speed in training
   * @param validation the evaluation on the validation images
   * @param best the best epoch so far, which may be this one
   * @param fingerprint of the parameters, 64 hexadecimal digits
   * @param learningRate of the epoch's last step
   * @param checkpoint the run after the epoch
   */
  record EpochDone(
      int epoch,
      int epochs,
      TrainState training,
      Metrics validation,
      TrainState.Best best,
      String fingerprint,
      double learningRate,
      Checkpoint checkpoint)
      implements TrainEvent {
    public boolean isBest() {
      return best.epoch() == epoch;
    }
  }

  /** All steps are done. */
  record Finished(TrainState state, String fingerprint, Loading loading) implements Ended {}

  /** Stopped before the end, as requested by {@link Trainer#stopWhen}; it can be resumed from the checkpoint. */
  record Interrupted(TrainState state, long totalSteps, Checkpoint checkpoint) implements Ended {}
}
