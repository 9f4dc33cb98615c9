package dev.fovea.formats.onnx.read;

import dev.fovea.tensor.FoveaException;

/** A node that cannot be imported, and why; the message does not name the node. */
final class Refusal extends FoveaException {
  private static final long serialVersionUID = 1L;

  Refusal(String reason) {
    super(reason);
  }
}
