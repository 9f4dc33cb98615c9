package dev.fovea.data;

import dev.fovea.image.Image;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * asked for. A file {@code classes.txt} beside the class folders, or beside {@code train/}, may give them names to read: in each
 * line a folder, a tab or blanks, and its name, of which what stands before the first comma is taken.
 */
public final class ImageFolder implements Dataset {
  /** Up to here every byte of every file enters the fingerprint; beyond, each file's name, length and first bytes do. */
  static final long HASHED_WHOLE = 2L << 30;

  /** Where nothing else is said, each tenth picture of a class is for the test. */
  private static final int TESTED = 10;

  private static final int HASHED_START = 16 << 10;

  /** How many pictures are looked at to tell the usual shape. */
  private static final int SAMPLE = 15;

  private final String name;
  private final List<String> classes;
  private final List<ClassFolders.Picture> pictures;
  private volatile @Nullable Shape shape;
  private volatile @Nullable String fingerprint;

  private ImageFolder(String name, List<String> classes, List<ClassFolders.Picture> pictures) {
    this.name = name;
    this.classes = classes;
    this.pictures = pictures;
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
    ClassFolders found = ClassFolders.in(folder);
    return new ImageFolder(label(folder), FolderNames.of(folder, found.classes(), _ -> {}), found.pictures());
  }

  /**
   * Reads {@code train/}, {@code val/} and {@code test/}, or folders of like names, with class folders in each, or class folders
   * alone; then each tenth picture of a class, by name, is for the test.
   */
  static Parts parts(Path folder, Consumer<String> messages) {
    FileNames.requireFolder("images", folder);
    Optional<Path> train = PartFolder.TRAIN.in(folder);
    Optional<Path> validation = PartFolder.VALIDATION.in(folder);
    Optional<Path> test = PartFolder.TEST.in(folder);
    if (train.isEmpty() || ClassFolders.subfolders(train.get()).isEmpty()) {
      requireNoParts(folder, train, validation, test);
      ClassFolders found = ClassFolders.in(folder);
      report(folder, List.of(found), messages);
      return tenths(folder, found, messages);
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
    PartFolder.tellOthers(folder, messages);
    List<String> names = FolderNames.of(folder, of.classes(), messages);
    return new Parts(new ImageFolder(label(folder) + ":train", names, of.pictures()),
        ofValidation.map(f -> new ImageFolder(label(folder) + ":validation", names, f.pictures())),
        ofTest.map(f -> new ImageFolder(label(folder) + ":test", names, f.pictures())));
  }

  private static Parts tenths(Path folder, ClassFolders found, Consumer<String> messages) {
    List<ClassFolders.Picture> train = new ArrayList<>();
    List<ClassFolders.Picture> test = new ArrayList<>();
    int[] seen = new int[found.classes().size()];
    for (ClassFolders.Picture picture : found.pictures()) {
      seen[picture.label()]++;
      (seen[picture.label()] % TESTED == 0 ? test : train).add(picture);
    }
    List<String> names = FolderNames.of(folder, found.classes(), messages);
    ImageFolder learned = new ImageFolder(label(folder) + ":train", names, train);
    if (test.isEmpty()) {
      return new Parts(learned, Optional.empty(), Optional.empty());
    }
    messages.accept("images:" + FileNames.text(folder) + ": has no test/, so each tenth picture of a class, " + test.size()
        + " in all, is kept for the test");
    return new Parts(learned, Optional.empty(), Optional.of(new ImageFolder(label(folder) + ":test", names, test)));
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
  static String label(Path folder) {
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
      known = usual(this);
      shape = known;
    }
    return known;
  }

  static Shape usual(Dataset data) {
    int count = Math.min(SAMPLE, data.size());
    int[] heights = new int[count];
    int[] widths = new int[count];
    int channels = 1;
    for (int i = 0; i < count; i++) {
      Image image = data.image((int) ((long) i * data.size() / count));
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
    return hash(classes, pictures, whole);
  }

  static String hash(List<String> classes, List<ClassFolders.Picture> files, long whole) {
    long total = 0;
    long[] lengths = new long[files.size()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = length(files.get(i).file());
      total += lengths[i];
    }
    long most = total <= whole ? Long.MAX_VALUE : HASHED_START;
    String[] hashes = new String[files.size()];
    Parallel.loop(hashes.length, i -> hashes[i] = hash(files.get(i).file(), most));
    Sha256 hash = new Sha256().texts(classes).number(hashes.length);
    for (int i = 0; i < hashes.length; i++) {
      hash.text(files.get(i).name()).number(files.get(i).label()).number(lengths[i]).text(hashes[i]);
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
