package dev.fovea.cli.console;

import dev.fovea.image.Image;
import dev.fovea.image.Palette;
import dev.fovea.model.Segmentation;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes the images of segmentations into one folder, named after the images that were segmented. */
public final class SegmentedFiles {
  private final Path folder;
  private final boolean replace;

  /** By the name in lower case, since some file systems do not distinguish cases. */
  private final Map<String, Path> written = new HashMap<>();

  /** @param replace whether files that are there already are replaced */
  public SegmentedFiles(Path folder, boolean replace) {
    this.folder = folder;
    this.replace = replace;
  }

  public record Written(Path labels, Path overlay, Path legend) {}

  /** Writes all three. Two images of one name in the same run are an error. */
  public Written write(Path file, Image image, Segmentation result) {
    String name = name(file);
    Path other = written.putIfAbsent(name.toLowerCase(Locale.ROOT), file);
    if (other != null) {
      throw new FoveaException(
          file + ": has the same name as " + other + ", whose images are already in " + folder.toAbsolutePath()
              + "; predict it separately, with another --out");
    }
    createFolder();
    Written to = new Written(
        folder.resolve(name + "-labels.png"), folder.resolve(name + "-overlay.png"), folder.resolve(name + "-legend.png"));
    for (Path there : List.of(to.labels, to.overlay, to.legend)) {
      if (!replace && Files.exists(there)) {
        throw new FoveaException(there + ": exists already; move it, or name a folder (--out FOLDER)");
      }
    }
    Palette palette = result.palette();
    palette.write(result.labels(), to.labels);
    result.overlay(image).write(to.overlay);
    palette.legend().write(to.legend);
    return to;
  }

  private static String name(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  private void createFolder() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new FoveaException(folder + ": cannot be created as a folder; give another --out", e);
    }
  }
}
