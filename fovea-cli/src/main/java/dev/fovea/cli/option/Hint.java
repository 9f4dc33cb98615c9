package dev.fovea.cli.option;

import dev.fovea.model.HeapException;
import dev.fovea.run.FolderInUseException;
import dev.fovea.tensor.FoveaException;
import java.util.stream.Collectors;

/** A library says what to do; the command line adds by which option or variable it is done here. */
public final class Hint {
  private Hint() {}

  public static String message(FoveaException e) {
    return switch (e) {
      case HeapException _ -> e.getMessage() + " (FOVEA_JAVA_OPTS=-Xmx8g)";
      case FolderInUseException folder ->
          e.getMessage() + folder.modes().stream().map(FolderOptions::name).collect(Collectors.joining(", ", " (", ")"));
      default -> String.valueOf(e.getMessage());
    };
  }
}
