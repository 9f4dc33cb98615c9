package dev.fovea.model;

import dev.fovea.tensor.FoveaException;

/** Thrown if an operation needs more memory than is free in the JVM's heap. */
public final class HeapException extends FoveaException {
  private static final long serialVersionUID = 1L;

  HeapException(String message) {
    super(message);
  }
}
