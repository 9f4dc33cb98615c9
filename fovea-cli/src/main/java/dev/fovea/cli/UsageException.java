package dev.fovea.cli;

import dev.fovea.tensor.FoveaException;

/** Options that each are right by themselves but not together: exit code 2. */
final class UsageException extends FoveaException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
