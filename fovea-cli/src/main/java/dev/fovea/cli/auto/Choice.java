package dev.fovea.cli.auto;

/**
 * A setting that was chosen.
 *
 * @param option of {@code fovea train}, without dashes
 * @param value as on the command line
 * @param reason why, in one line
 */
public record Choice(String option, String value, String reason) {
  @Override
  public String toString() {
    return "--" + option + " " + value + ": " + reason;
  }
}
