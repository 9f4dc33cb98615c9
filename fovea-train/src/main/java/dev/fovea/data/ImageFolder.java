package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.format.Sha256;
import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoders;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Images in one folder per class and its subfolders, of any size, grey or colour. Classes and files are sorted by name, by code
 * points, so labels and indices are the same on every machine. Hidden files are ignored, files that are not images are counted;
 * images are read on access. A file {@code classes.txt} next to the class folders, or next to {@code train/}, may give them
 * readable names: in each line a folder, a tab or blanks, and its name, which ends at the first comma.
 */
public final class ImageFolder implements Dataset {
  /** Up to this size in bytes the fingerprint hashes all bytes of all files; above it, each file's name, length and first bytes. */
  static final long HASHED_WHOLE = 2L << 30;

  /** Without a test part, every tenth image of a class is a test image. */
  private static final int TEST_INTERVAL = 10;

  static final int HASHED_START = 16 << 10;

  /** The number of images read to determine the typical shape. */
  private static final int SAMPLE = 15;

  private final String name;
  private final List<String> classes;
  private final List<ClassFolders.LabelledFile> images;
  private final boolean undivided;
  private final Lazy<Shape> shape = new Lazy<>(() -> typical(this));
  private final Lazy<String> fingerprint = new Lazy<>(() -> hash(HASHED_WHOLE));

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
   * Reads {@code train/}, {@code val/} and {@code test/}, or folders of similar names, with class folders in each, or only
   * class folders.
   *
   * @param messages receives what is skipped, and the number of images in subfolders of class folders
   */
  static DatasetParts parts(Path folder, Consumer<String> messages) {
    FileNames.requireFolder("images", folder);
    Optional<Path> train = SplitFolder.TRAIN.in(folder);
    Optional<Path> validation = SplitFolder.VALIDATION.in(folder);
    Optional<Path> test = SplitFolder.TEST.in(folder);
    if (train.isEmpty() || ClassFolders.subfolders(train.get()).isEmpty()) {
      requireNoParts(folder, train, validation, test);
      ClassFolders found = ClassFolders.in(folder);
      List<SkippedFile> skipped = report(folder, List.of(found), messages);
      ImageFolder all = new ImageFolder(label(folder), FolderNames.of(folder, found.classes(), messages), found.images(), true);
      return new DatasetParts(all, Optional.empty(), Optional.empty(), skipped);
    }
    ClassFolders of = ClassFolders.in(train.get());
    Optional<ClassFolders> ofValidation = validation.map(v -> ClassFolders.like(of, v));
    Optional<ClassFolders> ofTest = test.map(t -> ClassFolders.like(of, t));
    List<ClassFolders> all = Stream.of(Optional.of(of), ofValidation, ofTest).flatMap(Optional::stream).toList();
    List<SkippedFile> skipped = report(folder, all, messages);
    SplitFolder.reportOthers(folder, messages);
    List<String> names = FolderNames.of(folder, of.classes(), messages);
    return new DatasetParts(new ImageFolder(label(folder) + ":train", names, of.images(), false),
        ofValidation.filter(f -> holdsImages(f, messages))
            .map(f -> new ImageFolder(label(folder) + ":validation", names, f.images(), false)),
        ofTest.filter(f -> holdsImages(f, messages))
            .map(f -> new ImageFolder(label(folder) + ":test", names, f.images(), false)),
        skipped);
  }

  private static boolean holdsImages(ClassFolders part, Consumer<String> messages) {
    if (part.images().isEmpty()) {
      messages.accept("images:" + FileNames.text(part.root()) + ": skipped, it holds no class folders with images");
    }
    return !part.images().isEmpty();
  }

  /** Whether the folder is not divided into training and test images. */
  boolean undivided() {
    return undivided;
  }

  /** Every tenth image of a class, by name, for the test; the others for training. No test part if all classes have under ten. */
  DatasetParts tenths(Consumer<String> messages) {
    List<ClassFolders.LabelledFile> train = new ArrayList<>();
    List<ClassFolders.LabelledFile> test = new ArrayList<>();
    int[] seen = new int[classes.size()];
    for (ClassFolders.LabelledFile image : images) {
      seen[image.label()]++;
      (seen[image.label()] % TEST_INTERVAL == 0 ? test : train).add(image);
    }
    ImageFolder training = new ImageFolder(name + ":train", classes, train, false);
    if (test.isEmpty()) {
      return new DatasetParts(training, Optional.empty());
    }
    messages.accept("images:" + name + ": has no test/, so every tenth image of a class, " + test.size()
        + " in all, is used for the test");
    return new DatasetParts(training, Optional.of(new ImageFolder(name + ":test", classes, test, false)));
  }

