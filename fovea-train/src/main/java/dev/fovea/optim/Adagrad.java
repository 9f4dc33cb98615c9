package dev.fovea.optim;

/**
 * Duchi et al. 2011 (JMLR 12, figure 1, diagonal), in PyTorch's form: {@code s += g^2; w -= lr / (1 + step *
 * learningRateDecay) * g / (sqrt(s) + epsilon)}, weight decay added to the gradient.
 */
public record Adagrad(double learningRateDecay, double epsilon, double weightDecay) implements Optimizer {
  public Adagrad {
    Hyperparameter.require("learning rate decay", learningRateDecay, Hyperparameter.UNBOUNDED);
    Hyperparameter.require("epsilon", epsilon, Hyperparameter.UNBOUNDED);
    Hyperparameter.require("weight decay", weightDecay, Hyperparameter.UNBOUNDED);
  }

  /** No learning rate decay, epsilon 1e-10, no weight decay. */
  public static Adagrad standard() {
    return new Adagrad(0, 1e-10, 0);
  }

  public Adagrad learningRateDecay(double learningRateDecay) {
    return new Adagrad(learningRateDecay, epsilon, weightDecay);
  }

  public Adagrad epsilon(double epsilon) {
    return new Adagrad(learningRateDecay, epsilon, weightDecay);
  }

  @Override
  public Adagrad weightDecay(double weightDecay) {
    return new Adagrad(learningRateDecay, epsilon, weightDecay);
  }

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public void step(float[] parameters, float[] gradients, Span part, float[][] slots, double learningRate, long step) {
    float decay = (float) weightDecay;
    float stepSize = (float) (learningRate / (1 + step * learningRateDecay));
    float[] sum = slots[0];
    MovingAverages.averageSquares(sum, parameters, gradients, part, decay, 1, 1);
    for (int i = part.from(); i < part.to(); i++) {
      parameters[i] -= stepSize * ((gradients[i] + decay * parameters[i]) / ((float) Math.sqrt(sum[i]) + (float) epsilon));
    }
  }
}
