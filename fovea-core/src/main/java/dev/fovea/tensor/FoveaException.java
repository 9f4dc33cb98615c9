package dev.fovea.tensor;

/**
 * A failure its user can mend. The message is one line: the place, what was expected, what came, and the mend. The command line
 * prints the message and, where it has one, its own word for the mend; anything else that escapes is a defect of ours and keeps its
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
