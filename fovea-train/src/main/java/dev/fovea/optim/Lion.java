package dev.fovea.optim;

/**
 * Chen et al. 2023 (arXiv 2302.06675, program 1): {@code w -= lr * (sign(beta1 * m + (1 - beta1) * g) + weightDecay * w)}, then
 * {@code m = beta2 * m + (1 - beta2) * g}. Each weight moves by the learning rate, so that this is a tenth of Adam's or less.
 */
public record Lion(double beta1, double beta2, double weightDecay) implements Optimizer {
  public Lion {
    Hyperparameter.require("beta 1", beta1, 1);
    Hyperparameter.require("beta 2", beta2, 1);
    Hyperparameter.require("weight decay", weightDecay, Hyperparameter.UNBOUNDED);
  }

  /** Betas 0.9 and 0.99, no weight decay. */
  public static Lion standard() {
    return new Lion(0.9, 0.99, 0);
  }

  public Lion betas(double beta1, double beta2) {
    return new Lion(beta1, beta2, weightDecay);
  }

  @Override
  public Lion weightDecay(double weightDecay) {
    return new Lion(beta1, beta2, weightDecay);
  }

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public void step(float[] parameters, float[] gradients, Span part, float[][] slots, double learningRate, long step) {
    float[] mean = slots[0];
    float stepSize = (float) learningRate;
    float kept = (float) (1 - learningRate * weightDecay);
    float old = (float) beta1;
    float now = (float) (1 - beta1);
    for (int i = part.from(); i < part.to(); i++) {
      parameters[i] = kept * parameters[i] - stepSize * Math.signum(old * mean[i] + now * gradients[i]);
    }
    MovingAverages.average(mean, parameters, gradients, part, 0, (float) (1 - beta2));
  }
}
