package dev.fovea.data;

import dev.fovea.data.tar.TarReader;
import dev.fovea.format.FileNames;
import dev.fovea.format.Sha256;
import dev.fovea.image.Image;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Labelled images in tar archives as WebDataset writes them, see {@link TarIndex}. The archives are not unpacked: their headers are read
 * once, and each image is then read at its position.
 */
final class TarShards implements Dataset {
  private static final String SUFFIX = ".tar";

  /** Characters of a pattern that are unusual in names. */
  private static final Pattern IS_PATTERN = Pattern.compile("[*?\\[{]");

  /** In messages about an image, until its name is read. */
  private static final String UNNAMED = "image";

  /** Files with the names of numbered classes, one per line. */
  private static final List<String> NAMES = List.of(FolderNames.FILE, "classnames.txt");

  private final String name;
  private final List<String> classes;
  private final TarIndex.Part images;
  private final Lazy<Shape> shape = new Lazy<>(() -> ImageFolder.typical(this));
  private final Lazy<String> fingerprint = new Lazy<>(this::hash);

  private TarShards(String name, List<String> classes, TarIndex.Part images) {
    this.name = name;
    this.classes = classes;
    this.images = images;
  }

  /**
   * Reads the headers of the archives in a folder, in its subfolders {@code train}, {@code val} and {@code test}, of a single archive, or
   * of those whose names match a pattern. In one folder an archive belongs to the part that its name contains as a word, as in {@code
   * imagenet-val-000000.tar}, else to the training images.
   *
   * @param messages receives what is skipped
   * @throws FoveaException naming the archive, if one is damaged or compressed, or there are no training images
   */
  static DatasetParts parts(Path folderOrPattern, Consumer<String> messages) {
    String spec = "tar:" + FileNames.text(folderOrPattern);
    Map<SplitFolder, List<Path>> shards = shards(folderOrPattern);
    if (shards.isEmpty() && !Files.exists(folderOrPattern) && !IS_PATTERN.matcher(FileNames.last(folderOrPattern)).find()) {
      throw new FoveaException(spec + ": no such file or folder");
    }
    if (shards.getOrDefault(SplitFolder.TRAIN, List.of()).isEmpty()) {
      throw new FoveaException(
          spec + ": found no archive with training images; give a folder with *.tar files, or a pattern such as"
              + " 'tar:DIR/*train*.tar'");
    }
    TarIndex index = new TarIndex();
    Map<SplitFolder, TarIndex.Part> found = new EnumMap<>(SplitFolder.class);
    shards.forEach((part, paths) -> found.put(part, index.read(paths)));
    index.skipped().ifPresent(counts -> messages.accept(spec + ": not used: " + counts));
    shards.forEach((part, archives) -> {
      if (Objects.requireNonNull(found.get(part)).size() == 0) {
        throw new FoveaException(spec + ": found no image with a label in " + FileNames.text(archives.getFirst())
            + (archives.size() > 1 ? " and the other archives of " + spelling(part) : "")
            + "; expected files such as 0001.jpg and 0001.cls, one after the other");
      }
    });
    List<String> classes = index.classes(names(folderOrPattern), List.copyOf(found.values()));
    String label = ImageFolder.label(folderOrPattern);
    Map<SplitFolder, Dataset> parts = new EnumMap<>(SplitFolder.class);
    found.forEach((part, images) -> parts.put(part, new TarShards(label + ":" + spelling(part), classes, images)));
    return new DatasetParts(Optional.ofNullable(parts.get(SplitFolder.TRAIN)).orElseThrow(),
        Optional.ofNullable(parts.get(SplitFolder.VALIDATION)), Optional.ofNullable(parts.get(SplitFolder.TEST)), List.of());
  }

  private static String spelling(SplitFolder part) {
    return part.name().toLowerCase(Locale.ROOT);
  }

