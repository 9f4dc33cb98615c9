package dev.fovea.cli.auto;

import dev.fovea.graph.Graph;
import dev.fovea.model.Summary;

/**
 * The time of training, in seconds of one and the same machine with two cores: it is computed and not measured, so that the same images
 * and options give the same settings on every machine.
 */
final class Cost {
  /**
   * Seconds for a multiplication and addition, forward and backward. Both constants are a fit to sixteen networks, from one for digits
   * to ResNet-50, on two cores of 2.6 GHz with AVX-512; its largest error is a quarter.
   */
  private static final double MULTIPLY_ADD = 1.25e-11;

  /** Seconds for a number that an operator writes, forward and backward. */
  private static final double ELEMENT = 1.3e-9;

  private Cost() {}

  /** Seconds for a pass forward and backward, of one image. */
  static double ofImage(Graph graph) {
    Summary summary = Summary.of(graph);
    long written = summary.rows().stream().mapToLong(row -> row.output().size()).sum();
    return summary.multiplyAdds() * MULTIPLY_ADD + written * ELEMENT;
  }
}
