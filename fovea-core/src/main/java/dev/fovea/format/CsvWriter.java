package dev.fovea.format;

import java.io.IOException;
import java.util.List;

/**
 * Writes comma-separated values (RFC 4180): a field with a comma, a quotation mark or a line break is quoted, and quotation marks in it
 * are doubled. Lines end with a line feed.
 *
 * <p>A spreadsheet takes a field that begins with {@code =}, {@code +}, {@code -}, {@code @}, a tab or a carriage return for a formula,
 * which may run programs. Text that may come from elsewhere therefore gets an apostrophe before it, see {@link #text}.
 */
public final class CsvWriter {
  private static final String FORMULA = "=+-@\t\r";

  private final Appendable out;

  public CsvWriter(Appendable out) {
    this.out = out;
  }

  /** Writes a line. */
  public void row(List<String> fields) throws IOException {
    for (int i = 0; i < fields.size(); i++) {
      out.append(i == 0 ? "" : ",").append(quoted(fields.get(i)));
    }
    out.append('\n');
  }

  private static String quoted(String field) {
    boolean plain = field.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? field : '"' + field.replace("\"", "\"\"") + '"';
  }

  /** The text with an apostrophe before it if it has two characters or more and begins as a formula. */
  public static String text(String text) {
    return text.length() > 1 && FORMULA.indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
  }
}
