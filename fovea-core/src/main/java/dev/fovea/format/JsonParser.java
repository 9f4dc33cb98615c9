package dev.fovea.format;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A recursive descent over one JSON text; its depth and its number of values are bounded, so hostile text cannot exhaust it. */
final class JsonParser {
  private static final int END = -1;
  private final String text;
  private final String place;
  private int at;
  private int values;

  JsonParser(String text, String place) {
    this.text = text;
    this.place = place;
  }

  Json parse() {
    blanks();
    Json value = value(0);
    blanks();
    if (at < text.length()) {
      throw expected("nothing behind the value");
    }
    return value;
  }

  private Json value(int depth) {
    values += peek() == '{' ? Json.OBJECT : 1;
    if (values > Json.MOST_VALUES) {
      throw wrong("more than " + Json.MOST_VALUES + " values");
    }
    return switch (peek()) {
      case '{' -> object(depth + 1);
      case '[' -> array(depth + 1);
      case '"' -> new Json.Str(string());
      case 't' -> word("true", new Json.Bool(true));
      case 'f' -> word("false", new Json.Bool(false));
      case 'n' -> word("null", new Json.Null());
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
      default -> throw expected("a value");
    };
  }

  private Json object(int depth) {
    enter(depth);
    Map<String, Json> members = new LinkedHashMap<>();
    if (!take('}')) {
      do {
        blanks();
        if (peek() != '"') {
          throw expected("a key in double quotes");
        }
        int start = at;
        String key = string();
        blanks();
        if (!take(':')) {
          throw expected("':'");
        }
        blanks();
        if (members.put(key, value(depth)) != null) {
          at = start;
          throw wrong("the key " + Quote.quote(key) + " a second time");
        }
        blanks();
      } while (take(','));
      if (!take('}')) {
        throw expected("',' or '}'");
      }
    }
    return new Json.Obj(members, place);
  }

  private Json array(int depth) {
    enter(depth);
    List<Json> items = new ArrayList<>();
    if (!take(']')) {
      do {
        blanks();
        items.add(value(depth));
        blanks();
      } while (take(','));
      if (!take(']')) {
        throw expected("',' or ']'");
      }
    }
    return new Json.Arr(items);
  }

  private void enter(int depth) {
    if (depth > Json.DEEPEST) {
      throw wrong("nested deeper than " + Json.DEEPEST);
    }
    at++;
    blanks();
  }

  private Json number() {
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String digits = text.substring(start, at);
    if (!Json.Num.isNumber(digits)) {
      at = start;
      throw wrong("the malformed number " + Quote.quote(digits));
    }
    return new Json.Num(digits);
  }

  private Json word(String word, Json value) {
    if (!text.startsWith(word, at)) {
      throw expected("a value");
    }
    at += word.length();
    return value;
  }

  /** Reads the string whose opening quote stands at {@link #at}. */
  private String string() {
    int start = ++at;
    while (peek() != '"' && peek() != '\\') {
      plain();
    }
    if (peek() == '"') {
      return text.substring(start, at++);
    }
    StringBuilder out = new StringBuilder().append(text, start, at);
    while (!take('"')) {
      if (take('\\')) {
        escape(out);
      } else {
        int from = at;
        plain();
        out.append(text, from, at);
      }
    }
    return out.toString();
  }

  /** Steps over one unescaped character of a string: one unit, or a pair of surrogates. */
  private void plain() {
    if (at >= text.length()) {
      throw expected("the string's closing quote");
    }
    char c = text.charAt(at);
    if (c < ' ') {
      throw wrong("a control character within a string");
    }
    if (Character.isSurrogate(c)) {
      if (!JsonWriter.pairAt(text, at)) {
        throw wrong("an unpaired surrogate");
      }
      at++;
    }
    at++;
  }

  private void escape(StringBuilder out) {
    int c = peek();
    at++;
    switch (c) {
      case '"', '\\', '/' -> out.append((char) c);
      case 'b' -> out.append('\b');
      case 'f' -> out.append('\f');
      case 'n' -> out.append('\n');
      case 'r' -> out.append('\r');
      case 't' -> out.append('\t');
      case 'u' -> unicode(out);
      default -> {
        at--;
        throw expected("an escape");
      }
    }
  }

  /** Reads what follows a {@code u}; a high surrogate must be followed by the escape of its low one. */
  private void unicode(StringBuilder out) {
    char first = hex();
    out.append(first);
    if (!Character.isSurrogate(first)) {
      return;
    }
    if (Character.isHighSurrogate(first) && text.startsWith("\\u", at)) {
      at += 2;
      char second = hex();
      if (Character.isLowSurrogate(second)) {
        out.append(second);
        return;
      }
    }
    throw wrong("an unpaired surrogate");
  }

  private char hex() {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      if (!HexFormat.isHexDigit(peek())) {
        throw expected("four hexadecimal digits");
      }
      value = value << 4 | HexFormat.fromHexDigit(peek());
      at++;
    }
    return (char) value;
  }

  private void blanks() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private int peek() {
    return at < text.length() ? text.charAt(at) : END;
  }

  private boolean take(char c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  private FoveaException expected(String what) {
    String got = at < text.length() ? Quote.quote(text.substring(at, at + 1)) : "the end of the text";
    return new FoveaException(String.format(Locale.ROOT, "%s: not valid JSON: expected %s at character %d, got %s", place, what,
        Math.min(at, text.length()) + 1, got));
  }

  private FoveaException wrong(String what) {
    return new FoveaException(String.format(Locale.ROOT, "%s: not valid JSON: %s at character %d", place, what, at + 1));
  }
}
