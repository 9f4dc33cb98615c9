package dev.fovea.data;

import dev.fovea.data.csv.CsvTable;
import dev.fovea.data.csv.CsvTable.Row;
import dev.fovea.format.FileNames;
import dev.fovea.format.Sha256;
import dev.fovea.image.Image;
import dev.fovea.model.Task;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Images that a CSV file lists, with one label, several labels or numbers for each; see {@link CsvColumns}. Paths are relative to the
 * file's folder. Images are read on access, so that a missing or damaged one is found like those of an {@link ImageFolder}.
 */
final class CsvDataset implements Dataset {
  /** More are taken for a mistake, such as a column of identifiers. */
  private static final int MAX_CLASSES = 10_000;

  /** Longer ones are no paths. */
  private static final int MAX_PATH = 1000;

  private final String name;
  private final Task task;
  private final List<Entry> entries;
  private final Lazy<Shape> shape = new Lazy<>(() -> ImageFolder.typical(this));
  private final Lazy<String> fingerprint = new Lazy<>(this::hash);

  /**
   * A row.
   *
   * @param path relative to the file's folder
   * @param values the indices of its classes, or its numbers in the user's units
   */
  @SuppressWarnings("ArrayRecordComponent") // Only read.
  private record Entry(Path file, String path, double[] values) {}

  private CsvDataset(String name, Task task, List<Entry> entries) {
    this.name = name;
    this.task = task;
    this.entries = List.copyOf(entries);
  }

