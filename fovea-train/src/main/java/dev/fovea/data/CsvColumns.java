package dev.fovea.data;

import dev.fovea.data.csv.CsvTable;
import dev.fovea.data.csv.CsvTable.Row;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The columns of a CSV file: the path is that of a usual name, else the first; {@code split}, if there is one, names the part; the
 * targets are those that the user chose, else all others. What they mean follows from their cells:
 *
 * <ul>
 * <li>a column of text: one label, its words are the classes; several labels if some cells have labels separated by {@code |};
 * <li>columns of 0 and 1: several labels, the columns are the classes; a single one has the classes 0 and 1;
 * <li>columns of other numbers: numbers.
 * </ul>
 *
 * @param split the index of its column
 * @param targets the indices of theirs
 */
record CsvColumns(CsvTable table, int path, OptionalInt split, List<Integer> targets, Task.Kind kind) {
  private static final Set<String> PATHS = Set.of("path", "file", "filename", "filepath", "image", "imagepath", "imagefile");
  private static final String SPLIT = "split";

  /** Between labels in a cell. */
  static final String SEPARATOR = "|";

  private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d{1,400}\\.?\\d{0,400}|\\.\\d{1,400})([eE][-+]?\\d{1,4})?");

  /**
   * Chooses the columns.
   *
   * @param chosen the names of the targets; empty if the user chose none
   * @throws FoveaException if a chosen one is missing, or what the columns mean is not clear
   */
  static CsvColumns of(CsvTable table, List<String> chosen, DataOptions options) {
    List<String> header = table.header();
    int path = IntStream.range(0, header.size()).filter(i -> PATHS.contains(plain(header.get(i)))).findFirst().orElse(0);
    OptionalInt split =
        IntStream.range(0, header.size()).filter(i -> i != path && plain(header.get(i)).equals(SPLIT)).findFirst();
    List<String> names = chosen.isEmpty() && header.containsAll(options.names()) ? options.names() : chosen;
    List<Integer> targets = names.isEmpty()
        ? IntStream.range(0, header.size()).filter(i -> i != path && i != split.orElse(path)).boxed().toList()
        : names.stream().map(name -> index(table, name)).toList();
    if (targets.isEmpty() || targets.contains(path)) {
      throw new FoveaException(table.file() + ": expected columns of labels or numbers besides the paths in '"
          + CsvTable.shown(header.get(path)) + "', got " + (targets.isEmpty() ? "none; add one" : "that one; choose others"));
    }
    CsvColumns columns = new CsvColumns(table, path, split, targets, Task.Kind.NONE);
    Task.Kind kind = options.task().orElseGet(columns::guessed);
    if (kind == Task.Kind.LABEL && targets.size() > 1) {
      throw new FoveaException(table.file() + ": one label is in one column, got " + columns.listed() + "; choose it, as in csv:"
          + table.file() + ":" + header.get(targets.getFirst()));
    }
    return new CsvColumns(table, path, split, targets, kind);
  }

  /** A name without case, blanks and underscores. */
  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[_\\s-]", "");
  }

  private static int index(CsvTable table, String name) {
    int index = table.header().indexOf(name);
    if (index < 0) {
      throw new FoveaException(table.file() + ": there is no column '" + CsvTable.shown(name) + "': "
          + CsvTable.shown(Names.nearest(name, table.header())));
    }
    return index;
  }

  private Task.Kind guessed() {
    if (targets.stream().allMatch(c -> all(c, CsvColumns::isBinary))) {
      return targets.size() == 1 ? Task.Kind.LABEL : Task.Kind.LABELS;
    }
    if (targets.stream().allMatch(c -> all(c, CsvColumns::isNumber))) {
      return Task.Kind.NUMBERS;
    }
    if (targets.size() > 1) {
      throw new FoveaException(
          table.file() + ": the columns " + listed() + " hold text and numbers, or several texts, and only one"
              + " text can be the label; choose columns, as in csv:" + table.file() + ":"
              + CsvTable.shown(table.header().get(targets.getFirst())));
    }
    return isDivided() ? Task.Kind.LABELS : Task.Kind.LABEL;
  }

  private boolean all(int column, Predicate<String> test) {
    return table.rows().stream().allMatch(row -> test.test(row.cells().get(column)));
  }

  static boolean isBinary(String cell) {
    return cell.equals("0") || cell.equals("1");
  }

  static boolean isNumber(String cell) {
    return NUMBER.matcher(cell).matches() && Double.isFinite(Double.parseDouble(cell));
  }

  /** Whether its labels are in one column, separated; else each has a column of 0 and 1. */
  boolean isSeparated() {
    return targets.size() == 1 && !all(targets.getFirst(), CsvColumns::isBinary);
  }

  private boolean isDivided() {
    return table.rows().stream().anyMatch(row -> row.cells().get(targets.getFirst()).contains(SEPARATOR));
  }

  /** The labels of a row, if they are separated. */
  List<String> labels(Row row) {
    return Arrays.stream(row.cells().get(targets.getFirst()).split(Pattern.quote(SEPARATOR))).map(String::strip)
        .filter(label -> !label.isEmpty()).distinct().toList();
  }

  /** The names of the columns of the targets. */
  List<String> names() {
    return targets.stream().map(table.header()::get).toList();
  }

  private String listed() {
    return names().stream().limit(8).map(name -> "'" + CsvTable.shown(name) + "'").collect(Collectors.joining(", "))
        + (targets.size() > 8 ? ", ... (" + targets.size() + ")" : "");
  }

  /** What was chosen, in one line. */
  String describe(Task task) {
    String what = table.file() + ": " + task.size() + " ";
    return what + switch (kind) {
      case LABEL -> "classes in column " + listed();
      case LABELS -> isSeparated() ? "labels in column " + listed() + ", separated by " + SEPARATOR
          : (task.size() == 1 ? "label, the column " : "labels, the columns ") + listed();
      default -> (task.size() == 1 ? "number in column " : "numbers in the columns ") + listed()
          + (isCounting() ? "; if they are classes, choose the task label" : "");
    };
  }

  /** Whether the numbers may be indices of classes. */
  private boolean isCounting() {
    return targets.size() == 1 && all(targets.getFirst(), cell -> cell.matches("\\d{1,5}"));
  }
}
