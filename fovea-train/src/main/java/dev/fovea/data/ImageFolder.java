package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.format.Sha256;
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
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Images in one folder per class and in folders of that, of any size, grey or colour. Classes and files are sorted by name, by
 * code points, so labels and indices are the same on every machine. Hidden files are passed over, what is no image is counted;
 * images are read when asked for. A file {@code classes.txt} beside the class folders, or beside {@code train/}, may give them names to read: in each
 * line a folder, a tab or blanks, and its name, of which what stands before the first comma is taken.
 */
public final class ImageFolder implements Dataset {
  /** Up to here every byte of every file enters the fingerprint; beyond, each file's name, length and first bytes do. */
  static final long HASHED_WHOLE = 2L << 30;

  /** Where nothing else is said, each tenth image of a class is for the test. */
  private static final int TESTED = 10;

  private static final int HASHED_START = 16 << 10;

  /** How many images are looked at to tell the usual shape. */
  private static final int SAMPLE = 15;

  private final String name;
  private final List<String> classes;
  private final List<ClassFolders.LabelledFile> images;
  private final boolean undivided;
  private volatile @Nullable Shape shape;
  private volatile @Nullable String fingerprint;

  private ImageFolder(String name, List<String> classes, List<ClassFolders.LabelledFile> images, boolean undivided) {
    this.name = name;
    this.classes = classes;
    this.images = images;
    this.undivided = undivided;
  }

  /**
   * Reads the class folders in {@code folder}.
   *
   * @throws FoveaException if there are fewer than two or one is empty
   */
  public static ImageFolder of(Path folder) {
    FileNames.requireFolder("images", folder);
    ClassFolders found = ClassFolders.in(folder);
    return new ImageFolder(label(folder), FolderNames.of(folder, found.classes(), _ -> {}), found.images(), true);
  }

  /**
   * Reads {@code train/}, {@code val/} and {@code test/}, or folders of like names, with class folders in each, or class folders
   * alone.
   *
   * @param messages hears what is left out, and of images in folders of class folders
   */
  static Parts parts(Path folder, Consumer<String> messages) {
    FileNames.requireFolder("images", folder);
    Optional<Path> train = PartFolder.TRAIN.in(folder);
    Optional<Path> validation = PartFolder.VALIDATION.in(folder);
    Optional<Path> test = PartFolder.TEST.in(folder);
    if (train.isEmpty() || ClassFolders.subfolders(train.get()).isEmpty()) {
      requireNoParts(folder, train, validation, test);
      ClassFolders found = ClassFolders.in(folder);
      List<LeftOut> leftOut = report(folder, List.of(found), messages);
      ImageFolder all = new ImageFolder(label(folder), FolderNames.of(folder, found.classes(), messages), found.images(), true);
      return new Parts(all, Optional.empty(), Optional.empty(), leftOut);
    }
    ClassFolders of = ClassFolders.in(train.get());
    Optional<ClassFolders> ofValidation = validation.map(v -> ClassFolders.like(of, v));
    Optional<ClassFolders> ofTest = test.map(t -> ClassFolders.like(of, t));
    List<ClassFolders> all = Stream.of(Optional.of(of), ofValidation, ofTest).flatMap(Optional::stream).toList();
    List<LeftOut> leftOut = report(folder, all, messages);
    PartFolder.tellOthers(folder, messages);
    List<String> names = FolderNames.of(folder, of.classes(), messages);
    return new Parts(new ImageFolder(label(folder) + ":train", names, of.images(), false),
        ofValidation.filter(f -> holdsImages(f, messages))
            .map(f -> new ImageFolder(label(folder) + ":validation", names, f.images(), false)),
        ofTest.filter(f -> holdsImages(f, messages))
            .map(f -> new ImageFolder(label(folder) + ":test", names, f.images(), false)),
        leftOut);
  }

