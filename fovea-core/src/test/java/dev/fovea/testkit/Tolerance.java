package dev.fovea.testkit;

/**
 * The allowed error of a result. Each limit is a multiple of {@code err}, the error of another float32 implementation, plus a
 * fraction of a reference value (the largest of the tensor, the loss, a gradient's norm).
 *
 * @param errs the multiple of {@code err}; 0 for arithmetic in double
 * @param value fraction of the largest value of an operator's result
 * @param layer fraction of the largest value of a layer inside a network
 * @param loss fraction of a network's loss
 * @param lossAfterSteps fraction of the loss after some steps of SGD
 * @param gradient fraction of the norm of a parameter's gradient inside a network
 */
public record Tolerance(double errs, double value, double layer, double loss, double lossAfterSteps, double gradient) {
  /** For arithmetic in double. */
  public static final Tolerance EXACT = new Tolerance(0, 1e-12, 1e-9, 1e-9, 1e-9, 2.5e-10);

  /** For float32. Gradients are loose, since a rounding difference can switch a ReLU or the maximum of a max pool. */
  public static final Tolerance FLOAT = new Tolerance(8, 1e-6, 1e-6, 2e-6, 1e-4, 2e-3);

  /** For float32 if convolutions may use Winograd's transforms, whose intermediate values are larger than the results. */
  public static final Tolerance WINOGRAD = new Tolerance(64, 2e-5, 2e-5, 2e-6, 1e-4, 2e-3);

  /** The same with another limit for gradients in networks. Without switches (no ReLU, no max pool), float32 stays within 1e-5. */
  public Tolerance gradient(double gradient) {
    return new Tolerance(errs, value, layer, loss, lossAfterSteps, gradient);
  }

  double ofValue(double err, double largest) {
    return errs * err + value * largest;
  }

  double ofLayer(double err, double largest) {
    return errs * err + layer * largest;
  }

  double ofLoss(double err, double loss) {
    return errs * err + this.loss * loss;
  }

  double ofLossAfterSteps(double err, double loss) {
    return errs * err + lossAfterSteps * loss;
  }

  /** For a gradient's norm and elements; its sum may be off by the square root of its size times that. */
  double ofGradient(double err, double worstErr, double norm, double largestNorm) {
    if (errs == 0) {
      return 4 * Math.max(gradient * norm, 1e-12 * largestNorm);
    }
    return 4 * Math.max(err, Math.max(Math.max(worstErr, gradient) * norm, 1e-7 * largestNorm));
  }
}
