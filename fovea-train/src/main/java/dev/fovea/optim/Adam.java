package dev.fovea.optim;

/**
 * Kingma and Ba 2014 (arXiv 1412.6980, algorithm 1), in PyTorch's form: weight decay is added to the gradient, epsilon to the
 * root of the corrected second moment. With {@code amsgrad} the divisor is the largest second moment so far (Reddi et al. 2018).
 */
public record Adam(double beta1, double beta2, double epsilon, double weightDecay, boolean amsgrad) implements Optimizer {
  public Adam {
    Hyperparameter.require("beta 1", beta1, 1);
    Hyperparameter.require("beta 2", beta2, 1);
    Hyperparameter.require("epsilon", epsilon, Hyperparameter.UNBOUNDED);
    Hyperparameter.require("weight decay", weightDecay, Hyperparameter.UNBOUNDED);
  }

  /** Betas 0.9 and 0.999, epsilon 1e-8, no weight decay. */
  public static Adam standard() {
    return new Adam(0.9, 0.999, 1e-8, 0, false);
  }

  public Adam betas(double beta1, double beta2) {
    return new Adam(beta1, beta2, epsilon, weightDecay, amsgrad);
  }

  public Adam epsilon(double epsilon) {
    return new Adam(beta1, beta2, epsilon, weightDecay, amsgrad);
  }

  @Override
  public Adam weightDecay(double weightDecay) {
    return new Adam(beta1, beta2, epsilon, weightDecay, amsgrad);
  }

  public Adam amsgrad(boolean amsgrad) {
    return new Adam(beta1, beta2, epsilon, weightDecay, amsgrad);
  }

  @Override
  public int slots() {
    return amsgrad ? 3 : 2;
  }

  @Override
  public void step(float[] parameters, float[] gradients, Span part, float[][] slots, double learningRate, long step) {
    MovingAverages.average(slots[0], parameters, gradients, part, (float) weightDecay, (float) (1 - beta1));
    MovingAverages.averageSquares(slots[1], parameters, gradients, part, (float) weightDecay, (float) beta2, (float) (1 - beta2));
    if (amsgrad) {
      updateMax(slots[2], slots[1], part);
    }
    double correction1 = 1 - StrictMath.pow(beta1, step + 1.0);
    double correction2 = 1 - StrictMath.pow(beta2, step + 1.0);
    float stepSize = (float) (learningRate / correction1);
    float scale = (float) (1 / Math.sqrt(correction2));
    descend(parameters, slots[0], slots[amsgrad ? 2 : 1], part, stepSize, scale, (float) epsilon);
  }

  private static void updateMax(float[] max, float[] v, Span part) {
    for (int i = part.from(); i < part.to(); i++) {
      max[i] = Math.max(max[i], v[i]);
    }
  }

  private static void descend(float[] w, float[] m, float[] v, Span part, float stepSize, float scale, float epsilon) {
    for (int i = part.from(); i < part.to(); i++) {
      w[i] -= stepSize * (m[i] / ((float) Math.sqrt(v[i]) * scale + epsilon));
    }
  }
}
