package dev.fovea.data;

import dev.fovea.image.Image;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pictures in one folder per class, of any size, grey or colour. Classes and files are sorted by name, by code points, so labels
 * and indices are the same on every machine. Hidden files and files that are no pictures are passed over; pictures are read when
 * asked for.
 */
public final class ImageFolder implements Dataset {
  private static final List<String> TRAIN = List.of("train");
  private static final List<String> VALIDATION = List.of("val", "valid", "validation");
  private static final List<String> TEST = List.of("test");

  /** Up to here every byte of every file enters the fingerprint; beyond, each file's name, length and first bytes do. */
  private static final long HASHED_WHOLE = 2L << 30;

  private static final int HASHED_START = 16 << 10;

  /** How many pictures are looked at to tell the usual shape. */
  private static final int SAMPLE = 15;

  private final String name;
  private final List<String> classes;
  private final List<ClassFolders.Picture> pictures;
  private volatile @Nullable Shape shape;
  private volatile @Nullable String fingerprint;

  private ImageFolder(String name, ClassFolders found) {
    this.name = name;
    this.classes = found.classes();
    this.pictures = found.pictures();
  }

  /** What a folder holds: training pictures, and where it has folders for them, those for validation and test. */
  record Parts(ImageFolder train, Optional<ImageFolder> validation, Optional<ImageFolder> test) {}

  /**
   * Reads the class folders in {@code folder}.
   *
   * @throws FoveaException where there are fewer than two or one is empty
   */
  public static ImageFolder of(Path folder) {
    FileNames.requireFolder("images", folder);
    return new ImageFolder(label(folder), ClassFolders.in(folder));
  }

  /** Reads class folders, or {@code train/}, {@code val/} and {@code test/} with class folders in each. */
  static Parts parts(Path folder, Consumer<String> messages) {
    FileNames.requireFolder("images", folder);
    Optional<Path> train = part(folder, TRAIN);
    Optional<Path> validation = part(folder, VALIDATION);
    Optional<Path> test = part(folder, TEST);
    if (train.isEmpty() || ClassFolders.subfolders(train.get()).isEmpty()) {
      requireNoParts(folder, train, validation, test);
      ClassFolders found = ClassFolders.in(folder);
      report(folder, List.of(found), messages);
      return new Parts(new ImageFolder(label(folder) + ":train", found), Optional.empty(), Optional.empty());
    }
    if (test.isPresent() && ClassFolders.subfolders(test.get()).isEmpty()) {
      messages.accept("images:" + FileNames.text(test.get()) + ": left out, it holds no class folders");
      test = Optional.empty();
    }
    ClassFolders of = ClassFolders.in(train.get());
    Optional<ClassFolders> ofValidation = validation.map(v -> sameClasses(v, of));
    Optional<ClassFolders> ofTest = test.map(t -> sameClasses(t, of));
    List<ClassFolders> all = List.of(Optional.of(of), ofValidation, ofTest).stream().flatMap(Optional::stream).toList();
    report(folder, all, messages);
    return new Parts(new ImageFolder(label(folder) + ":train", of),
        ofValidation.map(f -> new ImageFolder(label(folder) + ":validation", f)),
        ofTest.map(f -> new ImageFolder(label(folder) + ":test", f)));
  }

  private static Optional<Path> part(Path folder, List<String> names) {
    return names.stream().map(folder::resolve).filter(Files::isDirectory).findFirst();
  }

  /** A class may be called train, or test; a folder that holds two such names and no classes in them means something else. */
  private static void requireNoParts(Path folder, Optional<Path> train, Optional<Path> validation, Optional<Path> test) {
    List<Path> parts = List.of(train, validation, test).stream().flatMap(Optional::stream).toList();
    boolean classesInside = parts.stream().anyMatch(p -> !ClassFolders.subfolders(p).isEmpty());
    if (train.isEmpty() && classesInside) {
      throw new FoveaException("images:" + FileNames.text(folder) + ": found " + FileNames.last(parts.getFirst())
          + "/ with class folders, but no train/ beside it; add train/, or give " + FileNames.text(parts.getFirst()));
    }
    if (train.isPresent() && parts.size() > 1) {
      throw new FoveaException("images:" + FileNames.text(train.get()) + ": expected class folders in it, found none; "
          + "put the pictures of each class in a folder of its own, train/cat, train/dog");
    }
  }