  private static Map<SplitFolder, List<Path>> shards(Path given) {
    Map<SplitFolder, List<Path>> shards = new EnumMap<>(SplitFolder.class);
    if (Files.isRegularFile(given)) {
      shards.put(SplitFolder.TRAIN, List.of(given));
      return shards;
    }
    if (Files.isDirectory(given) && archives(given).isEmpty()) {
      for (SplitFolder part : SplitFolder.values()) {
        part.in(given).map(TarShards::archives).filter(files -> !files.isEmpty()).ifPresent(files -> shards.put(part, files));
      }
      return shards;
    }
    for (Path archive : Files.isDirectory(given) ? archives(given) : matching(given)) {
      shards.computeIfAbsent(part(archive), _ -> new ArrayList<>()).add(archive);
    }
    return shards;
  }

  private static List<Path> archives(Path folder) {
    return FileNames.list(folder).stream().filter(f -> FileNames.last(f).endsWith(SUFFIX) && Files.isRegularFile(f)).toList();
  }

  private static List<Path> matching(Path pattern) {
    Path parent = Optional.ofNullable(pattern.getParent()).orElse(Path.of(""));
    FileNames.requireFolder("tar", parent.toString().isEmpty() ? Path.of(".") : parent);
    PathMatcher matcher = matcher(pattern);
    return FileNames.list(parent).stream().filter(f -> matcher.matches(f.getFileName()) && Files.isRegularFile(f)).toList();
  }

  private static PathMatcher matcher(Path pattern) {
    try {
      return FileSystems.getDefault().getPathMatcher("glob:" + FileNames.last(pattern));
    } catch (PatternSyntaxException e) {
      throw new FoveaException("tar:" + FileNames.text(pattern) + ": neither a file nor a valid pattern: "
          + FileNames.line(e.getDescription()) + "; write a pattern such as 'train-*.tar'", e);
    }
  }

  private static SplitFolder part(Path archive) {
    return Stream.of(FileNames.last(archive).split("[^A-Za-z]+"))
        .flatMap(word -> Stream.of(SplitFolder.values()).filter(part -> part.isNamed(word)))
        .findFirst()
        .orElse(SplitFolder.TRAIN);
  }

  private static List<String> names(Path given) {
    Path folder = Files.isDirectory(given) ? given : Optional.ofNullable(given.getParent()).orElse(Path.of(""));
    return NAMES.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst().map(FileNames::lines).orElse(List.of());
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
    return images.label(index);
  }

  @Override
  public Image image(int index) {
    Path archive = images.shard(index);
    byte[] bytes = TarReader.bytes(archive, images.offset(index), images.bytes(index));
    try {
      return Image.read(bytes, UNNAMED);
    } catch (FoveaException e) {
      String reason = String.valueOf(e.getMessage()).replace(UNNAMED + ": ", "");
      throw UnreadableImages.of(file(index), new FoveaException(reason, e));
    }
  }

  /** The archive and the file in it, as if that were unpacked. */
  @Override
  public String source(int index) {
    return file(index).toString();
  }

  private Path file(int index) {
    Path archive = images.shard(index);
    String inside = FileNames.line(TarReader.name(archive, images.offset(index))).replaceFirst("^/+", "");
    try {
      return archive.resolve(inside.isEmpty() ? "?" : inside);
    } catch (InvalidPathException e) { // this system's names have fewer characters than the archive's
      return archive.resolve(inside.replaceAll("[^ -~]|[:*?\"<>|]", "_"));
    }
  }

  @Override
  public Shape shape() {
    return shape.get();
  }

  /** As that of {@link ImageFolder}, without the files' names. */
  @Override
  public String fingerprint() {
    return fingerprint.get();
  }

  private String hash() {
    long total = IntStream.range(0, size()).mapToLong(images::bytes).sum();
    int limit = total <= ImageFolder.HASHED_WHOLE ? Integer.MAX_VALUE : ImageFolder.HASHED_START;
    String[] hashes = new String[size()];
    Parallel.loop(hashes.length, i -> hashes[i] = Sha256.of(
        TarReader.bytes(images.shard(i), images.offset(i), Math.min(limit, images.bytes(i)))));
    Sha256 hash = new Sha256().texts(classes).number(hashes.length);
    for (int i = 0; i < hashes.length; i++) {
      hash.number(label(i)).number(images.bytes(i)).text(hashes[i]);
    }
    return hash.hex();
  }

  @Override
  public String toString() {
    return name + " (" + size() + " images of " + classes.size() + " classes)";
  }
}
