package dev.fovea.cli.option;

import dev.fovea.tensor.FoveaException;

/** Options that are valid on their own but not together: exit code 2. */
public final class UsageException extends FoveaException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
