package dev.fovea.format;

import dev.fovea.tensor.FoveaException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * A recursive descent parser for one JSON text; its depth and its number of values are bounded, so hostile text cannot exhaust
 * memory.
 */
final class JsonParser {
  private static final int END = -1;
  private final String text;
  private final String source;
  private int at;
  private int values;

  JsonParser(String text, String source) {
    this.text = text;
    this.source = source;
  }

  Json parse() {
    skipWhitespace();
    Json value = value(0);
    end();
    return value;
  }

  /**
   * Parses an object whose members are not kept.
   *
   * @param member receives each; false refuses it as a duplicate
   */
  void parseMembers(BiPredicate<String, Json> member) {
    skipWhitespace();
    if (peek() != '{') {
      throw expected("an object");
    }
    members(1, member);
    end();
  }

  private void end() {
    skipWhitespace();
    if (at < text.length()) {
      throw expected("the end of the text");
    }
  }

  private Json value(int depth) {
    values += peek() == '{' ? Json.VALUES_PER_OBJECT : 1;
    if (values > Json.MAX_VALUES) {
      throw invalid("more than " + Json.MAX_VALUES + " values");
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
    Map<String, Json> members = new LinkedHashMap<>();
    members(depth, (key, value) -> members.put(key, value) == null);
    return new Json.Obj(members, source);
  }

  private void members(int depth, BiPredicate<String, Json> member) {
    enter(depth);
    if (!accept('}')) {
      do {
        skipWhitespace();
        if (peek() != '"') {
          throw expected("a key in double quotes");
        }
        int start = at;
        String key = string();
        skipWhitespace();
        if (!accept(':')) {
          throw expected("':'");
        }
        skipWhitespace();
        if (!member.test(key, value(depth))) {
          at = start;
          throw invalid("the duplicate key " + Quote.quote(key));
        }
        skipWhitespace();
      } while (accept(','));
      if (!accept('}')) {
        throw expected("',' or '}'");
      }
    }
  }

  private Json array(int depth) {
    enter(depth);
    List<Json> items = new ArrayList<>();
    if (!accept(']')) {
      do {
        skipWhitespace();
        items.add(value(depth));
        skipWhitespace();
      } while (accept(','));
      if (!accept(']')) {
        throw expected("',' or ']'");
      }
    }
    return new Json.Arr(items);
  }

  private void enter(int depth) {
    if (depth > Json.MAX_DEPTH) {
      throw invalid("nested deeper than " + Json.MAX_DEPTH);
    }
    at++;
    skipWhitespace();
  }

  private Json number() {
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String digits = text.substring(start, at);
    if (!Json.Num.isNumber(digits)) {
      at = start;
      throw invalid("the malformed number " + Quote.quote(digits));
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

  /** Reads the string whose opening quote is at {@link #at}. */
  private String string() {
    int start = ++at;
    while (peek() != '"' && peek() != '\\') {
      plain();
    }
    if (peek() == '"') {
      return text.substring(start, at++);
    }
    StringBuilder out = new StringBuilder().append(text, start, at);
    while (!accept('"')) {
      if (accept('\\')) {
        escape(out);
      } else {
        int from = at;
        plain();
        out.append(text, from, at);
      }
    }
    return out.toString();
  }

  /** Skips one unescaped character of a string: one code unit, or a surrogate pair. */
  private void plain() {
    if (at >= text.length()) {
      throw expected("the string's closing quote");
    }
    char c = text.charAt(at);
    if (c < ' ') {
      throw invalid("a control character within a string");
    }
    if (Character.isSurrogate(c)) {
      if (!JsonWriter.pairAt(text, at)) {
        throw invalid("an unpaired surrogate");
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

  /** Reads the digits after a {@code u}; a high surrogate must be followed by the escape of its low one. */
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
    throw invalid("an unpaired surrogate");
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

  private void skipWhitespace() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private int peek() {
    return at < text.length() ? text.charAt(at) : END;
  }

  private boolean accept(char c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  private FoveaException expected(String what) {
    String got = at < text.length() ? Quote.quote(text.substring(at, at + 1)) : "the end of the text";
    return new FoveaException(String.format(Locale.ROOT, "%s: not valid JSON: expected %s at character %d, got %s", source, what,
        Math.min(at, text.length()) + 1, got));
  }

  private FoveaException invalid(String what) {
    return new FoveaException(String.format(Locale.ROOT, "%s: not valid JSON: %s at character %d", source, what, at + 1));
  }
}
