package dev.fovea.optim;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.util.List;

/**
 * How a step changes the parameters. Immutable; what it remembers from step to step lies in slots, arrays under the parameters'
 * index that the caller keeps. The arithmetic is float, element by element, so the same bits come out everywhere.
 */
public interface Optimizer {
  /** The parameters that are changed: those from one index up to, not including, another. */
  record Span(int from, int to) {}

  /** How many numbers it remembers per parameter. */
  int slots();

  /**
   * Changes some of the parameters, each by its own numbers alone.
   *
   * @param gradients under the same index
   * @param slots {@link #slots()} arrays, zero before the first step
   * @param step how many steps were made before this one
   */
  void step(float[] parameters, float[] gradients, Span part, float[][] slots, double learningRate, long step);

  /** A text that names it and all its settings, as a record's own does: a run goes on only under the same one. */
  default String describe() {
    return getClass().isRecord() ? toString() : "custom";
  }

  /** The names that {@link #named} knows. */
  static List<String> names() {
    return List.of("sgd", "nesterov", "adam", "adamw", "rmsprop", "adagrad");
  }

  /**
   * One of {@link #names}, with its standard settings.
   *
   * @param momentum of {@code sgd}, {@code nesterov} and {@code rmsprop}; the others have none
   */
  static Optimizer named(String name, double momentum, double weightDecay) {
    return switch (name) {
      case "sgd" -> Sgd.momentum(momentum).weightDecay(weightDecay);
      case "nesterov" -> Sgd.momentum(momentum).nesterov(true).weightDecay(weightDecay);
      case "adam" -> Adam.standard().weightDecay(weightDecay);
      case "adamw" -> AdamW.standard().weightDecay(weightDecay);
      case "rmsprop" -> RmsProp.standard().momentum(momentum).weightDecay(weightDecay);
      case "adagrad" -> Adagrad.standard().weightDecay(weightDecay);
      default -> throw new FoveaException("there is no optimizer '" + name + "': " + Names.nearest(name, names()));
    };
  }
}
