package dev.fovea.cli.console;

import java.io.PrintStream;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The output streams of a command.
 *
 * @param out results
 * @param err progress and messages
 * @param terminal whether standard error is a terminal, so that a line may be rewritten
 */
public record Streams(PrintStream out, PrintStream err, boolean terminal) {
  /** Control characters, line and paragraph separators, and marks that change the direction of text. */
  private static final String CONTROL = "[\\p{Cntrl}\\u0080-\\u009f\\u2028-\\u202e\\u2066-\\u2069]";

  /** Prints a message of one line. */
  public void say(String message) {
    err.println(line(message));
  }

  /** Prints a message of several lines. */
  public void report(String message) {
    message.lines().forEach(text -> err.println(escaped(text)));
  }

  /** Prints why a command failed, in one line. */
  public void error(@Nullable String message) {
    err.println("fovea: " + line(String.valueOf(message)));
  }

  /** Prints one line on standard output, in ASCII, which survives any terminal's encoding. */
  public void json(ObjectNode node) {
    json(node.toString());
  }

  /** The same for JSON text. */
  public void json(String json) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      // Only strings hold characters beyond ASCII, and JSON has this escape there.
      text.append(c < 0x7f ? String.valueOf(c) : String.format(Locale.ROOT, "\\u%04x", (int) c));
    }
    out.println(text);
  }

  /** File names may contain line feeds, which must not look like another message. */
  private static String line(String message) {
    return message.replaceAll("\\s*" + CONTROL + "+\\s*", " ");
  }

  /** A name with JSON's escapes for characters that would end the line or control a terminal. */
  public static String escaped(Object name) {
    return Pattern.compile(CONTROL).matcher(String.valueOf(name)).replaceAll(match -> Matcher.quoteReplacement(
        match.group().equals("\n") ? "\\n" : String.format(Locale.ROOT, "\\u%04x", (int) match.group().charAt(0))));
  }

  /** Prints results of several lines, each {@link #escaped}. */
  public void print(Object lines) {
    lines.toString().lines().forEach(line -> out.println(escaped(line)));
  }

  /** Reports progress if something takes over a second. */
  public ProgressLine progress(String what, int count) {
    return new ProgressLine(this, what, count);
  }
}
