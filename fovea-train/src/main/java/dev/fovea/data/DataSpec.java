package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Names;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A data set as written on the command line: a kind, and after a colon a folder, or for {@code digits} a number of images.
 *
 * @param count the number of training images, for {@code digits} only
 * @param folder of its files, for {@code tar} also the pattern of their names, for {@code csv} its file; empty for {@code digits},
 *     and for data sets to be downloaded
 * @param columns the columns of a {@code csv} file that are labels or numbers; empty if they are not chosen
 */
public record DataSpec(Kind kind, int count, Optional<Path> folder, List<String> columns) {
  public DataSpec {
    columns = List.copyOf(columns);
  }

  private DataSpec(Kind kind, int count, Optional<Path> folder) {
    this(kind, count, folder, List.of());
  }

  /** The known data sets. */
  public enum Kind {
    DIGITS("digits", Source.GENERATED),
    MNIST("mnist", Source.DOWNLOAD),
    FASHION_MNIST("fashion-mnist", Source.DOWNLOAD),
    CIFAR10("cifar10", Source.DOWNLOAD),
    CIFAR100("cifar100", Source.DOWNLOAD),
    CIFAR100_COARSE("cifar100-coarse", Source.DOWNLOAD),
    IDX("idx", Source.FOLDER),
    IMAGES("images", Source.FOLDER),
    SEGMENTATION("segmentation", Source.FOLDER),
    VOC("voc", Source.FOLDER),
    TAR("tar", Source.FOLDER),
    CSV("csv", Source.FILE);

    private final String word;
    private final Source source;

    Kind(String word, Source source) {
      this.word = word;
      this.source = source;
    }

    /** The word before the colon. */
    public String word() {
      return word;
    }

    /** Its syntax, with optional parts in brackets. */
    public String usage() {
      return word + switch (source) {
        case GENERATED -> "[:N]";
        case DOWNLOAD -> "[:DIR]";
        case FOLDER -> ":DIR";
        case FILE -> ":FILE[:COLUMN,...]";
      };
    }
  }

  /** The origin of a data set's files. */
  private enum Source {
    /** Generated from a seed. */
    GENERATED,
    /** A folder, or a download if none is given. */
    DOWNLOAD,
    /** The user's folder. */
    FOLDER,
    /** The user's file. */
    FILE
  }

  /**
   * Parses {@code digits}, {@code digits:5000}, {@code mnist:DIR}, {@code fashion-mnist:DIR}, {@code cifar10:DIR}, {@code
   * cifar100:DIR}, {@code cifar100-coarse:DIR}, {@code idx:DIR}, {@code images:DIR}, {@code segmentation:DIR}, {@code voc:DIR}, {@code
   * tar:DIR} or {@code tar:GLOB}, and {@code csv:FILE} or {@code csv:FILE:COLUMN,COLUMN}; the folder is optional for {@code mnist},
   * {@code fashion-mnist} and the CIFARs.
   *
   * @throws FoveaException if it is none of these
   */
  public static DataSpec parse(String spec) {
    int colon = spec.indexOf(':');
    String word = colon < 0 ? spec : spec.substring(0, colon);
    Kind kind = Arrays.stream(Kind.values()).filter(k -> k.word.equals(word)).findFirst().orElseThrow(() -> unknown(spec, word));
    String rest = colon < 0 ? "" : spec.substring(colon + 1);
    if (kind == Kind.DIGITS) {
      return new DataSpec(kind, colon < 0 ? DigitsDataset.TRAIN : count(spec, rest), Optional.empty());
    }
    if (kind == Kind.CSV) {
      return csv(spec, rest);
    }
    if (rest.isEmpty() && (colon >= 0 || kind.source == Source.FOLDER)) {
      throw new FoveaException("'" + FileNames.line(spec) + "' names no folder: write " + kind.word + ":DIR");
    }
    return new DataSpec(kind, 0, rest.isEmpty() ? Optional.empty() : Optional.of(folder(spec, rest)));
  }

  private static int count(String spec, String number) {
    try {
      int count = Integer.parseInt(number);
      if (count >= 2 && count <= DigitsDataset.MAX_SIZE) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw new FoveaException(
        "'" + FileNames.line(spec) + "': expected a number of training images, 2 to " + DigitsDataset.MAX_SIZE
            + "; write digits:" + DigitsDataset.TRAIN + " or digits");
  }

  /** The columns are behind the last colon, unless that is a part of the file's name or path. */
  private static DataSpec csv(String spec, String rest) {
    if (rest.isEmpty()) {
      throw new FoveaException("'" + FileNames.line(spec) + "' names no file: write csv:FILE, as in csv:labels.csv");
    }
    int colon = rest.lastIndexOf(':');
    String behind = rest.substring(colon + 1);
    if (colon <= 0 || behind.isEmpty() || behind.indexOf('/') >= 0 || behind.indexOf('\\') >= 0
        || isFile(rest)) {
      return new DataSpec(Kind.CSV, 0, Optional.of(folder(spec, rest)));
    }
    List<String> columns =
        Arrays.stream(behind.split(",")).map(String::strip).filter(name -> !name.isEmpty()).distinct().toList();
    return new DataSpec(Kind.CSV, 0, Optional.of(folder(spec, rest.substring(0, colon))), columns);
  }

  private static boolean isFile(String text) {
    try {
      return Files.exists(Path.of(text));
    } catch (InvalidPathException e) { // as one with a colon is on some systems
      return false;
    }
  }

  /** Expands a leading tilde, which a shell does not do after a colon. */
  private static Path folder(String spec, String rest) {
    try {
      return rest.equals("~") || rest.startsWith("~/")
          ? Path.of(System.getProperty("user.home", "."), rest.substring(1))
          : Path.of(rest);
    } catch (InvalidPathException e) {
      throw new FoveaException("'" + FileNames.line(spec) + "' has an invalid folder name: "
          + FileNames.line(e.getReason()) + "; give another", e);
    }
  }

  private static FoveaException unknown(String spec, String word) {
    List<String> words = Arrays.stream(Kind.values()).map(Kind::word).toList();
    String usages = Arrays.stream(Kind.values()).map(Kind::usage).collect(Collectors.joining(", "));
    String hint = isFolder(spec)
        ? "; for a folder of class folders write images:" + FileNames.line(spec)
        : Names.near(word, words).map(w -> "; did you mean " + w + "?").orElse("");
    String shown = spec.length() <= 200 ? spec : spec.substring(0, 200) + "...";
    return new FoveaException("there is no data set '" + FileNames.line(shown) + "', only " + usages + hint);
  }

  private static boolean isFolder(String spec) {
    try {
      return !spec.isEmpty() && Files.isDirectory(Path.of(spec));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** In the syntax of the command line. */
  @Override
  public String toString() {
    if (kind == Kind.DIGITS) {
      return count == DigitsDataset.TRAIN ? kind.word : kind.word + ":" + count;
    }
    return kind.word + folder.map(f -> ":" + f).orElse("") + (columns.isEmpty() ? "" : ":" + String.join(",", columns));
  }
}
