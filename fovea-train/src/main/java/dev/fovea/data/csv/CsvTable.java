package dev.fovea.data.csv;

import dev.fovea.format.FileNames;
import dev.fovea.format.TextFile;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvReadFeature;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * A CSV file (RFC 4180): a header with the names of the columns, and rows of as many cells, separated by commas; by semicolons or
 * tabs if the header has no comma. Blanks around a cell are dropped, empty lines are skipped.
 *
 * @param file its name without its folder
 * @param header the columns' names, all different
 */
public record CsvTable(String file, List<String> header, List<Row> rows) {
  static final long MAX_BYTES = 1L << 27;
  static final int MAX_COLUMNS = 10_000;
  private static final int MAX_SHOWN = 60;

  private static final CsvMapper MAPPER =
      CsvMapper.builder().enable(CsvReadFeature.WRAP_AS_ARRAY, CsvReadFeature.SKIP_EMPTY_LINES, CsvReadFeature.TRIM_SPACES)
          .build();

  /**
   * A row.
   *
   * @param line on which it begins, counted from 1
   */
  public record Row(long line, List<String> cells) {
    public Row {
      cells = List.copyOf(cells);
    }
  }

  public CsvTable {
    header = List.copyOf(header);
    rows = List.copyOf(rows);
  }

  /**
   * Reads a file.
   *
   * @throws FoveaException in one line that names the file and the line, if it is damaged or has no row
   */
  public static CsvTable read(Path file) {
    String name = FileNames.line(FileNames.last(file));
    try {
      if (!Files.isRegularFile(file)) {
        throw new FoveaException("csv:" + FileNames.text(file) + ": " + (Files.exists(file) ? "is no file" : "does not exist")
            + "; expected a CSV file, as in csv:labels.csv");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new FoveaException(name + ": has more than " + (MAX_BYTES >> 20) + " MiB, expected a table of paths and labels; "
            + "leave out columns that are not needed");
      }
      return parse(name, TextFile.read(file));
    } catch (CharacterCodingException e) {
      throw new FoveaException(name + ": is not UTF-8 text; save it as UTF-8", e);
    } catch (IOException e) {
      throw new FoveaException("csv:" + FileNames.text(file) + ": cannot be read, " + FileNames.reason(e), e);
    }
  }

  static CsvTable parse(String name, String text) {
    requireText(name, text);
    List<Row> rows = new ArrayList<>();
    List<String> header = List.of();
    long line = 1;
    try (JsonParser parser = MAPPER.reader(CsvSchema.emptySchema().withColumnSeparator(separator(text))).createParser(text)) {
      parser.nextToken(); // of the array of all rows
      while (parser.nextToken() == JsonToken.START_ARRAY) {
        List<String> cells = new ArrayList<>();
        while (parser.nextToken() == JsonToken.VALUE_STRING) {
          line = cells.isEmpty() ? parser.currentTokenLocation().getLineNr() : line;
          cells.add(parser.getString());
          requireFew(name, cells.size());
        }
        if (header.isEmpty()) {
          header = header(name, cells);
        } else {
          rows.add(row(name, header, line, cells));
        }
      }
    } catch (JacksonException e) {
      long at = e.getLocation() == null ? line : Math.max(line, e.getLocation().getLineNr());
      throw new FoveaException(name + ": line " + at + ": " + reason(e), e);
    }
    if (rows.isEmpty()) {
      throw new FoveaException(name + ": has no rows; expected a line with the names of the columns, and a line for each image");
    }
    return new CsvTable(name, header, rows);
  }

  private static char separator(String text) {
    String first = text.lines().findFirst().orElse("");
    return first.indexOf(',') >= 0 ? ',' : first.indexOf(';') >= 0 ? ';' : first.indexOf('\t') >= 0 ? '\t' : ',';
  }

  private static void requireText(String name, String text) {
    int nul = text.indexOf('\0');
    if (nul >= 0) {
      throw new FoveaException(name + ": line " + (text.substring(0, nul).chars().filter(c -> c == '\n').count() + 1)
          + ": holds a NUL character, so it is no text; export the table as CSV again");
    }
  }

  private static void requireFew(String name, int columns) {
    if (columns > MAX_COLUMNS) {
      throw new FoveaException(name + ": a row has more than " + MAX_COLUMNS + " cells; expected a path and some labels");
    }
  }

  private static List<String> header(String name, List<String> cells) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < cells.size(); i++) {
      if (cells.get(i).isEmpty()) {
        throw new FoveaException(name + ": column " + (i + 1) + " has no name in the first line; give it one, or remove it");
      }
      if (!seen.add(cells.get(i))) {
        throw new FoveaException(name + ": two columns are called '" + shown(cells.get(i)) + "'; rename one");
      }
    }
    if (cells.size() < 2) {
      throw new FoveaException(name + ": expected a column of paths and one of labels or more, separated by commas, got '"
          + shown(String.join(",", cells)) + "'; add what is missing");
    }
    return cells;
  }

  private static Row row(String name, List<String> header, long line, List<String> cells) {
    if (cells.size() != header.size()) {
      throw new FoveaException(name + ": line " + line + ": expected " + header.size() + " cells, as in the first line, got "
          + cells.size() + "; write a cell with a separator in it in double quotes");
    }
    return new Row(line, cells);
  }

  private static String reason(JacksonException e) {
    String text = String.valueOf(e.getOriginalMessage());
    return text.contains("closing quote") ? "a cell in double quotes has no end; close it, and double quotes in a cell"
        : FileNames.line(text.lines().findFirst().orElse("is damaged")) + "; mend the line";
  }

  /** A message on a cell: the file, the line, the column, what was expected and what is there. */
  public FoveaException bad(Row row, int column, String expected) {
    return new FoveaException(file + ": line " + row.line + ", column '" + shown(header.get(column)) + "': expected " + expected
        + ", got " + (row.cells.get(column).isEmpty() ? "nothing" : "'" + shown(row.cells.get(column)) + "'")
        + "; mend the cell, or remove the line");
  }

  /** A cell or a name in a message: in one line, and not too long. */
  public static String shown(String text) {
    return FileNames.line(text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...");
  }
}
