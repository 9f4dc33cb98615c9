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
import org.jspecify.annotations.Nullable;

/**
 * Images with a label map each, a PNG whose stored numbers are the pixels' classes: a folder in the layout of CamVid or of Pascal
 * VOC, see {@link SegmentationLayout}. Both are read when asked for.
 */
public final class SegmentationFolder implements Dataset {
  private static final int FILLED = -1;

  private final String name;
  private final List<String> classes;
  /** The label of pixels without a class; {@link #FILLED} where of two classes the second is stored as 255. */
  private final int empty;
  private final List<Pair> pairs;
  private volatile @Nullable Shape shape;
  private volatile @Nullable String fingerprint;

  /** An image's file and that of its labels, with the names they have on every machine. */
  record Pair(LabelledFile image, LabelledFile labels) {}

  private SegmentationFolder(String name, List<String> classes, int empty, List<Pair> pairs) {
    this.name = name;
    this.classes = classes;
    this.empty = empty;
    this.pairs = pairs;
  }

  /**
   * Finds the pairs; no image is read yet, and no label map but where there are two classes.
   *
   * @param messages hears what is left out, and where 255 is taken for a class
   * @throws FoveaException naming the folder or file, where the layout is neither, an image or label map has no partner, or there
   *     are none
   */
  static Parts parts(Path folder, Consumer<String> messages) {
    FileNames.requireFolder("segmentation", folder);
    SegmentationLayout layout = SegmentationLayout.of(folder);
    List<LeftOut> leftOut = new ArrayList<>();
    List<Pair> train = layout.pairs(PartFolder.TRAIN, leftOut).orElseThrow(layout::noTrain);
    int empty = layout.empty();
    if (layout.classes().size() == 2 && areFilled(train)) {
      String second = FileNames.line(layout.classes().getLast());
      messages.accept("segmentation:" + FileNames.text(folder) + ": its label maps have 0 and 255 and never 1, so 255 is read as"
          + " the second class, '" + second + "'");
      empty = FILLED;
    }
    String label = ImageFolder.label(folder);
    Parts parts = new Parts(
        new SegmentationFolder(label + ":train", layout.classes(), empty, train),
        part(layout, PartFolder.VALIDATION, label + ":validation", empty, leftOut),
        part(layout, PartFolder.TEST, label + ":test", empty, leftOut), leftOut);
    if (!leftOut.isEmpty()) {
      messages.accept("segmentation:" + FileNames.text(folder) + ": left out: " + LeftOut.counts(leftOut));
    }
    return parts;
  }

  private static Optional<Dataset> part(SegmentationLayout layout, PartFolder part, String name, int empty,
      List<LeftOut> leftOut) {
    return layout.pairs(part, leftOut).map(pairs -> new SegmentationFolder(name, layout.classes(), empty, pairs));
  }

  /** Whether the maps are masks of 0 and 255, as image editors save them: by the first map with a 1 they are not. */
  private static boolean areFilled(List<Pair> pairs) {
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

  /** The label map's numbers; none where it cannot be read, which reading the image says. */
  private static byte[] stored(Pair pair) {
    try {
      return LabelMap.read(pair.labels().file()).classes();
    } catch (FoveaException e) {
      return new byte[0];
    }
  }

  /** Some of its images, as if the files of the others were not there. */
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

  /** An image has none: its pixels have. */
  @Override
  public int label(int index) {
    throw new FoveaException(name + ": labels pixels, not images; take a network that segments");
  }

  @Override
  public Image image(int index) {
    return ImageFolder.read(pairs.get(index).image().file());
  }

  /**
   * {@inheritDoc}
   *
   * @throws FoveaException naming the file, where one cannot be read, their sizes differ, or a label has no class
   */
  @Override
  public LabelledImage labelled(int index) {
    Image image = image(index);
    Path file = pairs.get(index).labels().file();
    LabelMap stored = labels(file);
    if (stored.width() != image.width() || stored.height() != image.height()) {
      throw unusable(file, "label map of another size", "is " + stored + ", its image "
          + FileNames.line(FileNames.last(pairs.get(index).image().file())) + " is " + image.width() + "x" + image.height()
          + "; " + mend(pairs.get(index)));
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

  private static String mend(Pair pair) {
    return Stream.of(pair.image.file(), pair.labels.file())
        .filter(file -> Image.orientation(file) >= 5)
        .findFirst()
        .map(file -> FileNames.line(FileNames.last(file))
            + " is turned upright, by a quarter, as its EXIF orientation says; turn the other one too, or save it without EXIF")
        .orElse("both need one size");
  }

  private LabelMap checked(LabelMap stored, Path file) {
    byte[] labels = stored.classes();
    for (int i = 0; i < labels.length; i++) {
      int label = labels[i] & 0xff;
      if (label == LabelMap.VOID && empty == FILLED) {
        labels[i] = 1;
      } else if (label == empty) {
        labels[i] = (byte) LabelMap.VOID;
      } else if (label >= classes.size() && label != LabelMap.VOID) {
        throw unusable(file, "label without a class", "pixel (" + i % stored.width() + ", " + i / stored.width()
            + ") has the label " + label + ", expected 0 to " + (classes.size() - 1) + ", or "
            + (empty == FILLED ? LabelMap.VOID + " for 1" : empty + " for none")
            + "; name your own classes in " + SegmentationLayout.CLASSES + ", one a line");
      }
    }
    return stored;
  }

  /** Colour where one of a few images is; the middle one of their heights and of their widths. */
  @Override
  public Shape shape() {
    Shape known = shape;
    if (known == null) {
      known = ImageFolder.usual(this);
      shape = known;
    }
    return known;
  }

  /** As that of {@link ImageFolder}, of the images and the label maps. */
  @Override
  public String fingerprint() {
    String known = fingerprint;
    if (known == null) {
      List<LabelledFile> files = new ArrayList<>();
      pairs.forEach(pair -> Stream.of(pair.image, pair.labels).forEach(files::add));
      known = ImageFolder.hash(classes, files, ImageFolder.HASHED_WHOLE);
      fingerprint = known;
    }
    return known;
  }

  @Override
  public String toString() {
    return name + " (" + size() + " images with label maps of " + classes.size() + " classes)";
  }
}
