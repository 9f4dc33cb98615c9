package dev.fovea.data;

import dev.fovea.data.ClassFolders.LabelledFile;
import dev.fovea.data.SegmentationFolder.Pair;
import dev.fovea.format.FileNames;
import dev.fovea.image.ImageDecoders;
import dev.fovea.image.LabelMap;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The layout of images and label maps. CamVid's, in the version of SegNet's authors: {@code train/} and {@code trainannot/} with
 * files of the same names, and likewise {@code val} and {@code test}. Pascal VOC's: {@code JPEGImages/}, {@code
 * SegmentationClass/}, and in {@code ImageSets/Segmentation/} the names of the images of each part. The classes are those of the
 * data set with this layout, or those in {@value #CLASSES}, one per line.
 *
 * @param voc whether it is Pascal VOC's layout, else CamVid's
 * @param empty the label of pixels without a class
 */
record SegmentationLayout(Path folder, boolean voc, List<String> classes, int empty) {
  static final String CLASSES = FolderNames.FILE;

  private static final String IMAGES = "JPEGImages";
  private static final String LABELS = "SegmentationClass";
  private static final String LISTS = "ImageSets/Segmentation";
  private static final String ANNOTATIONS = "annot";

  static SegmentationLayout of(Path folder) {
    boolean voc = Files.isDirectory(folder.resolve(LABELS));
    if (!voc && !Files.isDirectory(annotations(folder, SplitFolder.TRAIN))) {
      throw new FoveaException(at(folder) + ": expected CamVid's layout (train/, trainannot/, val/, valannot/) or Pascal VOC's ("
          + IMAGES + "/, " + LABELS + "/, " + LISTS + "/train.txt), found neither; use one of these layouts");
    }
    Path file = folder.resolve(CLASSES);
    List<String> classes = Files.exists(file) ? named(file) : voc ? ClassNames.VOC : ClassNames.CAMVID;
    return new SegmentationLayout(folder, voc, classes, classes.equals(ClassNames.CAMVID) ? classes.size() : LabelMap.VOID);
  }

  /**
   * The folder of Pascal VOC's layout: the given one, or the one of a year in it, as unpacking the archive creates them.
   *
   * @throws FoveaException if there is none, or there are several
   */
  static Path voc(Path folder) {
    FileNames.requireFolder("voc", folder);
    List<Path> found = Stream.of(folder, folder.resolve("VOCdevkit"))
        .filter(Files::isDirectory)
        .flatMap(f -> Stream.concat(Stream.of(f), FileNames.list(f).stream().filter(y -> FileNames.last(y).startsWith("VOC"))))
        .filter(f -> Files.isDirectory(f.resolve(LABELS)))
        .toList();
    if (found.size() != 1) {
      throw new FoveaException("voc:" + FileNames.text(folder) + ": expected a folder with " + IMAGES + "/, " + LABELS + "/ and "
          + LISTS + "/train.txt, as VOCdevkit/VOC2012, found "
          + (found.isEmpty() ? "none" : found.size() + "; name one of them"));
    }
    return found.getFirst();
  }

  private static String at(Path path) {
    return "segmentation:" + FileNames.text(path);
  }

  private static List<String> named(Path file) {
    List<String> classes = FileNames.lines(file);
    if (classes.size() < 2 || classes.size() > LabelMap.VOID) {
      throw new FoveaException(FileNames.text(file) + ": expected the names of 2 to " + LabelMap.VOID
          + " classes, one per line, got " + classes.size());
    }
    HashSet<String> seen = new HashSet<>();
    for (String name : classes) {
      if (!seen.add(name)) {
        throw new FoveaException(
            FileNames.text(file) + ": the class '" + FileNames.line(name) + "' is named twice; name each once");
      }
    }
    return classes;
  }

  FoveaException noTrain() {
    return new FoveaException(at(folder) + ": has no " + (voc ? LISTS + "/train.txt" : "train/")
        + ", so no training images; add it");
  }

  /** The images of a part, sorted by name; empty if the folder has no such part. Other files are added to {@code skipped}. */
  Optional<List<Pair>> pairs(SplitFolder part, List<SkippedFile> skipped) {
    return voc ? listed(part.usual()) : paired(part, skipped);
  }

  private static Path annotations(Path folder, SplitFolder part) {
    String name = part.in(folder).map(FileNames::last).orElse(part.usual()) + ANNOTATIONS;
    return ClassFolders.subfolders(folder).stream().filter(f -> FileNames.last(f).equalsIgnoreCase(name)).findFirst()
        .orElse(folder.resolve(name));
  }

  private Optional<List<Pair>> paired(SplitFolder of, List<SkippedFile> skipped) {
    String part = of.usual();
    Path images = of.in(folder).orElse(folder.resolve(part));
    Path labels = annotations(folder, of);
    if (!Files.isDirectory(images) && !Files.isDirectory(labels)) {
      return Optional.empty();
    }
    Map<String, Path> found = byName(images, skipped);
    Map<String, Path> maps = byName(labels, skipped);
    List<Pair> pairs = new ArrayList<>();
    found.forEach((name, image) -> {
      Path map = maps.remove(name);
      if (map == null) {
        throw new FoveaException(FileNames.text(image) + ": has no label map; expected one in "
            + FileNames.line(FileNames.last(labels)) + "/ that has its name, or remove the image");
      }
      pairs.add(new Pair(file(image, part, 0), file(map, part + ANNOTATIONS, 1)));
    });
    maps.values().stream().findFirst().ifPresent(map -> {
      throw new FoveaException(FileNames.text(map) + ": has no image; expected one in "
          + FileNames.line(FileNames.last(images)) + "/ that has its name, or remove the label map");
    });
    return Optional.of(requireImages(pairs, images));
  }

  private static Map<String, Path> byName(Path folder, List<SkippedFile> skipped) {
    FileNames.requireFolder("segmentation", folder);
    Map<String, Path> files = new TreeMap<>(FileNames.ORDER);
    List<Path> listed = FileNames.list(folder).stream().filter(f -> !FileNames.isIgnoredFolder(f)).toList();
    Map<Path, SkippedFile> others = ImageFiles.others(listed);
    skipped.addAll(others.values());
    for (Path file : listed) {
      if (!others.containsKey(file)) {
        Path other = files.put(stem(file), file);
        if (other != null) {
          throw new FoveaException(FileNames.text(file) + ": has the name of " + FileNames.line(FileNames.last(other))
              + "; images and label maps are matched by name, so give it another");
        }
      }
    }
    return files;
  }

  private static String stem(Path file) {
    String name = FileNames.last(file);
    int dot = name.lastIndexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  private static LabelledFile file(Path file, String folder, int kind) {
    return new LabelledFile(file, folder + "/" + FileNames.last(file), kind);
  }

  private Optional<List<Pair>> listed(String part) {
    Path list = folder.resolve(LISTS).resolve(part + ".txt");
    // The label maps of VOC's test images are not published.
    if (part.equals("test") || !Files.exists(list)) {
      return Optional.empty();
    }
    FileNames.requireFolder("segmentation", folder.resolve(IMAGES));
    List<Pair> pairs = new ArrayList<>();
    List<String> images = Stream.concat(Stream.of("jpg"), ImageDecoders.suffixes().stream()).distinct().toList(); // VOC's first
    for (String name : FileNames.lines(list)) {
      pairs.add(new Pair(
          file(listed(list, IMAGES, name, images), IMAGES, 0),
          file(listed(list, LABELS, name, List.of("png")), LABELS, 1)));
    }
    return Optional.of(requireImages(pairs, list));
  }

  private Path listed(Path list, String in, String name, List<String> extensions) {
    if (!name.matches("[^/\\\\\\p{Cntrl}]{1,200}") || name.startsWith(".")) {
      throw new FoveaException(FileNames.text(list) + ": expected an image's name in each line, without folder and extension,"
          + " got '" + FileNames.line(name.substring(0, Math.min(80, name.length()))) + "'");
    }
    return extensions.stream()
        .flatMap(extension -> Stream.of(extension, extension.toUpperCase(Locale.ROOT)))
        .map(extension -> folder.resolve(in).resolve(name + "." + extension))
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(() -> new FoveaException(FileNames.text(folder.resolve(in).resolve(name + "." + extensions.getFirst()))
            + ": no such file, but " + FileNames.last(list) + " names it; add it, or remove the name"));
  }

  private static List<Pair> requireImages(List<Pair> pairs, Path path) {
    if (pairs.isEmpty()) {
      throw new FoveaException(at(path) + ": holds no images, expected " + ImageDecoders.names() + "; add some");
    }
    return List.copyOf(pairs);
  }
}
