package dev.fovea.tensor;

/**
 * An error that the user can fix. The message is one line: the location, what was expected, what was found, and the fix. The
 * command line prints the message and may append its own hint; any other exception that escapes is a bug in Fovea and keeps its
 * stack trace.
 */
public class FoveaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public FoveaException(String message) {
    super(message);
  }

  public FoveaException(String message, Throwable cause) {
    super(message, cause);
  }
}
