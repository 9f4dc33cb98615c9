package dev.fovea.tensor;

import java.util.regex.Pattern;

/**
 * An error that the user can fix. The message is one line: the location, what was expected, what was found, and the fix. The
 * command line prints the message and may append its own hint; any other exception that escapes is a bug in Fovea and keeps its
 * stack trace.
 */
public class FoveaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Of a message, in characters; a longer one, which quotes a file, loses its middle. */
  private static final int MAX_LENGTH = 1500;

  private static final int KEPT_END = 300;

  /** Characters that break a line or hide what it says: files are quoted. */
  private static final Pattern HIDDEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");

  public FoveaException(String message) {
    super(line(message));
  }

  public FoveaException(String message, Throwable cause) {
    super(line(message), cause);
  }

  private static String line(String message) {
    String whole = message.length() <= MAX_LENGTH ? message
        : message.substring(0, MAX_LENGTH - KEPT_END) + " ... " + message.substring(message.length() - KEPT_END);
    return HIDDEN.matcher(whole).replaceAll("?");
  }
}
