package dev.fovea.optim;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.util.List;

/**
 * The rule by which a step changes the parameters. Immutable; its state from step to step is stored in slots, arrays in the order
 * of the parameters that the caller holds. The arithmetic is float and elementwise, so the same bits come out everywhere.
 */
public interface Optimizer {
  /** A range of parameters: {@code from} inclusive, {@code to} exclusive. */
  record Span(int from, int to) {}

  /** The number of values stored per parameter. */
  int slots();

  /** A copy with another weight decay; 0: none. */
  Optimizer weightDecay(double weightDecay);

  /** Whether {@link #step} needs all elements of a parameter at once, and of one parameter only, because it reads their norm. */
  default boolean wholeParameters() {
    return false;
  }

  /**
   * Updates a range of parameters, each from its own gradient and slots only.
   *
   * @param gradients in the same order
   * @param slots {@link #slots()} arrays, zero before the first step
   * @param step the number of steps before this one
   */
  void step(float[] parameters, float[] gradients, Span part, float[][] slots, double learningRate, long step);

  /** The optimizer and all its settings as text, as a record's {@code toString}: a run resumes only if this text is the same. */
  default String describe() {
    return getClass().isRecord() ? toString() : "custom";
  }

  /** The names that {@link #named} accepts. */
  static List<String> names() {
    return List.of("sgd", "nesterov", "adam", "adamw", "rmsprop", "adagrad", "lars", "lion", "adabelief");
  }

  /**
   * One of {@link #names}, with its standard settings.
   *
   * @param momentum of {@code sgd}, {@code nesterov}, {@code rmsprop} and {@code lars}; the others have none
   */
  static Optimizer named(String name, double momentum, double weightDecay) {
    return switch (name) {
      case "sgd" -> Sgd.momentum(momentum).weightDecay(weightDecay);
      case "nesterov" -> Sgd.momentum(momentum).nesterov(true).weightDecay(weightDecay);
      case "adam" -> Adam.standard().weightDecay(weightDecay);
      case "adamw" -> AdamW.standard().weightDecay(weightDecay);
      case "rmsprop" -> RmsProp.standard().momentum(momentum).weightDecay(weightDecay);
      case "adagrad" -> Adagrad.standard().weightDecay(weightDecay);
      case "lars" -> Lars.momentum(momentum).weightDecay(weightDecay);
      case "lion" -> Lion.standard().weightDecay(weightDecay);
      case "adabelief" -> AdaBelief.standard().weightDecay(weightDecay);
      default -> throw new FoveaException("there is no optimizer '" + name + "': " + Names.nearest(name, names()));
    };
  }
}
