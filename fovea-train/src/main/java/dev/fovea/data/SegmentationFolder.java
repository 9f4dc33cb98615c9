package dev.fovea.data;

import dev.fovea.data.ClassFolders.LabelledFile;
import dev.fovea.format.FileNames;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Images with a label map each, a PNG whose values are the pixels' classes: a folder in the layout of CamVid or of Pascal VOC, see
 * {@link SegmentationLayout}. Both are read on access.
 */
public final class SegmentationFolder implements Dataset {
  private static final int BINARY_MASK = -1;

  private final String name;
  private final List<String> classes;
  /** The label of pixels without a class; {@link #BINARY_MASK} if the second of two classes is stored as 255. */
  private final int empty;
  private final List<Pair> pairs;
  private final Lazy<Shape> shape = new Lazy<>(() -> ImageFolder.typical(this));
  private final Lazy<String> fingerprint = new Lazy<>(this::hash);

  /** The files of an image and of its label map, with names relative to the data set. */
  record Pair(LabelledFile image, LabelledFile labels) {}

  private SegmentationFolder(String name, List<String> classes, int empty, List<Pair> pairs) {
    this.name = name;
    this.classes = classes;
    this.empty = empty;
    this.pairs = pairs;
  }

  /**
   * Finds the pairs; no image is read yet, and label maps only if there are two classes.
   *
   * @param messages receives what is skipped, and whether 255 is read as a class
   * @throws FoveaException naming the folder or file, if the layout is neither, an image or label map has no partner, or there
   *     are none
   */
  static DatasetParts parts(Path folder, Consumer<String> messages) {
    FileNames.requireFolder("segmentation", folder);
    SegmentationLayout layout = SegmentationLayout.of(folder);
    List<SkippedFile> skipped = new ArrayList<>();
    List<Pair> train = layout.pairs(SplitFolder.TRAIN, skipped).orElseThrow(layout::noTrain);
    int empty = layout.empty();
    if (layout.classes().size() == 2 && areBinaryMasks(train)) {
      String second = FileNames.line(layout.classes().getLast());
      messages.accept("segmentation:" + FileNames.text(folder) + ": its label maps have 0 and 255 and never 1, so 255 is read as"
          + " the second class, '" + second + "'");
      empty = BINARY_MASK;
    }
    String label = ImageFolder.label(folder);
    DatasetParts parts = new DatasetParts(
        new SegmentationFolder(label + ":train", layout.classes(), empty, train),
        part(layout, SplitFolder.VALIDATION, label + ":validation", empty, skipped),
        part(layout, SplitFolder.TEST, label + ":test", empty, skipped), skipped);
    if (!skipped.isEmpty()) {
      messages.accept("segmentation:" + FileNames.text(folder) + ": skipped: " + SkippedFile.counts(skipped));
    }
    return parts;
  }

  private static Optional<Dataset> part(SegmentationLayout layout, SplitFolder part, String name, int empty,
      List<SkippedFile> skipped) {
    return layout.pairs(part, skipped).map(pairs -> new SegmentationFolder(name, layout.classes(), empty, pairs));
  }

  /** Whether the maps are masks of 0 and 255, as image editors save them, without any 1. */
  private static boolean areBinaryMasks(List<Pair> pairs) {
    AtomicBoolean one = new AtomicBoolean();
    AtomicBoolean full = new AtomicBoolean();
    Parallel.loop(pairs.size(), i -> {
      if (!one.get()) {
        for (byte label : stored(pairs.get(i))) {
          one.compareAndSet(false, label == 1);
          full.compareAndSet(false, label == (byte) LabelMap.VOID);
        }
      }
    });
    return full.get() && !one.get();
  }

  /** The label map's values; empty if it cannot be read, which is reported on access. */
  private static byte[] stored(Pair pair) {
    try {
      return LabelMap.read(pair.labels().file()).classes();
    } catch (FoveaException e) {
      return new byte[0];
    }
  }

  /** A subset of its images, as if the other files did not exist. */
  SegmentationFolder only(int[] indices) {
    return new SegmentationFolder(name, classes, empty, Arrays.stream(indices).mapToObj(pairs::get).toList());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return pairs.size();
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public boolean segments() {
    return true;
  }

  /** Not supported: only pixels have labels. */
  @Override
  public int label(int index) {
    throw new FoveaException(name + ": labels pixels, not images; use a segmentation network");
  }

  @Override
  public Image image(int index) {
    return ImageFiles.read(pairs.get(index).image().file());
  }

  @Override
  public String source(int index) {
    return pairs.get(index).image().file().toString();
  }

  /**
   * {@inheritDoc}
   *
   * @throws FoveaException naming the file, if one cannot be read, their sizes differ, or a label has no class
   */
  @Override
  public LabelledImage labelled(int index) {
    Image image = image(index);
    Path file = pairs.get(index).labels().file();
    LabelMap stored = labels(file);
    if (stored.width() != image.width() || stored.height() != image.height()) {
      throw unusable(file, "label map of another size", "is " + stored + ", its image "
          + FileNames.line(FileNames.last(pairs.get(index).image().file())) + " is " + image.width() + "x" + image.height()
          + "; " + fix(pairs.get(index)));
    }
    return new LabelledImage(image, checked(stored, file));
  }

  private static LabelMap labels(Path file) {
    try {
      return LabelMap.read(file);
    } catch (FoveaException e) {
      throw UnreadableImages.of(file, "unreadable label map", e);
    }
  }

  private static UnreadableImages unusable(Path file, String kind, String reason) {
    return UnreadableImages.of(file, kind, new FoveaException(FileNames.text(file) + ": " + reason));
  }

  private static String fix(Pair pair) {
    return Stream.of(pair.image.file(), pair.labels.file())
        .filter(file -> Image.orientation(file) >= 5)
        .findFirst()
        .map(file -> FileNames.line(FileNames.last(file))
            + " is rotated by 90 degrees according to its EXIF orientation; rotate the other one too, or save it without EXIF")
        .orElse("both must have the same size");
  }

  private LabelMap checked(LabelMap stored, Path file) {
    byte[] labels = stored.classes();
    for (int i = 0; i < labels.length; i++) {
      int label = labels[i] & 0xff;
      if (label == LabelMap.VOID && empty == BINARY_MASK) {
        labels[i] = 1;
      } else if (label == empty) {
        labels[i] = (byte) LabelMap.VOID;
      } else if (label >= classes.size() && label != LabelMap.VOID) {
        throw unusable(file, "label without a class", "pixel (" + i % stored.width() + ", " + i / stored.width()
            + ") has the label " + label + ", expected 0 to " + (classes.size() - 1) + ", or "
            + (empty == BINARY_MASK ? LabelMap.VOID + " for 1" : empty + " for none")
            + "; name your own classes in " + SegmentationLayout.CLASSES + ", one per line");
      }
    }
    return stored;
  }

  /** The medians of height and width of a sample of images, and the largest number of channels. */
  @Override
  public Shape shape() {
    return shape.get();
  }

  /** As that of {@link ImageFolder}, over the images and the label maps. */
  @Override
  public String fingerprint() {
    return fingerprint.get();
  }

  private String hash() {
    List<LabelledFile> files = new ArrayList<>();
    pairs.forEach(pair -> Stream.of(pair.image, pair.labels).forEach(files::add));
    return ImageFolder.hash(classes, files, ImageFolder.HASHED_WHOLE);
  }

  @Override
  public String toString() {
    return name + " (" + size() + " images with label maps of " + classes.size() + " classes)";
  }
}
