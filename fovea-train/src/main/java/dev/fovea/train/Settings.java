package dev.fovea.train;

import dev.fovea.tensor.FoveaException;

/**
 * What decides, with the data, every bit of a run's result.
 *
 * @param steps the run ends after so many, should the epochs not end it before; {@link Long#MAX_VALUE}: no limit
 * @param seed of the pictures' order, of augmentation and of dropout; the first parameters are the model's matter
 */
record Settings(
    Loss loss,
    Optimizer optimizer,
    Schedule schedule,
    Augmentation augmentation,
    int batchSize,
    int epochs,
    long steps,
    long seed) {
  Settings {
    if (batchSize < 1 || epochs < 1 || steps < 1) {
      throw new FoveaException(
          "batch size, epochs and steps must be 1 or more, got " + batchSize + ", " + epochs + " and " + steps);
    }
  }

  Settings loss(Loss loss) {
    return new Settings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  Settings optimizer(Optimizer optimizer) {
    return new Settings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  Settings schedule(Schedule schedule) {
    return new Settings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  Settings augmentation(Augmentation augmentation) {
    return new Settings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  Settings batchSize(int batchSize) {
    return new Settings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  Settings epochs(int epochs) {
    return new Settings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  Settings steps(long steps) {
    return new Settings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }

  Settings seed(long seed) {
    return new Settings(loss, optimizer, schedule, augmentation, batchSize, epochs, steps, seed);
  }
}