  /** A subset of its images, as if the other files did not exist. */
  ImageFolder only(int[] indices) {
    return new ImageFolder(name, classes, Arrays.stream(indices).mapToObj(images::get).toList(), undivided);
  }

  /** Refuses folders with names of parts but not their layout. A single such folder may be a class called train or test. */
  private static void requireNoParts(Path folder, Optional<Path> train, Optional<Path> validation, Optional<Path> test) {
    List<Path> parts = List.of(train, validation, test).stream().flatMap(Optional::stream).toList();
    boolean classesInside = parts.stream().anyMatch(p -> !ClassFolders.subfolders(p).isEmpty());
    if (train.isEmpty() && classesInside) {
      throw new FoveaException("images:" + FileNames.text(folder) + ": found " + FileNames.last(parts.getFirst())
          + "/ with class folders, but no train/ next to it; add train/, or name " + FileNames.text(parts.getFirst()));
    }
    if (train.isPresent() && parts.size() > 1) {
      throw new FoveaException("images:" + FileNames.text(train.get()) + ": expected class folders in it, found none; "
          + "put the images of each class in a folder of its own, train/cat, train/dog");
    }
  }

  private static List<SkippedFile> report(Path folder, List<ClassFolders> found, Consumer<String> messages) {
    long nested = found.stream().mapToLong(ClassFolders::nested).sum();
    int images = found.stream().mapToInt(f -> f.images().size()).sum();
    if (nested > 0) {
      messages.accept("images:" + FileNames.text(folder) + ": " + nested + " of its " + images
          + " images are in subfolders of class folders, and are read too");
    }
    List<SkippedFile> skipped =
        Stream.concat(ClassFolders.outside(folder).stream(), found.stream().flatMap(f -> f.skipped().stream()))
            .distinct()
            .toList();
    if (!skipped.isEmpty()) {
      String missing = skipped.stream().map(f -> ImageDecoders.missing(f.kind())).distinct().collect(Collectors.joining());
      messages.accept("images:" + FileNames.text(folder) + ": skipped: " + SkippedFile.counts(skipped) + missing
          + "; images may be " + ImageDecoders.names() + ", convert others");
    }
    return skipped;
  }

  /** The folder's name without its path, which should not be disclosed in a model file. */
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
    return ImageFiles.read(file(index));
  }

  @Override
  public String source(int index) {
    return file(index).toString();
  }

  /** The file of image {@code index}. */
  public Path file(int index) {
    return images.get(index).file();
  }

  /** The medians of height and width of a sample of images, and the largest number of channels. */
  @Override
  public Shape shape() {
    return shape.get();
  }

  static Shape typical(Dataset data) {
    int count = Math.min(SAMPLE, data.size());
    List<Image> sample = new ArrayList<>();
    List<UnreadableImages> unreadable = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      try {
        sample.add(data.image((int) ((long) i * data.size() / count)));
      } catch (UnreadableImages e) {
        unreadable.add(e); // reported when all images are read
      }
    }
    if (sample.isEmpty()) {
      throw UnreadableImages.all(unreadable, count);
    }
    int[] heights = sample.stream().mapToInt(Image::height).sorted().toArray();
    int[] widths = sample.stream().mapToInt(Image::width).sorted().toArray();
    int channels = sample.stream().mapToInt(Image::channels).max().orElse(1);
    return Shape.of(channels, heights[heights.length / 2], widths[widths.length / 2]);
  }

  /** Class names, file names and lengths, and the bytes: all of them in a set up to 2 GiB, else the first 16 KiB of each file. */
  @Override
  public String fingerprint() {
    return fingerprint.get();
  }

  String hash(long fullHashLimit) {
    return hash(classes, images, fullHashLimit);
  }

  static String hash(List<String> classes, List<ClassFolders.LabelledFile> files, long fullHashLimit) {
    long total = 0;
    long[] lengths = new long[files.size()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = length(files.get(i).file());
      total += lengths[i];
    }
    long limit = total <= fullHashLimit ? Long.MAX_VALUE : HASHED_START;
    String[] hashes = new String[files.size()];
    Parallel.loop(hashes.length, i -> hashes[i] = hash(files.get(i).file(), limit));
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

  private static String hash(Path file, long limit) {
    Sha256 hash = new Sha256();
    byte[] block = new byte[HASHED_START];
    try (InputStream in = Files.newInputStream(file)) {
      long left = limit;
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
