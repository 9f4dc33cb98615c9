package dev.fovea.formats.onnx.call;

import dev.fovea.tensor.FoveaException;

/** A node that cannot be imported, and why; the message does not name the node. */
public final class Refusal extends FoveaException {
  private static final long serialVersionUID = 1L;

  public Refusal(String reason) {
    super(reason);
  }
}
