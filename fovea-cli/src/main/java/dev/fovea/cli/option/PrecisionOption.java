package dev.fovea.cli.option;

import dev.fovea.graph.Precision;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How the engine may sum. */
public final class PrecisionOption {
  /** The option's name in a run's settings. */
  static final String NAME = "precision";

  @Option(
      names = "--" + NAME,
      paramLabel = "P",
      converter = Converters.PrecisionName.class,
      completionCandidates = Choices.Precisions.class,
      description = "fast: 3x3 convolutions may go through Winograd's transforms, which err by some 1e-5 of a map's largest number."
          + " exact: each number is the sum of its products (fast).")
  private Optional<Precision> chosen = Optional.empty();

  /** From here on it holds for the process; without the option what {@value Precision#PROPERTY} says does. */
  public Precision apply() {
    chosen.ifPresent(precision -> System.setProperty(Precision.PROPERTY, precision.spelling()));
    return Precision.chosen();
  }
}
