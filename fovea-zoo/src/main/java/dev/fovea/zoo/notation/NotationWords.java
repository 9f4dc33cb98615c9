package dev.fovea.zoo.notation;

import dev.fovea.tensor.FoveaException;
import java.util.Locale;
import java.util.regex.Pattern;

/** A notation's text, word by word in small letters: names, numbers, and signs of one character or the arrow. */
final class NotationWords {
  private static final int SHOWN = 24;
  private static final String END = "";
  private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]");

  private final String text;
  private int start;
  private int end;

  /** A byte order mark comes along where a shell hands on a file's text. */
  NotationWords(String text) {
    this.text = text.startsWith("\uFEFF") ? text.substring(1) : text;
    find(0);
  }

  /** Finds the first word from there on. */
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
      while (joins(text.charAt(start)) && end < text.length() && belongs(end)) {
        end++;
      }
    }
  }

  /** A hyphen joins only what stands close on both sides, {@code leaky-relu}, {@code 1e-3}; else it begins an arrow. */
  private boolean belongs(int at) {
    char c = text.charAt(at);
    return joins(c) || c == '-' && at + 1 < text.length() && joins(text.charAt(at + 1));
  }

  /** No step has other letters than a to z; that a word with them is no step is told of the whole word. */
  private static boolean joins(char c) {
    return Character.isLetter(c) || isDigit(c) || c == '_' || c == '.' || c == ',';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** The word here; empty at the end. */
  String peek() {
    return text.substring(start, end).toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The word here, and goes on to the next. */
  String take() {
    String word = peek();
    find(end);
    return word;
  }

  /** Goes on to the next where the word here is that one. */
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
    return !atEnd() && joins(text.charAt(start)) && !isNumber();
  }

  /** From 1. */
  int column() {
    return start + 1;
  }

  FoveaException unexpected(String expected) {
    return at(column(), "expected " + expected + ", got " + (atEnd() ? "the end" : quoted(text.substring(start, end))));
  }

  /** An error at that column of the text. */
  FoveaException at(int column, String message) {
    return new FoveaException("notation, column " + column + shown(column - 1) + ": " + message);
  }

  /** The text from there on, as far as it helps to find the place. */
  private String shown(int from) {
    return from >= text.length() ? "" : ", at " + quoted(text.substring(from));
  }

  /** The beginning of it, without what could break a line or hide text. */
  static String quoted(String text) {
    boolean whole = text.length() <= SHOWN;
    String shown = whole ? text : text.substring(0, SHOWN) + "...";
    return "'" + INVISIBLE.matcher(shown.replaceAll("\\s", " "))
        .replaceAll(sign -> String.format(Locale.ROOT, "U+%04X", sign.group().codePointAt(0))) + "'";
  }
}
