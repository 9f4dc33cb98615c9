package dev.fovea.check;

/** Something that a check found, in one line. */
public record Finding(Level level, String text) {
  /** How serious it is. */
  public enum Level {
    /** Training would be refused, or fail. */
    ERROR,
    /** Training works, but probably not as intended. */
    WARNING
  }

  static Finding error(String text) {
    return new Finding(Level.ERROR, text);
  }

  static Finding warning(String text) {
    return new Finding(Level.WARNING, text);
  }
}
