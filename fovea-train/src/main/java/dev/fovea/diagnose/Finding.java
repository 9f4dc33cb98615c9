package dev.fovea.diagnose;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Something that is wrong with a training run.
 *
 * @param message one line: when and where, what was measured, and what helps
 */
public record Finding(Kind kind, String message) {
  /** Causes come before what may be their consequence. */
  public enum Kind {
    /** Steps change weights by more than their size. */
    EXPLODING,
    /** Most units of a rectifier give 0 for all images. */
    DEAD_RELU,
    /** An epoch changes no weight. */
    NO_CHANGE,
    /** Hardly any gradient reaches a layer. */
    VANISHING,
    /** The network is no better than guessing. */
    CHANCE,
    /** The training loss has stopped falling. */
    PLATEAU,
    /** The network fits the training images much better than others. */
    OVERFITTING;

    /** The name in files, such as {@code dead_relu}. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The kind of that name; empty for one of a later version. */
    public static Optional<Kind> of(String key) {
      return Arrays.stream(values()).filter(kind -> kind.key().equals(key)).findFirst();
    }

    /** Whether the other kind may be a consequence of this one, and is then not reported. */
    boolean explains(Kind other) {
      return this != PLATEAU && this != OVERFITTING && other != OVERFITTING && compareTo(other) < 0;
    }
  }
}
