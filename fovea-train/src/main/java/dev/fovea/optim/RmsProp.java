package dev.fovea.optim;

/**
 * Tieleman and Hinton 2012 (lecture 6.5), in PyTorch's form: {@code v = alpha * v + (1 - alpha) * g^2; w -= lr * g / (sqrt(v) +
 * epsilon)}, weight decay added to the gradient. With {@code centered} the square of the gradient's mean is subtracted from v
 * (Graves 2013, arXiv 1308.0850, equations 38 to 41); with momentum the quotients are accumulated like the gradients in
 * {@link Sgd}.
 */
public record RmsProp(double alpha, double epsilon, double momentum, boolean centered, double weightDecay) implements Optimizer {
  public RmsProp {
    Hyperparameter.require("alpha", alpha, 1);
    Hyperparameter.require("epsilon", epsilon, Hyperparameter.UNBOUNDED);
    Hyperparameter.require("momentum", momentum, 1);
    Hyperparameter.require("weight decay", weightDecay, Hyperparameter.UNBOUNDED);
  }

  /** Alpha 0.99, epsilon 1e-8, no momentum, not centered, no weight decay. */
  public static RmsProp standard() {
    return new RmsProp(0.99, 1e-8, 0, false, 0);
  }

  public RmsProp alpha(double alpha) {
    return new RmsProp(alpha, epsilon, momentum, centered, weightDecay);
  }

  public RmsProp epsilon(double epsilon) {
    return new RmsProp(alpha, epsilon, momentum, centered, weightDecay);
  }

  public RmsProp momentum(double momentum) {
    return new RmsProp(alpha, epsilon, momentum, centered, weightDecay);
  }

  public RmsProp centered(boolean centered) {
    return new RmsProp(alpha, epsilon, momentum, centered, weightDecay);
  }

  @Override
  public RmsProp weightDecay(double weightDecay) {
    return new RmsProp(alpha, epsilon, momentum, centered, weightDecay);
  }

  @Override
  public int slots() {
    return 1 + (centered ? 1 : 0) + (momentum == 0 ? 0 : 1);
  }

  @Override
  public void step(float[] parameters, float[] gradients, Span part, float[][] slots, double learningRate, long step) {
    float decay = (float) weightDecay;
    float share = (float) (1 - alpha);
    float[] squares = slots[0];
    MovingAverages.averageSquares(squares, parameters, gradients, part, decay, (float) alpha, share);
    float[] mean = squares;
    if (centered) {
      mean = slots[1];
      MovingAverages.average(mean, parameters, gradients, part, decay, share);
    }
    float[] velocity = slots[slots.length - 1];
    for (int i = part.from(); i < part.to(); i++) {
      // The variance of a constant gradient is only a rounding error, which may be below 0.
      float variance = centered ? Math.max(0, squares[i] - mean[i] * mean[i]) : squares[i];
      float change = (gradients[i] + decay * parameters[i]) / ((float) Math.sqrt(variance) + (float) epsilon);
      if (momentum != 0) {
        change += (float) momentum * velocity[i];
        velocity[i] = change;
      }
      parameters[i] -= (float) learningRate * change;
    }
  }
}
