package dev.fovea.data;

import dev.fovea.tensor.FoveaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Finds the pictures in a folder that holds one folder per class. */
final class ClassFolders {
  private static final Set<String> READ = Set.of("png", "jpg", "jpeg", "gif", "bmp");

  private static final Set<String> NOT_READ = Set.of(
      "webp", "tif", "tiff", "heic", "heif", "avif", "jp2", "j2k", "jxl", "svg", "ico", "psd", "pgm", "ppm", "pbm", "pnm", "tga");

  /** Folders that archivers and file servers leave behind. */
  private static final Set<String> NO_CLASS = Set.of("__MACOSX", "@eaDir");

  /** Some sets keep a class's pictures one folder deeper, under this name (Tiny ImageNet as published). */
  private static final String DEEPER = "images";

  /** A picture file, with its label and the name it has on every machine, {@code class/file}. */
  record Picture(Path file, String name, int label) {}

  private final List<String> classes = new ArrayList<>();
  private final List<Picture> pictures = new ArrayList<>();
  private final Map<String, Integer> notRead = new TreeMap<>();

  private ClassFolders() {}

  /** Reads the names of everything; {@code notRead} of several folders are reported together. */
  static ClassFolders in(Path folder) {
    ClassFolders found = new ClassFolders();
    List<Path> subfolders = subfolders(folder);
    if (subfolders.size() < 2) {
      throw new FoveaException("images:" + FileNames.text(folder) + ": expected two class folders or more, found "
          + (subfolders.isEmpty() ? "none" : "only " + FileNames.line(FileNames.last(subfolders.getFirst())))
          + "; give the folder whose subfolders are the classes, each with its pictures");
    }
    for (Path subfolder : subfolders) {
      found.addClass(subfolder);
    }
    return found;
  }

  static List<Path> subfolders(Path folder) {
    return FileNames.list(folder).stream().filter(f -> Files.isDirectory(f) && !NO_CLASS.contains(FileNames.last(f))).toList();
  }

  List<String> classes() {
    return List.copyOf(classes);
  }

  List<Picture> pictures() {
    return List.copyOf(pictures);
  }

  /** How many pictures there are of each kind that Fovea does not read, by extension. */
  Map<String, Integer> notRead() {
    return notRead;
  }

  static String describe(Map<String, Integer> notRead) {
    String counts = notRead.entrySet().stream().map(e -> e.getValue() + " ." + e.getKey()).collect(Collectors.joining(", "));
    return counts + " left out: such pictures are not read; convert them to png or jpg";
  }

  private void addClass(Path subfolder) {
    String name = FileNames.last(subfolder);
    int label = classes.size();
    int before = pictures.size();
    int refusedBefore = refused();
    Path deeper = subfolder.resolve(DEEPER);
    addPictures(subfolder, name + "/", label);
    if (pictures.size() == before && Files.isDirectory(deeper)) {
      addPictures(deeper, name + "/" + DEEPER + "/", label);
    }
    if (pictures.size() == before) {
      throw new FoveaException("images:" + FileNames.text(subfolder)
          + ": the class folder is empty, expected png, jpg, gif or bmp "
          + "pictures, found " + instead(subfolder, refused() - refusedBefore));
    }
    classes.add(name);
  }

  private static String instead(Path subfolder, int refused) {
    if (refused > 0) {
      return refused + " of kinds that are not read; convert them to png or jpg";
    }
    return subfolders(subfolder).isEmpty()
        ? "none; add some or remove the folder"
        : "only folders; give the folder whose subfolders are the classes";
  }

  private int refused() {
    return notRead.values().stream().mapToInt(Integer::intValue).sum();
  }

  private void addPictures(Path folder, String prefix, int label) {
    for (Path file : FileNames.list(folder)) {
      String name = FileNames.last(file);
      String extension = extension(name);
      if (isPicture(file)) {
        pictures.add(new Picture(file, prefix + name, label));
      } else if (NOT_READ.contains(extension) && isFile(file)) {
        notRead.merge(extension, 1, Integer::sum);
      }
    }
  }

  /** Whether the file is of a kind that is read, by its name. */
  static boolean isPicture(Path file) {
    return READ.contains(extension(FileNames.last(file))) && isFile(file);
  }

  /** A link that leads nowhere counts, so that reading it says so; a pipe or a folder does not. */
  private static boolean isFile(Path file) {
    return Files.isRegularFile(file) || (Files.isSymbolicLink(file) && !Files.exists(file));
  }

  private static String extension(String name) {
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
