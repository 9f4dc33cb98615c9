package dev.fovea.cli;

import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a command writes.
 *
 * @param out results
 * @param err progress and messages
 * @param terminal whether a person watches, so that a line may be rewritten
 */
record Streams(PrintStream out, PrintStream err, boolean terminal) {
  /** A message, one line. */
  void say(String message) {
    err.println(line(message));
  }

  /** Why a command failed, one line. */
  void error(@Nullable String message) {
    err.println("fovea: " + line(String.valueOf(message)));
  }

  /** One line on standard output, in ASCII, so that no terminal's encoding can spoil it. */
  void json(ObjectNode node) {
    json(node.toString());
  }

  /** The same of JSON that is a text already. */
  void json(String json) {
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
    return message.replaceAll("\\s*[\\p{Cntrl}\\u2028\\u2029]+\\s*", " ");
  }
}
