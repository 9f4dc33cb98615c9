package dev.fovea.run;

import dev.fovea.tensor.FoveaException;
import java.util.List;

/** A folder that cannot be opened in the requested mode, because it is not empty. */
public final class FolderInUseException extends FoveaException {
  private static final long serialVersionUID = 1L;

  private final RunFolder.Mode[] modes;

  /** {@code modes} are the modes in which it can be opened. */
  FolderInUseException(String message, RunFolder.Mode... modes) {
    super(message);
    this.modes = modes.clone();
  }

  FolderInUseException(String message, Throwable cause, RunFolder.Mode... modes) {
    super(message, cause);
    this.modes = modes.clone();
  }

  /** The modes in which the folder can be opened. */
  public List<RunFolder.Mode> modes() {
    return List.of(modes);
  }
}
