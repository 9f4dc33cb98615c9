package dev.fovea.optim;

import dev.fovea.tensor.FoveaException;

/**
 * Stochastic gradient descent with PyTorch's momentum: {@code g += weightDecay * w; v = momentum * v + (1 - dampening) * g} (at
 * first {@code v = g}); {@code w -= lr * v}, with Nesterov momentum {@code w -= lr * (g + momentum * v)}. The learning rate
 * is not part of the velocity: in Sutskever et al. 2013 and Caffe it is, which differs if the learning rate changes.
 */
public record Sgd(double momentum, double dampening, boolean nesterov, double weightDecay) implements Optimizer {
  public Sgd {
    Hyperparameter.require("momentum", momentum, 1);
    Hyperparameter.require("dampening", dampening, Hyperparameter.UNBOUNDED);
    Hyperparameter.require("weight decay", weightDecay, Hyperparameter.UNBOUNDED);
    if (nesterov && (momentum == 0 || dampening != 0)) {
      throw new FoveaException(
          "Nesterov momentum needs a momentum above 0 and no dampening, got " + momentum + " and " + dampening);
    }
  }

  /** Without momentum. */
  public static Sgd plain() {
    return momentum(0);
  }

  public static Sgd momentum(double momentum) {
    return new Sgd(momentum, 0, false, 0);
  }

  public Sgd dampening(double dampening) {
    return new Sgd(momentum, dampening, nesterov, weightDecay);
  }

  public Sgd nesterov(boolean nesterov) {
    return new Sgd(momentum, dampening, nesterov, weightDecay);
  }

  @Override
  public Sgd weightDecay(double weightDecay) {
    return new Sgd(momentum, dampening, nesterov, weightDecay);
  }

  @Override
  public int slots() {
    return momentum == 0 ? 0 : 1;
  }

  @Override
  public void step(float[] parameters, float[] gradients, Span part, float[][] slots, double learningRate, long step) {
    float stepSize = (float) learningRate;
    float decay = (float) weightDecay;
    if (momentum == 0) {
      descend(parameters, gradients, part, stepSize, decay);
      return;
    }
    float[] velocity = slots[0];
    accumulate(velocity, parameters, gradients, part, decay, (float) momentum, step == 0 ? 1 : (float) (1 - dampening));
    if (nesterov) {
      nesterovStep(parameters, gradients, velocity, part, stepSize, decay, (float) momentum);
    } else {
      descend(parameters, velocity, part, stepSize, 0);
    }
  }

  private static void descend(float[] w, float[] g, Span part, float stepSize, float decay) {
    for (int i = part.from(); i < part.to(); i++) {
      w[i] -= stepSize * (g[i] + decay * w[i]);
    }
  }

  private static void accumulate(float[] v, float[] w, float[] g, Span part, float decay, float momentum, float share) {
    for (int i = part.from(); i < part.to(); i++) {
      v[i] = momentum * v[i] + share * (g[i] + decay * w[i]);
    }
  }

  private static void nesterovStep(float[] w, float[] g, float[] v, Span part, float stepSize, float decay, float momentum) {
    for (int i = part.from(); i < part.to(); i++) {
      w[i] -= stepSize * (g[i] + decay * w[i] + momentum * v[i]);
    }
  }
}
