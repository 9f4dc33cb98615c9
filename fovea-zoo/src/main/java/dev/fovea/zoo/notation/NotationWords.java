package dev.fovea.zoo.notation;

import dev.fovea.tensor.FoveaException;
import java.util.Locale;
import java.util.regex.Pattern;

/** The tokens of a notation in lower case: names, numbers, single characters, and the arrow. */
final class NotationWords {
  private static final int MAX_SHOWN = 24;
  private static final String END = "";
  private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]");

  private final String text;
  private int start;
  private int end;

  /** Skips a byte order mark, which a shell passes on with a file's text. */
  NotationWords(String text) {
    this.text = text.startsWith("\uFEFF") ? text.substring(1) : text;
    find(0);
  }

  /** Finds the first word from this index on. */
  private void find(int from) {
    start = from;
    while (start < text.length() && Character.isWhitespace(text.charAt(start))) {
      start++;
    }
    end = start;
    if (text.startsWith("->", start)) {
      end += 2;
    } else if (start < text.length()) {
      end += Character.charCount(text.codePointAt(start));
      while (isWordCharacter(text.charAt(start)) && end < text.length() && belongs(end)) {
        end++;
      }
    }
  }

  /** A hyphen belongs to a word only between two of its characters, {@code leaky-relu}, {@code 1e-3}; else it begins an arrow. */
  private boolean belongs(int at) {
    char c = text.charAt(at);
    return isWordCharacter(c) || c == '-' && at + 1 < text.length() && isWordCharacter(text.charAt(at + 1));
  }

  /** Includes letters other than a to z, which no step has, so that an error message names the whole word. */
  private static boolean isWordCharacter(char c) {
    return Character.isLetter(c) || isDigit(c) || c == '_' || c == '.' || c == ',';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** The current word; empty at the end. */
  String peek() {
    return text.substring(start, end).toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the current word, and advances to the next. */
  String take() {
    String word = peek();
    find(end);
    return word;
  }

  /** Advances to the next word if the current one is {@code word}. */
  boolean take(String word) {
    boolean here = peek().equals(word);
    if (here) {
      take();
    }
    return here;
  }

  boolean atEnd() {
    return peek().equals(END);
  }

  boolean isNumber() {
    return !atEnd() && (isDigit(text.charAt(start)) || text.charAt(start) == '.');
  }

  boolean isName() {
    return !atEnd() && isWordCharacter(text.charAt(start)) && !isNumber();
  }

  /** The column of the current word, from 1. */
  int column() {
    return start + 1;
  }

  FoveaException unexpected(String expected) {
    return at(column(), "expected " + expected + ", got " + (atEnd() ? "the end" : quoted(text.substring(start, end))));
  }

  /** An error at this column of the text. */
  FoveaException at(int column, String message) {
    return new FoveaException("notation, column " + column + shown(column - 1) + ": " + message);
  }

  /** The text from this index on, shortened. */
  private String shown(int from) {
    return from >= text.length() ? "" : ", at " + quoted(text.substring(from));
  }

  /** Quoted and shortened, without characters that could break a line or hide text. */
  static String quoted(String text) {
    boolean whole = text.length() <= MAX_SHOWN;
    String shown = whole ? text : text.substring(0, MAX_SHOWN) + "...";
    return "'" + INVISIBLE.matcher(shown.replaceAll("\\s", " "))
        .replaceAll(sign -> String.format(Locale.ROOT, "U+%04X", sign.group().codePointAt(0))) + "'";
  }
}
