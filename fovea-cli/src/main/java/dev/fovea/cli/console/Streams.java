package dev.fovea.cli.console;

import java.io.PrintStream;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a command writes.
 *
 * @param out results
 * @param err progress and messages
 * @param terminal whether a person watches, so that a line may be rewritten
 */
public record Streams(PrintStream out, PrintStream err, boolean terminal) {
  /** Control characters, line and paragraph separators, and what turns the direction of a text round. */
  private static final String STEERING = "[\\p{Cntrl}\\u0080-\\u009f\\u2028-\\u202e\\u2066-\\u2069]";

  /** A message, one line. */
  public void say(String message) {
    err.println(line(message));
  }

  /** Why a command failed, one line. */
  public void error(@Nullable String message) {
    err.println("fovea: " + line(String.valueOf(message)));
  }

  /** One line on standard output, in ASCII, so that no terminal's encoding can spoil it. */
  public void json(ObjectNode node) {
    json(node.toString());
  }

  /** The same of JSON that is a text already. */
  public void json(String json) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      // Beyond ASCII only texts go, where JSON knows this escape.
      text.append(c < 0x7f ? String.valueOf(c) : String.format(Locale.ROOT, "\\u%04x", (int) c));
    }
    out.println(text);
  }

  /** Names of files hold what they like; a line feed there must not look like another message. */
  private static String line(String message) {
    return message.replaceAll("\\s*" + STEERING + "+\\s*", " ");
  }

  /** A name as it can stand in a result: what would end the line or steer a terminal is written out, as JSON does it. */
  public static String shown(Object name) {
    return Pattern.compile(STEERING).matcher(String.valueOf(name)).replaceAll(sign -> Matcher.quoteReplacement(
        sign.group().equals("\n") ? "\\n" : String.format(Locale.ROOT, "\\u%04x", (int) sign.group().charAt(0))));
  }

  /** Results of several lines, in each of which names are shown so. */
  public void print(Object lines) {
    lines.toString().lines().forEach(line -> out.println(shown(line)));
  }

  /** Tells how far something has come, where it takes over a second. */
  public ProgressLine waiting(String what, int count) {
    return new ProgressLine(this, what, count);
  }
}
