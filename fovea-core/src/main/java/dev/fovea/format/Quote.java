package dev.fovea.format;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/** Formats untrusted text for one-line messages: quoted, truncated, control characters escaped. */
public final class Quote {
  private static final int MAX_LENGTH = 60;

  private Quote() {}

  /** The text in single quotes, at most 60 characters of it, in one line whatever it contains. */
  public static String quote(String text) {
    return "'" + plain(text) + "'";
  }

  /** The same without the quotes. */
  public static String plain(String text) {
    StringBuilder out = new StringBuilder();
    int end = Math.min(text.length(), MAX_LENGTH);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (isPlain(c)) {
        out.append(c);
      } else {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      }
    }
    return out.append(end < text.length() ? "..." : "").toString();
  }

  /** The cause in one line; the messages of Java's file exceptions are often only a path, or empty. */
  public static String cause(IOException e) {
    return switch (e) {
      case NoSuchFileException gone -> "there is no " + gone.getFile();
      case AccessDeniedException denied -> "permission denied for " + denied.getFile();
      case ClosedByInterruptException _ -> "interrupted";
      case ClosedChannelException _ -> "it is already closed";
      default -> String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown cause");
    };
  }

  /** False for characters that could break the line, hide text or reverse it on a terminal. */
  private static boolean isPlain(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED, Character.PRIVATE_USE -> false;
      default -> true;
    };
  }
}
