package dev.fovea.optim;

/** Adam with decoupled weight decay, applied to the weights, not to the moments: Loshchilov and Hutter 2019 (arXiv 1711.05101). */
public record AdamW(double beta1, double beta2, double epsilon, double weightDecay) implements Optimizer {
  public AdamW {
    Hyperparameter.require("beta 1", beta1, 1);
    Hyperparameter.require("beta 2", beta2, 1);
    Hyperparameter.require("epsilon", epsilon, Hyperparameter.UNBOUNDED);
    Hyperparameter.require("weight decay", weightDecay, Hyperparameter.UNBOUNDED);
  }

  /** Betas 0.9 and 0.999, epsilon 1e-8, weight decay 0.01. */
  public static AdamW standard() {
    return new AdamW(0.9, 0.999, 1e-8, 0.01);
  }

  public AdamW betas(double beta1, double beta2) {
    return new AdamW(beta1, beta2, epsilon, weightDecay);
  }

  public AdamW epsilon(double epsilon) {
    return new AdamW(beta1, beta2, epsilon, weightDecay);
  }

  @Override
  public AdamW weightDecay(double weightDecay) {
    return new AdamW(beta1, beta2, epsilon, weightDecay);
  }

  @Override
  public int slots() {
    return 2;
  }

  @Override
  public void step(float[] parameters, float[] gradients, Span part, float[][] slots, double learningRate, long step) {
    decay(parameters, part, (float) (1 - learningRate * weightDecay));
    new Adam(beta1, beta2, epsilon, 0, false).step(parameters, gradients, part, slots, learningRate, step);
  }

  private static void decay(float[] w, Span part, float factor) {
    for (int i = part.from(); i < part.to(); i++) {
      w[i] *= factor;
    }
  }
}
