package dev.fovea.format;

import dev.fovea.tensor.FoveaException;
import java.util.Locale;

/** Writes compact JSON: no whitespace, members in their order, only required escapes. */
final class JsonWriter {
  private JsonWriter() {}

  static void write(Json json, StringBuilder out) {
    switch (json) {
      case Json.Obj object -> members(object, out);
      case Json.Arr(var items) -> {
        String separator = "";
        out.append('[');
        for (Json item : items) {
          out.append(separator);
          write(item, out);
          separator = ",";
        }
        out.append(']');
      }
      case Json.Str(var value) -> string(value, out);
      case Json.Num(var digits) -> out.append(digits);
      case Json.Bool(var value) -> out.append(value);
      case Json.Null _ -> out.append("null");
    }
  }

  private static void members(Json.Obj object, StringBuilder out) {
    out.append('{');
    String separator = "";
    for (var member : object.members().entrySet()) {
      out.append(separator);
      string(member.getKey(), out);
      out.append(':');
      write(member.getValue(), out);
      separator = ",";
    }
    out.append('}');
  }

  static void string(String value, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isSurrogate(c)) {
        if (!pairAt(value, i)) {
          throw new FoveaException(Quote.quote(value) + " has an unpaired surrogate, which UTF-8 cannot encode");
        }
        out.append(c).append(value.charAt(++i));
      } else {
        character(c, out);
      }
    }
    out.append('"');
  }

  private static void character(char c, StringBuilder out) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      default -> {
        if (c < ' ') {
          out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
        } else {
          out.append(c);
        }
      }
    }
  }

  /** Whether there is a high surrogate at {@code i}, followed by a low one. */
  static boolean pairAt(CharSequence text, int i) {
    return Character.isHighSurrogate(text.charAt(i)) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
  }
}
