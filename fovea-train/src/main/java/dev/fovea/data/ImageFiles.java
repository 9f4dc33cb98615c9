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
 * Tells images from other files. By some endings a name promises an image: such a file is one, and where it is not, reading it
 * says so. Any other file is an image where it begins like one.
 */
final class ImageFiles {
  private static final Set<String> PROMISES = Set.of("png", "jpg", "jpeg", "gif", "bmp");

  private static final FileKind PROMISED = new FileKind("promised", true);

  private ImageFiles() {}

  /** Those of {@code files} that are no images, in their order. */
  static Map<Path, LeftOut> others(List<Path> files) {
    FileKind[] kinds = new FileKind[files.size()];
    Parallel.loop(kinds.length, i -> kinds[i] = kind(files.get(i)));
    Map<Path, LeftOut> others = new LinkedHashMap<>();
    for (int i = 0; i < kinds.length; i++) {
      if (!kinds[i].image()) {
        Path file = files.get(i);
        others.put(file, new LeftOut(file, kinds[i].name(), "is no image that is read: " + kinds[i].name()));
      }
    }
    return others;
  }

  private static FileKind kind(Path file) {
    boolean regular = Files.isRegularFile(file);
    // A pipe must not be opened: nobody may be writing to it. A link that leads nowhere says so when it is read.
    if (!regular && Files.exists(file)) {
      return new FileKind(Files.isDirectory(file) ? "folder" : "no regular file", false);
    }
    String name = FileNames.last(file);
    if (PROMISES.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT))) {
      return PROMISED;
    }
    try {
      return FileKind.of(file);
    } catch (FoveaException e) {
      return new FileKind(regular ? "file that may not be opened" : "link that leads nowhere", false);
    }
  }
}
