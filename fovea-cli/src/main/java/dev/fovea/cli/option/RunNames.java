package dev.fovea.cli.option;

import java.nio.file.Files;
import java.nio.file.Path;

/** Default names of run folders: {@code runs/lenet5-1}, {@code runs/lenet5-2}, ... */
public final class RunNames {
  private static final Path PARENT = Path.of("runs");

  private RunNames() {}

  /** The first that does not exist; with {@code last} the one before it, if there is one. */
  public static Path next(String network, boolean last) {
    int n = 1;
    while (Files.exists(folder(network, n))) {
      n++;
    }
    return folder(network, last ? Math.max(1, n - 1) : n);
  }

  private static Path folder(String network, int n) {
    return PARENT.resolve(network + "-" + n);
  }
}
