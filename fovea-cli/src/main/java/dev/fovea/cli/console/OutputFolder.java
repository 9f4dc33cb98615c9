package dev.fovea.cli.console;

import dev.fovea.format.FileNames;
import dev.fovea.tensor.FoveaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder that a command writes its files into. */
public final class OutputFolder {
  private OutputFolder() {}

  /**
   * Creates it if it does not exist.
   *
   * @return the folder
   */
  public static Path create(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new FoveaException(folder + ": cannot be created as a folder, " + FileNames.reason(e) + "; give another --out", e);
    }
  }

  /** Removes a file of an earlier run, if there is one. */
  static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new FoveaException(
          file + ": is of an earlier run and cannot be removed, " + FileNames.reason(e) + "; give another --out",
          e);
    }
  }
}
