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

/** Where the images go that show a segmentation: all in one folder, by the name of the image that they are of. */
public final class SegmentedFiles {
  private final Path folder;
  private final Map<String, Path> before = new HashMap<>();

  public SegmentedFiles(Path folder) {
    this.folder = folder;
  }

  public record Written(Path labels, Path overlay, Path legend) {}

  /** Writes all three; what a run before wrote is replaced, what this one wrote is not. */
  public Written write(Path file, Image image, Segmentation result) {
    String name = name(file);
    Path other = before.putIfAbsent(name, file);
    if (other != null) {
      throw new FoveaException(file + ": has the name of " + other + ", whose images are in " + folder.toAbsolutePath()
          + " already; predict it by itself, with another --out");
    }
    create();
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

  private void create() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new FoveaException(folder + ": cannot be made a folder; give another --out", e);
    }
  }
}
