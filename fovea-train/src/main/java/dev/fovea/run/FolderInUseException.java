package dev.fovea.run;

import dev.fovea.tensor.FoveaException;
import java.util.List;

/** A folder that is not opened as asked for, since something is in it. */
public final class FolderInUseException extends FoveaException {
  private static final long serialVersionUID = 1L;

  private final RunFolder.Mode[] modes;

  /** {@code modes} are those in which it would be opened. */
  FolderInUseException(String message, RunFolder.Mode... modes) {
    super(message);
    this.modes = modes.clone();
  }

  FolderInUseException(String message, Throwable cause, RunFolder.Mode... modes) {
    super(message, cause);
    this.modes = modes.clone();
  }

  /** The modes in which the folder would be opened. */
  public List<RunFolder.Mode> modes() {
    return List.of(modes);
  }
}
