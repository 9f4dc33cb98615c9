package dev.fovea.data;

import dev.fovea.data.ClassFolders.Picture;
import dev.fovea.image.Image;
import dev.fovea.image.LabelMap;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pictures with a label map each, a PNG whose stored numbers are the pixels' classes: a folder in the layout of CamVid or of Pascal
 * VOC, see {@link SegmentationLayout}. Both are read when asked for.
 */
public final class SegmentationFolder implements Dataset {
  private final String name;
  private final List<String> classes;
  private final int empty;
  private final List<Pair> pairs;
  private volatile @Nullable Shape shape;
  private volatile @Nullable String fingerprint;

  /** A picture's file and that of its labels, with the names they have on every machine. */
  record Pair(Picture image, Picture labels) {}

  /** What a folder holds; {@code validation} and {@code test} where it has them. */
  record Parts(SegmentationFolder train, Optional<SegmentationFolder> validation, Optional<SegmentationFolder> test) {}

  private SegmentationFolder(String name, SegmentationLayout layout, List<Pair> pairs) {
    this.name = name;
    this.classes = layout.classes();
    this.empty = layout.empty();
    this.pairs = pairs;
  }

  /**
   * Finds the pairs; no picture is read yet.
   *
   * @throws FoveaException naming the folder or file, where the layout is neither, a picture or label map has no partner, or there
   *     are none
   */
  static Parts parts(Path folder) {
    FileNames.requireFolder("segmentation", folder);
    SegmentationLayout layout = SegmentationLayout.of(folder);
    String label = ImageFolder.label(folder);
    return new Parts(
        layout.pairs(PartFolder.TRAIN).map(p -> new SegmentationFolder(label + ":train", layout, p)).orElseThrow(layout::noTrain),
        layout.pairs(PartFolder.VALIDATION).map(p -> new SegmentationFolder(label + ":validation", layout, p)),
        layout.pairs(PartFolder.TEST).map(p -> new SegmentationFolder(label + ":test", layout, p)));
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

  /** A picture has none: its pixels have. */
  @Override
  public int label(int index) {
    throw new FoveaException(name + ": labels pixels, not pictures; take a network that segments");
  }

  @Override
  public Image image(int index) {
    return Image.read(pairs.get(index).image().file());
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
    LabelMap stored = LabelMap.read(file);
    if (stored.width() != image.width() || stored.height() != image.height()) {
      throw new FoveaException(FileNames.text(file) + ": is " + stored + ", its picture "
          + FileNames.line(FileNames.last(pairs.get(index).image().file())) + " is " + image.width() + "x" + image.height()
          + "; " + mend(pairs.get(index)));
    }
    return new LabelledImage(image, checked(stored, file));
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
      if (label == empty) {
        labels[i] = (byte) LabelMap.VOID;
      } else if (label >= classes.size() && label != LabelMap.VOID) {
        throw new FoveaException(FileNames.text(file) + ": pixel (" + i % stored.width() + ", " + i / stored.width()
            + ") has the label " + label + ", expected 0 to " + (classes.size() - 1) + ", or " + empty
            + " for none; name your own classes in " + SegmentationLayout.CLASSES + ", one a line");
      }
    }
    return stored;
  }

  /** Colour where one of a few pictures is; the middle one of their heights and of their widths. */
  @Override
  public Shape shape() {
    Shape known = shape;
    if (known == null) {
      known = ImageFolder.usual(this);
      shape = known;
    }
    return known;
  }

  /** As that of {@link ImageFolder}, of the pictures and the label maps. */
  @Override
  public String fingerprint() {
    String known = fingerprint;
    if (known == null) {
      List<Picture> files = new ArrayList<>();
      pairs.forEach(pair -> Stream.of(pair.image, pair.labels).forEach(files::add));
      known = ImageFolder.hash(classes, files, ImageFolder.HASHED_WHOLE);
      fingerprint = known;
    }
    return known;
  }

  @Override
  public String toString() {
    return name + " (" + size() + " pictures with label maps of " + classes.size() + " classes)";
  }
}
