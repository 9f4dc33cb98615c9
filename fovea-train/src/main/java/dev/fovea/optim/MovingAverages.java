package dev.fovea.optim;

import dev.fovea.optim.Optimizer.Span;

/** Exponential moving averages over the steps, held in optimizer slots. The gradient is {@code g + decay * w}. */
final class MovingAverages {
  private MovingAverages() {}

  /** {@code m += share * (gradient - m)}. */
  static void average(float[] m, float[] w, float[] g, Span part, float decay, float share) {
    for (int i = part.from(); i < part.to(); i++) {
      m[i] += share * (g[i] + decay * w[i] - m[i]);
    }
  }

  /** {@code v = keep * v + share * gradient^2}. */
  static void averageSquares(float[] v, float[] w, float[] g, Span part, float decay, float keep, float share) {
    for (int i = part.from(); i < part.to(); i++) {
      float gradient = g[i] + decay * w[i];
      v[i] = keep * v[i] + share * gradient * gradient;
    }
  }
}
