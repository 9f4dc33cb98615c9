package dev.fovea.optim;

import dev.fovea.optim.Optimizer.Span;
import dev.fovea.tensor.FoveaException;

/**
 * A bound of the gradients before a step, as in PyTorch: by value, each into {@code [-limit, limit]}; by norm, all multiplied so that
 * the Euclidean norm of all together is at most the limit (Pascanu et al. 2013, arXiv 1211.5063, algorithm 1).
 *
 * @param limit 0: no bound
 */
public record GradientClipping(Kind kind, double limit) {
  /** What is bounded. */
  public enum Kind {
    NORM, VALUE
  }

  /** Gradients as they are. */
  public static final GradientClipping NONE = new GradientClipping(Kind.NORM, 0);

  /** Added to the norm, as PyTorch does. */
  private static final double EPSILON = 1e-6;

  public GradientClipping {
    if (!(limit >= 0 && limit < Double.POSITIVE_INFINITY)) {
      throw new FoveaException("the limit of gradients must be above 0, got " + limit);
    }
  }

  /** Changes the first {@code count} gradients. */
  public void apply(float[] gradients, int count) {
    if (limit == 0) {
      return;
    }
    switch (kind) {
      case VALUE -> {
        float bound = (float) limit;
        for (int i = 0; i < count; i++) {
          gradients[i] = Math.clamp(gradients[i], -bound, bound);
        }
      }
      case NORM -> {
        double factor = limit / (norm(gradients, new Span(0, count)) + EPSILON);
        for (int i = 0; factor < 1 && i < count; i++) {
          gradients[i] *= (float) factor;
        }
      }
    }
  }

  /** The Euclidean norm of a range, summed in the order of the elements, so that it has the same bits everywhere. */
  static double norm(float[] values, Span part) {
    double sum = 0;
    for (int i = part.from(); i < part.to(); i++) {
      sum += (double) values[i] * values[i];
    }
    return Math.sqrt(sum);
  }
}