  private static ClassFolders sameClasses(Path folder, ClassFolders train) {
    ClassFolders found = ClassFolders.in(folder);
    for (String name : train.classes()) {
      if (!found.classes().contains(name)) {
        throw new FoveaException("images:" + FileNames.text(folder) + ": expected the classes of train/, '" + FileNames.line(name)
            + "' is missing; both need the same class folders");
      }
    }
    for (String name : found.classes()) {
      if (!train.classes().contains(name)) {
        throw new FoveaException("images:" + FileNames.text(folder) + ": the class '" + FileNames.line(name)
            + "' is not in train/; both need the same class folders");
      }
    }
    return found;
  }

  private static void report(Path folder, List<ClassFolders> found, Consumer<String> messages) {
    Map<String, Integer> notRead = new TreeMap<>();
    found.forEach(f -> f.notRead().forEach((extension, count) -> notRead.merge(extension, count, Integer::sum)));
    if (!notRead.isEmpty()) {
      messages.accept("images:" + FileNames.text(folder) + ": " + ClassFolders.describe(notRead));
    }
  }

  /** The folder's own name, not its path, which is nobody's business in a model file. */
  private static String label(Path folder) {
    return FileNames.line(FileNames.last(folder.toAbsolutePath().normalize()));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return pictures.size();
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int label(int index) {
    return pictures.get(index).label();
  }

  @Override
  public Image image(int index) {
    return Image.read(file(index));
  }

  /** The file of picture {@code index}. */
  public Path file(int index) {
    return pictures.get(index).file();
  }

  /** Colour where one of a few pictures is; the middle one of their heights and of their widths. */
  @Override
  public Shape shape() {
    Shape known = shape;
    if (known == null) {
      known = usual();
      shape = known;
    }
    return known;
  }

  private Shape usual() {
    int count = Math.min(SAMPLE, size());
    int[] heights = new int[count];
    int[] widths = new int[count];
    int channels = 1;
    for (int i = 0; i < count; i++) {
      Image image = image((int) ((long) i * size() / count));
      heights[i] = image.height();
      widths[i] = image.width();
      channels = Math.max(channels, image.channels());
    }
    Arrays.sort(heights);
    Arrays.sort(widths);
    return Shape.of(channels, heights[count / 2], widths[count / 2]);
  }

  /** Class names, file names and lengths, and the bytes: all of them in a set up to 2 GiB, the first 16 KiB of each beyond. */
  @Override
  public String fingerprint() {
    String known = fingerprint;
    if (known == null) {
      known = hash(HASHED_WHOLE);
      fingerprint = known;
    }
    return known;
  }

  String hash(long whole) {
    long total = 0;
    long[] lengths = new long[size()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = length(file(i));
      total += lengths[i];
    }
    long most = total <= whole ? Long.MAX_VALUE : HASHED_START;
    String[] hashes = new String[size()];
    Parallel.loop(size(), i -> hashes[i] = hash(file(i), most));
    Sha256 hash = new Sha256().texts(classes).number(size());
    for (int i = 0; i < hashes.length; i++) {
      hash.text(pictures.get(i).name()).number(label(i)).number(lengths[i]).text(hashes[i]);
    }
    return hash.hex();
  }

  private static long length(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new FoveaException(FileNames.text(file) + ": cannot be read, " + FileNames.reason(e), e);
    }
  }

  private static String hash(Path file, long most) {
    Sha256 hash = new Sha256();
    byte[] block = new byte[HASHED_START];
    try (InputStream in = Files.newInputStream(file)) {
      long left = most;
      while (left > 0) {
        int read = in.readNBytes(block, 0, block.length);
        hash.bytes(block, 0, read);
        left -= read;
        if (read < block.length) {
          break;
        }
      }
    } catch (IOException e) {
      throw new FoveaException(FileNames.text(file) + ": cannot be read, " + FileNames.reason(e), e);
    }
    return hash.hex();
  }

  @Override
  public String toString() {
    return name + " (" + size() + " pictures of " + classes.size() + " classes)";
  }
}
