package dev.fovea.explain.input;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Method;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Tensor;
import java.util.Map;
import java.util.Optional;

/**
 * The gradients along the straight line from a baseline of zeros to the input, integrated, times the input: Sundararajan, Taly, Yan
 * 2017 (Axiomatic attribution for deep networks, arXiv 1703.01365), equation 1. The map's sum is the score minus the baseline's (its
 * completeness), but for the error of the sum that approximates the integral.
 *
 * @param steps midpoints of the line
 */
public record IntegratedGradients(int steps) implements Method {
  /** In {@link Attribution#errors}: how far the map's sum is from the difference of the scores. */
  public static final String COMPLETENESS = "completeness";

  private static final int MAX_STEPS = 1_000_000;

  /** 50 steps. */
  public IntegratedGradients() {
    this(50);
  }

  public IntegratedGradients {
    if (steps < 1 || steps > MAX_STEPS) {
      throw new FoveaException("integrated-gradients: expected 1 to " + MAX_STEPS + " steps, got " + steps);
    }
  }

  @Override
  public String name() {
    return "integrated-gradients";
  }

  @Override
  public int passes(Explainer network) {
    return steps;
  }

  @Override
  public Attribution explain(Explainer network, Tensor input, Answer answer) {
    float[] x = input.values();
    float[] map = Averaged.gradients(network, input, answer, steps, (step, to, offset) -> {
      float share = (step + 0.5f) / steps;
      for (int i = 0; i < x.length; i++) {
        to[offset + i] = share * x[i];
      }
    });
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      map[i] *= x[i];
      sum += map[i];
    }
    Tensor zeros = new Tensor(input.shape(), new float[x.length]);
    double difference = answer.score() - network.score(zeros, answer);
    return new Attribution(name(), Attribution.Kind.CONTRIBUTION, answer, Optional.empty(),
        new Tensor(input.shape().withoutBatch(), map),
        Map.of(COMPLETENESS, sum - difference));
  }
}
