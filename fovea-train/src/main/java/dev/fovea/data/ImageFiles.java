package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.image.FileKind;
import dev.fovea.image.Image;
import dev.fovea.image.ImageDecoders;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds images in a folder, and distinguishes them from other files. A file with the extension of a format that is read counts as an
 * image; if it is not one, reading it fails. Any other file is an image if its first bytes are those of an image format.
 */
public final class ImageFiles {
  private static final Set<String> EXTENSIONS = Set.copyOf(ImageDecoders.suffixes());

  private static final FileKind BY_EXTENSION = new FileKind("image", true);

  private ImageFiles() {}

  /**
   * The images in a folder and its subfolders at any depth: the files of a folder come first, sorted by name, by code points, then
   * those of its subfolders in the same order. Hidden files are ignored, as are links to folders that are read already.
   *
   * @param messages receives the number of files that are not images
   * @throws FoveaException if a folder cannot be listed
   */
  public static List<Path> in(Path folder, Consumer<String> messages) {
    List<Path> files = new ArrayList<>();
    collect(folder, files, new HashSet<>());
    Map<Path, SkippedFile> others = others(files);
    if (!others.isEmpty()) {
      messages.accept(FileNames.text(folder) + ": skipped: " + SkippedFile.counts(List.copyOf(others.values())));
    }
    return files.stream().filter(file -> !others.containsKey(file)).toList();
  }

  private static void collect(Path folder, List<Path> files, Set<Path> seen) {
    if (!seen.add(ClassFolders.real(folder))) {
      return;
    }
    List<Path> entries = FileNames.list(folder);
    entries.stream().filter(entry -> !Files.isDirectory(entry)).forEach(files::add);
    entries.stream().filter(entry -> Files.isDirectory(entry) && !FileNames.isIgnoredFolder(entry))
        .forEach(entry -> collect(entry, files, seen));
  }

  /**
   * Reads an image.
   *
   * @throws UnreadableImages naming the file, if it cannot be read or decoded
   */
  public static Image read(Path file) {
    try {
      return Image.read(file);
    } catch (FoveaException e) {
      throw UnreadableImages.of(file, e);
    }
  }

  /** Those of {@code files} that are not images, in their order. */
  static Map<Path, SkippedFile> others(List<Path> files) {
    FileKind[] kinds = new FileKind[files.size()];
    Parallel.loop(kinds.length, i -> kinds[i] = kind(files.get(i)));
    Map<Path, SkippedFile> others = new LinkedHashMap<>();
    for (int i = 0; i < kinds.length; i++) {
      if (!kinds[i].image()) {
        Path file = files.get(i);
        String kind = kinds[i].name();
        others.put(file, new SkippedFile(file, kind, "is not a supported image: " + kind + ImageDecoders.missing(kind)));
      }
    }
    return others;
  }

  private static FileKind kind(Path file) {
    boolean regular = Files.isRegularFile(file);
    // A pipe must not be opened: that would block without a writer. A dangling link fails when it is read.
    if (!regular && Files.exists(file)) {
      return new FileKind(Files.isDirectory(file) ? "folder" : "not a regular file", false);
    }
    String name = FileNames.last(file);
    if (EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT))) {
      return BY_EXTENSION;
    }
    try {
      return FileKind.of(file);
    } catch (FoveaException e) {
      return new FileKind(regular ? "file without read permission" : "dangling link", false);
    }
  }
}
