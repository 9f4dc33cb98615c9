package dev.fovea.cli.option;

import java.util.Locale;

/** What {@code fovea bench} measures. */
public enum BenchMode {
  /** Training steps. */
  TRAIN,
  /** Predictions. */
  INFER,
  /** The first prediction of a process. */
  COLD;

  /** As the command line spells it. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }
}
