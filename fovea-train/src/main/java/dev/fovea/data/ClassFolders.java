package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.image.ImageDecoders;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Finds the images in a folder that holds one folder per class. The files of a class folder come first, sorted by name, then those
 * of its subfolders at any depth.
 */
final class ClassFolders {
  /** An image file, with its label and its name relative to the data set, {@code class/file}. */
  record LabelledFile(Path file, String name, int label) {}

  private final Path root;
  private final List<String> classes = new ArrayList<>();
  private final List<LabelledFile> files = new ArrayList<>();
  private final List<LabelledFile> images = new ArrayList<>();
  private final List<SkippedFile> skipped = new ArrayList<>();

  private ClassFolders(Path root) {
    this.root = root;
    folders(root).stream().filter(f -> isCyclicLink(f, root)).map(ClassFolders::alreadyRead).forEach(skipped::add);
  }

  /**
   * Reads a folder whose subfolders are the classes.
   *
   * @throws FoveaException if there are fewer than two or one is empty
   */
  static ClassFolders in(Path folder) {
    List<Path> subfolders = subfolders(folder);
    if (subfolders.size() < 2) {
      throw new FoveaException("images:" + FileNames.text(folder) + ": expected two class folders or more, found "
          + (subfolders.isEmpty() ? "none" : "only " + FileNames.line(FileNames.last(subfolders.getFirst())))
          + "; give the folder whose subfolders are the classes, each with its images");
    }
    ClassFolders found = new ClassFolders(folder);
    for (Path subfolder : subfolders) {
      found.addClass(subfolder, found.classes.size());
      found.classes.add(FileNames.last(subfolder));
    }
    found.separate();
    found.requireImages(subfolders);
    return found;
  }

  /**
   * Reads a part with the classes of {@code train}; classes may be without images.
   *
   * @throws FoveaException if it has images of another class
   */
  static ClassFolders like(ClassFolders train, Path folder) {
    ClassFolders found = new ClassFolders(folder);
    found.classes.addAll(train.classes);
    for (Path subfolder : subfolders(folder)) {
      found.addClass(subfolder, train.classes.indexOf(FileNames.last(subfolder)));
    }
    found.separate();
    found.images.stream().filter(p -> p.label() < 0).findFirst().ifPresent(other -> {
      String name = other.name().substring(0, other.name().indexOf('/'));
      throw new FoveaException("images:" + FileNames.text(folder) + ": the class '" + FileNames.line(name) + "' is not in "
          + FileNames.line(FileNames.last(train.root)) + "/; add it there, or remove it here");
    });
    return found;
  }

  static List<Path> subfolders(Path folder) {
    return folders(folder).stream().filter(f -> !isCyclicLink(f, folder)).toList();
  }

  private static List<Path> folders(Path folder) {
    return FileNames.list(folder).stream().filter(f -> Files.isDirectory(f) && !FileNames.isIgnoredFolder(f)).toList();
  }

  /** Whether it is a link to another class or to a parent folder, whose images would be read twice. */
  private static boolean isCyclicLink(Path subfolder, Path folder) {
    return Files.isSymbolicLink(subfolder)
        && (real(subfolder).startsWith(real(folder)) || real(folder).startsWith(real(subfolder)));
  }

  private static SkippedFile alreadyRead(Path link) {
    return new SkippedFile(link, "link to a folder that is already read", "is a link to a folder that is already read");
  }

  Path root() {
    return root;
  }

  List<String> classes() {
    return List.copyOf(classes);
  }

  List<LabelledFile> images() {
    return List.copyOf(images);
  }

  /** The number of images in subfolders of class folders. */
  long nested() {
    return images.stream().filter(p -> p.name().indexOf('/') != p.name().lastIndexOf('/')).count();
  }

  /** The files that are not images, and images outside the class folders. */
  List<SkippedFile> skipped() {
    return List.copyOf(skipped);
  }

  private void addClass(Path folder, int label) {
    collect(folder, FileNames.last(folder) + "/", label, new HashSet<>(List.of(real(folder))));
  }

  private void collect(Path folder, String prefix, int label, Set<Path> seen) {
    List<Path> subfolders = new ArrayList<>();
    for (Path file : FileNames.list(folder)) {
      if (!Files.isDirectory(file)) {
        files.add(new LabelledFile(file, prefix + FileNames.last(file), label));
      } else if (!FileNames.isIgnoredFolder(file)) {
        subfolders.add(file);
      }
    }
    for (Path next : subfolders) {
      Path real = real(next);
      if (real(root).startsWith(real) || !seen.add(real)) {
        skipped.add(alreadyRead(next));
      } else {
        collect(next, prefix + FileNames.last(next) + "/", label, seen);
      }
    }
  }

  /** Without links. */
  static Path real(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      throw new FoveaException(FileNames.text(folder) + ": cannot be listed, " + FileNames.reason(e), e);
    }
  }

  /** Separates images from other files. */
  private void separate() {
    Map<Path, SkippedFile> others = ImageFiles.others(files.stream().map(LabelledFile::file).toList());
    files.stream().filter(f -> !others.containsKey(f.file())).forEach(images::add);
    skipped.addAll(others.values());
    skipped.addAll(outside(root));
  }

  /** Images next to class folders; other files, such as lists and licences, are ignored. */
  static List<SkippedFile> outside(Path folder) {
    List<Path> loose = FileNames.list(folder).stream().filter(f -> !Files.isDirectory(f)).toList();
    Set<Path> others = ImageFiles.others(loose).keySet();
    return loose.stream()
        .filter(file -> !others.contains(file))
        .map(file -> new SkippedFile(file, "outside the class folders", "is outside the class folders"))
        .toList();
  }

  private void requireImages(List<Path> folders) {
    Set<Integer> labels = images.stream().map(LabelledFile::label).collect(Collectors.toSet());
    IntStream.range(0, folders.size()).filter(c -> !labels.contains(c)).mapToObj(folders::get).findFirst().ifPresent(folder -> {
      List<SkippedFile> instead = skipped.stream().filter(f -> f.file().startsWith(folder)).toList();
      throw new FoveaException("images:" + FileNames.text(folder)
          + ": the class folder is empty, expected " + ImageDecoders.names() + " images, found "
          + (instead.isEmpty() ? "none" : "only " + SkippedFile.counts(instead)) + "; add some or remove the folder");
    });
  }
}