  private static boolean holdsImages(ClassFolders part, Consumer<String> messages) {
    if (part.images().isEmpty()) {
      messages.accept("images:" + FileNames.text(part.root()) + ": left out, it holds no class folders with images");
    }
    return !part.images().isEmpty();
  }

  /** Whether all images of a folder are in it, those for training and those for the test. */
  boolean undivided() {
    return undivided;
  }

  /** Each tenth image of a class, by name, for the test, where there are so many; the others for training. */
  Parts tenths(Consumer<String> messages) {
    List<ClassFolders.LabelledFile> train = new ArrayList<>();
    List<ClassFolders.LabelledFile> test = new ArrayList<>();
    int[] seen = new int[classes.size()];
    for (ClassFolders.LabelledFile image : images) {
      seen[image.label()]++;
      (seen[image.label()] % TESTED == 0 ? test : train).add(image);
    }
    ImageFolder learned = new ImageFolder(name + ":train", classes, train, false);
    if (test.isEmpty()) {
      return new Parts(learned, Optional.empty());
    }
    messages.accept("images:" + name + ": has no test/, so each tenth image of a class, " + test.size()
        + " in all, is kept for the test");
    return new Parts(learned, Optional.of(new ImageFolder(name + ":test", classes, test, false)));
  }

  /** Some of its images, as if the files of the others were not there. */
  ImageFolder only(int[] indices) {
    return new ImageFolder(name, classes, Arrays.stream(indices).mapToObj(images::get).toList(), undivided);
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
          + "put the images of each class in a folder of its own, train/cat, train/dog");
    }
  }

  private static List<LeftOut> report(Path folder, List<ClassFolders> found, Consumer<String> messages) {
    long nested = found.stream().mapToLong(ClassFolders::nested).sum();
    int images = found.stream().mapToInt(f -> f.images().size()).sum();
    if (nested > 0) {
      messages.accept("images:" + FileNames.text(folder) + ": " + nested + " of its " + images
          + " images lie deeper than in their class folder, and are read too");
    }
    List<LeftOut> leftOut =
        Stream.concat(ClassFolders.outside(folder).stream(), found.stream().flatMap(f -> f.leftOut().stream()))
            .distinct()
            .toList();
    if (!leftOut.isEmpty()) {
      messages.accept("images:" + FileNames.text(folder) + ": left out: " + LeftOut.counts(leftOut)
          + "; images may be PNG, JPEG, GIF or BMP, convert others");
    }
    return leftOut;
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
    return images.size();
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int label(int index) {
    return images.get(index).label();
  }

  @Override
  public Image image(int index) {
    return read(file(index));
  }

  /** Reads it, and tells a failure in the form in which those of a whole set can be collected. */
  static Image read(Path file) {
    try {
      return Image.read(file);
    } catch (FoveaException e) {
      throw UnreadableImages.of(file, e);
    }
  }

  /** The file of image {@code index}. */
  public Path file(int index) {
    return images.get(index).file();
  }

  /** Colour where one of a few images is; the middle one of their heights and of their widths. */
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
    List<Image> sample = new ArrayList<>();
    List<UnreadableImages> unread = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      try {
        sample.add(data.image((int) ((long) i * data.size() / count)));
      } catch (UnreadableImages e) {
        unread.add(e); // whoever reads all of them names all of these
      }
    }
    if (sample.isEmpty()) {
      throw UnreadableImages.all(unread, count);
    }
    int[] heights = sample.stream().mapToInt(Image::height).sorted().toArray();
    int[] widths = sample.stream().mapToInt(Image::width).sorted().toArray();
    int channels = sample.stream().mapToInt(Image::channels).max().orElse(1);
    return Shape.of(channels, heights[heights.length / 2], widths[widths.length / 2]);
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
    return hash(classes, images, whole);
  }

  static String hash(List<String> classes, List<ClassFolders.LabelledFile> files, long whole) {
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
    return name + " (" + size() + " images of " + classes.size() + " classes)";
  }
}
