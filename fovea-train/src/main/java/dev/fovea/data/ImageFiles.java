package dev.fovea.data;

import dev.fovea.format.FileNames;
import dev.fovea.image.FileKind;
import dev.fovea.tensor.FoveaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Distinguishes images from other files. A file with one of some extensions counts as an image; if it is not one, reading it
 * fails. Any other file is an image if its first bytes are those of an image format.
 */
final class ImageFiles {
  private static final Set<String> EXTENSIONS = Set.of("png", "jpg", "jpeg", "gif", "bmp");

  private static final FileKind BY_EXTENSION = new FileKind("image", true);

  private ImageFiles() {}

  /** Those of {@code files} that are not images, in their order. */
  static Map<Path, SkippedFile> others(List<Path> files) {
    FileKind[] kinds = new FileKind[files.size()];
    Parallel.loop(kinds.length, i -> kinds[i] = kind(files.get(i)));
    Map<Path, SkippedFile> others = new LinkedHashMap<>();
    for (int i = 0; i < kinds.length; i++) {
      if (!kinds[i].image()) {
        Path file = files.get(i);
        others.put(file, new SkippedFile(file, kinds[i].name(), "is not a supported image: " + kinds[i].name()));
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
