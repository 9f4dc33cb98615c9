package dev.fovea.cli;

import dev.fovea.graph.Precision;
import picocli.CommandLine.Option;

/** How the engine may sum; what is chosen holds for the process. */
final class PrecisionOption {
  /** The option's name in a run's settings. */
  static final String NAME = "precision";

  @Option(
      names = "--" + NAME,
      paramLabel = "P",
      converter = Converters.PrecisionName.class,
      completionCandidates = Choices.Precisions.class,
      description = "fast: 3x3 convolutions may go through Winograd's transforms, which err by some 1e-5 of a map's largest number."
          + " exact: each number is the sum of its products (fast).")
  void choose(Precision chosen) {
    System.setProperty(Precision.PROPERTY, chosen.spelling());
  }

  /** What was chosen, or what {@value Precision#PROPERTY} says. */
  Precision precision() {
    return Precision.chosen();
  }
}
