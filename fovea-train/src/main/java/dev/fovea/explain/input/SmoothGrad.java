package dev.fovea.explain.input;

import dev.fovea.explain.Answer;
import dev.fovea.explain.Attribution;
import dev.fovea.explain.Explainer;
import dev.fovea.explain.Method;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Tensor;
import java.util.Map;
import java.util.Optional;

/**
 * The mean of the gradients of noisy copies of the input: Smilkov et al. 2017 (SmoothGrad, arXiv 1706.03825), section 3.
 *
 * @param samples the number of copies
 * @param noise the standard deviation of the normal noise, as a part of the input's range from its smallest to its largest number
 */
public record SmoothGrad(int samples, double noise, long seed) implements Method {
  private static final int MAX_SAMPLES = 1_000_000;

  /** The paper's. */
  public SmoothGrad(long seed) {
    this(25, 0.15, seed);
  }

  public SmoothGrad {
    if (samples < 1 || samples > MAX_SAMPLES || !(noise >= 0 && noise < Double.POSITIVE_INFINITY)) {
      throw new FoveaException(
          "smoothgrad: expected 1 to " + MAX_SAMPLES + " samples and a noise of 0 or more, got " + samples + " and " + noise);
    }
  }

  @Override
  public String name() {
    return "smoothgrad";
  }

  @Override
  public int passes(Explainer network) {
    return samples;
  }

  @Override
  public Attribution explain(Explainer network, Tensor input, Answer answer) {
    float[] x = input.values();
    float low = x[0];
    float high = x[0];
    for (float value : x) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    float std = (float) (noise * (high - low));
    Rng random = Rng.of(seed).at(name());
    float[] mean = Averaged.gradients(network, input, answer, samples, (sample, to, offset) -> {
      Rng own = random.at(sample);
      for (int i = 0; i < x.length; i++) {
        to[offset + i] = x[i] + std * own.gaussian(i);
      }
    });
    return new Attribution(name(), Attribution.Kind.SENSITIVITY, answer, Optional.empty(),
        new Tensor(input.shape().withoutBatch(), mean), Map.of());
  }
}
