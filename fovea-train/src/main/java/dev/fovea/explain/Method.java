package dev.fovea.explain;

import dev.fovea.tensor.Tensor;

/** A method of explaining, with its settings. To add one, see docs/add-an-explanation.md. */
public interface Method {
  /** As on the command line. */
  String name();

  /**
   * The number of images that the network is run on for one explanation, about, for a progress line.
   *
   * @throws InapplicableMethodException if the network's layers do not allow the method
   */
  default int passes(Explainer network) {
    return 1;
  }

  /** Whether it needs derivatives, which take memory beside a forward pass. */
  default boolean differentiates() {
    return true;
  }

  /**
   * Explains the answer for one image.
   *
   * @param input {@code 1 x C x H x W}, after preprocessing
   * @throws InapplicableMethodException if the network's layers do not allow the method
   */
  Attribution explain(Explainer network, Tensor input, Answer answer);
}
