package dev.fovea.cli.option;

import dev.fovea.graph.Precision;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whether the engine may use algorithms that round otherwise than the plain sum. */
public final class PrecisionOption {
  /** The option's name in a run's settings. */
  static final String NAME = "precision";

  @Option(
      names = "--" + NAME,
      paramLabel = "P",
      converter = Converters.PrecisionName.class,
      completionCandidates = Choices.Precisions.class,
      description = "fast: 3x3 convolutions may use Winograd's algorithm, with errors of about 1e-5 of a map's largest value."
          + " exact: each value is the plain sum of its products. Default: fast; exact for run and verify, which are for comparing.")
  private Optional<Precision> chosen = Optional.empty();

  /** As {@link #apply}; without the option it is exact, for commands whose results are compared with those of other programs. */
  public void applyOrExact() {
    if (chosen.isEmpty() && System.getProperty(Precision.PROPERTY) == null) {
      chosen = Optional.of(Precision.EXACT);
    }
    apply();
  }

  /** Sets it for the whole process; without the option the system property {@value Precision#PROPERTY} counts. */
  public Precision apply() {
    chosen.ifPresent(precision -> System.setProperty(Precision.PROPERTY, precision.spelling()));
    return Precision.chosen();
  }
}
