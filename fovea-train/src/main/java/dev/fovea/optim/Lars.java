package dev.fovea.optim;

/**
 * SGD with momentum whose step for each parameter is in proportion to the parameter's norm: You et al. 2017 (arXiv 1708.03888,
 * algorithm 1). The gradient, weight decay included, is multiplied by {@code trust * |w| / (|g| + weightDecay * |w| + epsilon)} before
 * it enters the velocity; by 1 without weight decay, so that {@link ParameterGroup groups} without it, biases and normalisations, are
 * trained by SGD, or where a norm is 0. For large batches.
 *
 * @param trust the trust coefficient
 */
public record Lars(double momentum, double trust, double epsilon, double weightDecay) implements Optimizer {
  public Lars {
    Hyperparameter.require("momentum", momentum, 1);
    Hyperparameter.require("trust coefficient", trust, Hyperparameter.UNBOUNDED);
    Hyperparameter.require("epsilon", epsilon, Hyperparameter.UNBOUNDED);
    Hyperparameter.require("weight decay", weightDecay, Hyperparameter.UNBOUNDED);
  }

  /** Trust coefficient 0.001, epsilon 1e-8, no weight decay. */
  public static Lars momentum(double momentum) {
    return new Lars(momentum, 0.001, 1e-8, 0);
  }

  public Lars trust(double trust) {
    return new Lars(momentum, trust, epsilon, weightDecay);
  }

  @Override
  public Lars weightDecay(double weightDecay) {
    return new Lars(momentum, trust, epsilon, weightDecay);
  }

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public boolean wholeParameters() {
    return true;
  }

  @Override
  public void step(float[] parameters, float[] gradients, Span part, float[][] slots, double learningRate, long step) {
    float[] velocity = slots[0];
    float factor = weightDecay == 0 ? 1
        : (float) trustRatio(GradientClipping.norm(parameters, part), GradientClipping.norm(gradients, part));
    float decay = (float) weightDecay;
    float stepSize = (float) learningRate;
    for (int i = part.from(); i < part.to(); i++) {
      velocity[i] = (float) momentum * velocity[i] + factor * (gradients[i] + decay * parameters[i]);
      parameters[i] -= stepSize * velocity[i];
    }
  }

  private double trustRatio(double weights, double gradient) {
    return weights > 0 && gradient > 0 ? trust * weights / (gradient + weightDecay * weights + epsilon) : 1;
  }
}
