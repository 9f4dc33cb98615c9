package dev.fovea.explain;

import dev.fovea.tensor.FoveaException;

/** A network's layers do not allow a method; the message names the layer and says why. */
public final class InapplicableMethodException extends FoveaException {
  private static final long serialVersionUID = 1L;

  public InapplicableMethodException(String message) {
    super(message);
  }
}
