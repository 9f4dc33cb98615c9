package dev.fovea.optim;

/**
 * Zhuang et al. 2020 (arXiv 2010.07468, algorithm 2): Adam whose divisor is the distance of the gradient from its mean, {@code s =
 * beta2 * s + (1 - beta2) * (g - m)^2 + epsilon}. Weight decay is decoupled, as in the authors' code, without rectification.
 */
public record AdaBelief(double beta1, double beta2, double epsilon, double weightDecay) implements Optimizer {
  public AdaBelief {
    Hyperparameter.require("beta 1", beta1, 1);
    Hyperparameter.require("beta 2", beta2, 1);
    Hyperparameter.require("epsilon", epsilon, Hyperparameter.UNBOUNDED);
    Hyperparameter.require("weight decay", weightDecay, Hyperparameter.UNBOUNDED);
  }

  /** Betas 0.9 and 0.999, epsilon 1e-16, no weight decay. */
  public static AdaBelief standard() {
    return new AdaBelief(0.9, 0.999, 1e-16, 0);
  }

  public AdaBelief betas(double beta1, double beta2) {
    return new AdaBelief(beta1, beta2, epsilon, weightDecay);
  }

  public AdaBelief epsilon(double epsilon) {
    return new AdaBelief(beta1, beta2, epsilon, weightDecay);
  }

  @Override
  public AdaBelief weightDecay(double weightDecay) {
    return new AdaBelief(beta1, beta2, epsilon, weightDecay);
  }

  @Override
  public int slots() {
    return 2;
  }

  @Override
  public void step(float[] parameters, float[] gradients, Span part, float[][] slots, double learningRate, long step) {
    float[] mean = slots[0];
    float[] variance = slots[1];
    MovingAverages.average(mean, parameters, gradients, part, 0, (float) (1 - beta1));
    float kept = (float) (1 - learningRate * weightDecay);
    float stepSize = (float) (learningRate / (1 - StrictMath.pow(beta1, step + 1.0)));
    float scale = (float) (1 / Math.sqrt(1 - StrictMath.pow(beta2, step + 1.0)));
    float old = (float) beta2;
    float now = (float) (1 - beta2);
    float least = (float) epsilon;
    for (int i = part.from(); i < part.to(); i++) {
      float surprise = gradients[i] - mean[i];
      variance[i] = old * variance[i] + now * surprise * surprise + least;
      parameters[i] = kept * parameters[i] - stepSize * (mean[i] / ((float) Math.sqrt(variance[i]) * scale + least));
    }
  }
}
