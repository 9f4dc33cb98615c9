package dev.fovea.cli.console;

import dev.fovea.image.Image;
import dev.fovea.image.Palette;
import dev.fovea.model.Segmentation;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Writes the images of segmentations into one folder, named after the images that were segmented. */
public final class SegmentedFiles {
  private final Path folder;
  private final Map<String, Path> written = new HashMap<>();

  public SegmentedFiles(Path folder) {
    this.folder = folder;
  }

  public record Written(Path labels, Path overlay, Path legend) {}

  /** Writes all three. Files of earlier runs are replaced; two images of one name in the same run are an error. */
  public Written write(Path file, Image image, Segmentation result) {
    String name = name(file);
    Path other = written.putIfAbsent(name, file);
    if (other != null) {
      throw new FoveaException(
          file + ": has the same name as " + other + ", whose images are already in " + folder.toAbsolutePath()
              + "; predict it separately, with another --out");
    }
    createFolder();
    Written to = new Written(
        folder.resolve(name + "-labels.png"), folder.resolve(name + "-overlay.png"), folder.resolve(name + "-legend.png"));
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
