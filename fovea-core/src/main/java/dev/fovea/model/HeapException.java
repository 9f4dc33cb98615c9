package dev.fovea.model;

import dev.fovea.tensor.FoveaException;

/** What was asked for needs more memory than the JVM's heap has left. */
public final class HeapException extends FoveaException {
  private static final long serialVersionUID = 1L;

  HeapException(String message) {
    super(message);
  }
}
