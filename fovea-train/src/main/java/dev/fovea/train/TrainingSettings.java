package dev.fovea.train;

import dev.fovea.optim.Optimizer;
import dev.fovea.optim.Schedule;
import dev.fovea.tensor.FoveaException;

/**
 * The settings that, with the data, determine every bit of a run's result.
 *
 * @param steps an upper bound besides the epochs; {@link Long#MAX_VALUE}: no limit
 * @param seed of the images' order, of augmentation and of dropout; the initial parameters come with the model
 */
record TrainingSettings(
    Loss loss,
    Optimizer optimizer,
    Schedule schedule,
    Augmentation augmentation,
    int batchSize,
    int epochs,
    long steps,
    long seed) {
  TrainingSettings {
    if (batchSize < 1 || epochs < 1 || steps < 1) {
      throw new FoveaException(
          "batch size, epochs and steps must be 1 or more, got " + batchSize + ", " + epochs + " and " + steps);
    }
  }

  TrainingSettings loss(Loss loss) {
    return new TrainingSettings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  TrainingSettings optimizer(Optimizer optimizer) {
    return new TrainingSettings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  TrainingSettings schedule(Schedule schedule) {
    return new TrainingSettings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  TrainingSettings augmentation(Augmentation augmentation) {
    return new TrainingSettings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  TrainingSettings batchSize(int batchSize) {
    return new TrainingSettings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  TrainingSettings epochs(int epochs) {
    return new TrainingSettings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  TrainingSettings steps(long steps) {
    return new TrainingSettings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  TrainingSettings seed(long seed) {
    return new TrainingSettings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }
}
