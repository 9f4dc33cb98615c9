package dev.fovea.optim;

/**
 * Duchi et al. 2011 (JMLR 12, figure 1, diagonal), in PyTorch's form: {@code s += g^2; w -= lr / (1 + step * rateDecay) * g /
 * (sqrt(s) + epsilon)}, weight decay added to the gradient.
 */
public record Adagrad(double rateDecay, double epsilon, double weightDecay) implements Optimizer {
  public Adagrad {
    Hyperparameter.require("rate decay", rateDecay, Hyperparameter.ANY);
    Hyperparameter.require("epsilon", epsilon, Hyperparameter.ANY);
    Hyperparameter.require("weight decay", weightDecay, Hyperparameter.ANY);
  }

  /** No rate decay, epsilon 1e-10, no weight decay. */
  public static Adagrad standard() {
    return new Adagrad(0, 1e-10, 0);
  }

  public Adagrad rateDecay(double rateDecay) {
    return new Adagrad(rateDecay, epsilon, weightDecay);
  }

  public Adagrad epsilon(double epsilon) {
    return new Adagrad(rateDecay, epsilon, weightDecay);
  }

  public Adagrad weightDecay(double weightDecay) {
    return new Adagrad(rateDecay, epsilon, weightDecay);
  }

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public void step(float[] parameters, float[] gradients, Span part, float[][] slots, double learningRate, long step) {
    float decay = (float) weightDecay;
    float rate = (float) (learningRate / (1 + step * rateDecay));
    float[] sum = slots[0];
    MovingAverages.averageSquares(sum, parameters, gradients, part, decay, 1, 1);
    for (int i = part.from(); i < part.to(); i++) {
      parameters[i] -= rate * ((gradients[i] + decay * parameters[i]) / ((float) Math.sqrt(sum[i]) + (float) epsilon));
    }
  }
}
