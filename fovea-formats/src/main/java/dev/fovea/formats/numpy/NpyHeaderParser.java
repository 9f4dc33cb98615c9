package dev.fovea.formats.numpy;

import dev.fovea.format.Quote;
import dev.fovea.tensor.FoveaException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses a header's text, a Python dictionary with the keys {@code descr}, {@code fortran_order} and {@code shape}. */
final class NpyHeaderParser {
  /** More axes than any tensor needs; NumPy's limit is 64. */
  private static final int MAX_AXES = 16;

  private final String text;
  private final String source;
  private int at;

  private @Nullable String descr;
  private @Nullable Boolean columnMajor;
  private @Nullable List<Long> dims;

  NpyHeaderParser(String text, String source) {
    this.text = text;
    this.source = source;
  }

  NpyHeader parse(int dataStart) {
    expect('{');
    while (!accept('}')) {
      String key = string();
      expect(':');
      switch (key) {
        case "descr" -> descr = descr();
        case "fortran_order" -> columnMajor = bool();
        case "shape" -> dims = dims();
        default -> throw invalid("the key " + Quote.quote(key) + " is unknown");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (peek() != 0) {
      throw invalid("there is text after it");
    }
    if (descr == null || columnMajor == null || dims == null) {
      throw invalid("it needs the keys descr, fortran_order and shape");
    }
    boolean prefixed = !descr.isEmpty() && "<>|=".indexOf(descr.charAt(0)) >= 0;
    NpyType type = NpyType.of(prefixed ? descr.substring(1) : descr, source);
    return new NpyHeader(type, descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, dims, columnMajor,
        dataStart);
  }

  private String descr() {
    if (peek() == '[' || peek() == '(' || peek() == '{') {
      throw new FoveaException(source + ": has structured elements; save each field as an array of its own");
    }
    return string();
  }

  private boolean bool() {
    skipBlanks();
    for (String word : List.of("True", "False")) {
      if (text.startsWith(word, at)) {
        at += word.length();
        return word.equals("True");
      }
    }
    throw invalid("fortran_order is True or False");
  }

  private List<Long> dims() {
    List<Long> sizes = new ArrayList<>();
    expect('(');
    while (!accept(')')) {
      sizes.add(integer());
      if (sizes.size() > MAX_AXES) {
        throw invalid("the array has more than " + MAX_AXES + " axes");
      }
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return List.copyOf(sizes);
  }

  private long integer() {
    skipBlanks();
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    String digits = text.substring(start, at);
    if (at < text.length() && text.charAt(at) == 'L') { // Python 2's long integers
      at++;
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw invalid("a size is an integer from 0 to 2^63 - 1");
    }
  }

  private String string() {
    char quote = peek();
    if (quote != '\'' && quote != '"') {
      throw invalid("a string is missing at character " + (at + 1));
    }
    int end = text.indexOf(quote, at + 1);
    if (end < 0) {
      throw invalid("a string does not end");
    }
    String value = text.substring(at + 1, end);
    at = end + 1;
    return value;
  }

  private void skipBlanks() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  /** The next character that is not blank, 0 at the end. */
  private char peek() {
    skipBlanks();
    return at < text.length() ? text.charAt(at) : 0;
  }

  private boolean accept(char c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char c) {
    if (!accept(c)) {
      throw invalid("'" + c + "' is missing at character " + (at + 1));
    }
  }

  private FoveaException invalid(String what) {
    return new FoveaException(source + ": its NumPy header is invalid: " + what);
  }
}