  /**
   * Reads the file, with its parts if it has a column {@code split}.
   *
   * @param columns the names of the targets' columns; empty: all but those of path and split
   * @throws FoveaException in one line that names file, line and column, if something is missing or not as expected
   */
  static DatasetParts parts(Path file, List<String> columns, DataOptions options) {
    CsvTable table = CsvTable.read(file);
    CsvColumns of = CsvColumns.of(table, columns, options);
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of(""));
    Task named = task(of, options.names());
    Function<Row, double[]> values = values(of, named);
    Map<SplitFolder, List<Entry>> parts = new EnumMap<>(SplitFolder.class);
    for (Row row : table.rows()) {
      parts.computeIfAbsent(part(of, row), _ -> new ArrayList<>()).add(entry(of, row, folder, values));
    }
    List<Entry> train = parts.get(SplitFolder.TRAIN);
    if (train == null) {
      throw new FoveaException(table.file() + ": column 'split' has no train; name the images to train on so");
    }
    boolean undivided = of.split().isEmpty();
    CsvDataset training = new CsvDataset(table.file() + (undivided ? "" : ":train"), named, train).standardised();
    options.messages().accept(of.describe(training.task));
    return new DatasetParts(training,
        Optional.ofNullable(parts.get(SplitFolder.VALIDATION)).map(e -> training.part("validation", table, e)),
        Optional.ofNullable(parts.get(SplitFolder.TEST)).map(e -> training.part("test", table, e)), List.of());
  }

  private CsvDataset part(String part, CsvTable table, List<Entry> of) {
    return new CsvDataset(table.file() + ":" + part, task, of);
  }

  private static SplitFolder part(CsvColumns columns, Row row) {
    return columns.split().isEmpty() ? SplitFolder.TRAIN
        : SplitFolder.named(row.cells().get(columns.split().getAsInt()))
            .orElseThrow(() -> columns.table().bad(row, columns.split().getAsInt(), "train, validation or test"));
  }

  private static Entry entry(CsvColumns columns, Row row, Path folder, Function<Row, double[]> values) {
    String path = row.cells().get(columns.path());
    if (path.isEmpty() || path.length() > MAX_PATH) {
      throw columns.table().bad(row, columns.path(), "the path of an image");
    }
    try {
      Path file = folder.resolve(path);
      return new Entry(file, file.startsWith(folder) ? folder.relativize(file).toString() : path, values.apply(row));
    } catch (InvalidPathException e) {
      throw columns.table().bad(row, columns.path(), "a path that this system can have (" + FileNames.line(e.getReason()) + ")");
    }
  }

  /** Its classes or numbers; the latter with mean 0 and standard deviation 1, until those of the training images are known. */
  private static Task task(CsvColumns columns, List<String> known) {
    return switch (columns.kind()) {
      case NUMBERS -> new Task.Numbers(columns.names().stream().map(column -> new Task.Quantity(column, 0, 1)).toList());
      case LABELS -> new Task.SeveralLabels(columns.isSeparated() ? classes(columns, known) : columns.names());
      default -> new Task.OneLabel(classes(columns, known));
    };
  }

  /** The different labels: numbers in their order, words by code points; or those of the model, if there are no others. */
  private static List<String> classes(CsvColumns columns, List<String> known) {
    int column = columns.targets().getFirst();
    TreeSet<String> found = new TreeSet<>(FileNames.ORDER);
    for (Row row : columns.table().rows()) {
      if (columns.kind() == Task.Kind.LABELS) {
        found.addAll(columns.labels(row));
      } else if (row.cells().get(column).isEmpty()) {
        throw columns.table().bad(row, column, "a class");
      } else {
        found.add(row.cells().get(column));
      }
      if (found.size() > MAX_CLASSES) {
        throw columns.table().bad(row, column, "at most " + MAX_CLASSES + " different labels");
      }
    }
    if (!found.isEmpty() && known.containsAll(found)) {
      return known;
    }
    int needed = columns.kind() == Task.Kind.LABEL ? 2 : 1;
    if (found.size() < needed) {
      throw new FoveaException(columns.table().file() + ": expected " + needed + " labels or more in column '"
          + CsvTable.shown(columns.names().getFirst()) + "', got " + CsvTable.shown(found.toString()) + "; add images of others");
    }
    return found.stream().allMatch(CsvColumns::isNumber)
        ? found.stream().sorted((a, b) -> Double.compare(Double.parseDouble(a), Double.parseDouble(b))).toList()
        : List.copyOf(found);
  }

  private static Function<Row, double[]> values(CsvColumns columns, Task task) {
    List<Integer> targets = columns.targets();
    if (task instanceof Task.Numbers) {
      return row -> targets.stream().mapToDouble(c -> number(columns, row, c)).toArray();
    }
    if (task instanceof Task.SeveralLabels && !columns.isSeparated()) {
      return row -> IntStream.range(0, targets.size()).filter(i -> isOne(columns, row, targets.get(i))).asDoubleStream()
          .toArray();
    }
    Map<String, Integer> indices = IntStream.range(0, task.size()).boxed().collect(Collectors.toMap(task.names()::get, i -> i));
    return row -> (task instanceof Task.OneLabel ? List.of(row.cells().get(targets.getFirst())) : columns.labels(row)).stream()
        .mapToInt(label -> indices.getOrDefault(label, -1)).sorted().asDoubleStream().toArray();
  }

  private static double number(CsvColumns columns, Row row, int column) {
    String cell = row.cells().get(column);
    if (!CsvColumns.isNumber(cell)) {
      throw columns.table().bad(row, column, "a number");
    }
    return Double.parseDouble(cell);
  }

  private static boolean isOne(CsvColumns columns, Row row, int column) {
    String cell = row.cells().get(column);
    if (!CsvColumns.isBinary(cell)) {
      throw columns.table().bad(row, column, "0 or 1");
    }
    return cell.equals("1");
  }

  /**
   * The same with mean and standard deviation of its own numbers; of equal ones the latter is 1.
   *
   * @throws FoveaException if they are too large
   */
  CsvDataset standardised() {
    if (!(task instanceof Task.Numbers(List<Task.Quantity> quantities))) {
      return this;
    }
    List<Task.Quantity> own = new ArrayList<>();
    for (int k = 0; k < quantities.size(); k++) {
      int index = k;
      String number = quantities.get(k).name();
      double mean = entries.stream().mapToDouble(e -> e.values[index]).average().orElse(0);
      double variance =
          entries.stream().mapToDouble(e -> (e.values[index] - mean) * (e.values[index] - mean)).average().orElse(0);
      double std = Math.sqrt(variance);
      if (!Double.isFinite(std)) {
        throw new FoveaException(name + ": the numbers in column '" + CsvTable.shown(number)
            + "' are too large; choose other columns, or another unit");
      }
      own.add(new Task.Quantity(number, mean, std > 0 ? std : 1));
    }
    return task(new Task.Numbers(own));
  }

  /** The same, with numbers standardised as those. */
  CsvDataset task(Task other) {
    return new CsvDataset(name, other, entries);
  }

  /** A subset of its images, as if the other rows did not exist. */
  CsvDataset only(int[] indices) {
    return subset(indices, name);
  }

  @Override
  public CsvDataset subset(int[] indices, String subset) {
    return new CsvDataset(subset, task, Arrays.stream(indices).mapToObj(entries::get).toList());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return entries.size();
  }

  @Override
  public Task task() {
    return task;
  }

  @Override
  public List<String> classes() {
    return task instanceof Task.Numbers ? List.of() : task.names();
  }

  @Override
  public int label(int index) {
    return (int) entries.get(index).values[0];
  }

  @Override
  public void target(int index, float[] to, int offset) {
    double[] values = entries.get(index).values;
    switch (task) {
      case Task.SeveralLabels labels -> {
        Arrays.fill(to, offset, offset + labels.size(), 0);
        for (double value : values) {
          to[offset + (int) value] = 1;
        }
      }
      case Task.Numbers(List<Task.Quantity> quantities) -> {
        for (int k = 0; k < values.length; k++) {
          to[offset + k] = (float) quantities.get(k).standardised(values[k]);
        }
      }
      default -> to[offset] = (float) values[0];
    }
  }

  @Override
  public Image image(int index) {
    Path file = entries.get(index).file;
    if (Files.exists(file) && !Files.isRegularFile(file)) { // a pipe must not be opened
      throw UnreadableImages.of(file, "not a file", new FoveaException(FileNames.text(file) + ": is no file"));
    }
    return ImageFiles.read(file);
  }

  @Override
  public Shape shape() {
    return shape.get();
  }

  /** As of an {@link ImageFolder}, with the targets in place of the class folders. */
  @Override
  public String fingerprint() {
    return fingerprint.get();
  }

  private String hash() {
    List<ClassFolders.LabelledFile> files =
        entries.stream().map(e -> new ClassFolders.LabelledFile(e.file, e.path, 0)).toList();
    Sha256 hash = new Sha256().text(task.kind().name()).text(hash(files));
    for (Entry entry : entries) {
      hash.number(entry.values.length);
      Arrays.stream(entry.values).forEach(value -> hash.number(Double.doubleToLongBits(value)));
    }
    return hash.hex();
  }

  /** A file that is missing may be anywhere, so that the table which names it is named, too. */
  private String hash(List<ClassFolders.LabelledFile> files) {
    try {
      return ImageFolder.hash(task.names(), files, ImageFolder.HASHED_WHOLE);
    } catch (FoveaException e) {
      throw new FoveaException(name + " names " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return name + " (" + size() + " images, " + task.size() + " of " + task.kind() + ")";
  }
}
