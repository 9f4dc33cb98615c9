package dev.fovea.layer;

import dev.fovea.graph.Init;

/**
 * How a layer's weights and biases are initialised, as a function of fan-in (inputs per output) and fan-out (outputs per input).
 */
public enum WeightInit {
  /** PyTorch's default: uniform with bound {@code 1 / sqrt(fanIn)}, also for biases. */
  TORCH,
  /** He et al. 2015: normal with std {@code sqrt(2 / fanIn)}, which preserves the variance in the forward pass; biases 0. */
  HE,
  /** The same with fanOut, which preserves it in the backward pass: torchvision's VGG and ResNet. */
  HE_OUT,
  /** Glorot and Bengio 2010: uniform with bound {@code sqrt(6 / (fanIn + fanOut))}; biases 0. */
  XAVIER,
  /** Normal with std 0.01, biases 0: Krizhevsky et al. 2012, section 5. */
  NORMAL_001,
  /** All 0: for a score that is added to others and has no effect at first (Long et al. 2015, section 4.2). */
  ZERO;

  public Init weight(int fanIn, int fanOut) {
    return switch (this) {
      case TORCH -> Init.torch(fanIn);
      case HE -> Init.he(fanIn);
      case HE_OUT -> Init.he(fanOut);
      case XAVIER -> new Init.Uniform((float) Math.sqrt(6.0 / ((double) fanIn + fanOut)));
      case NORMAL_001 -> new Init.Normal(0.01f);
      case ZERO -> new Init.Constant(0);
    };
  }

  public Init bias(int fanIn) {
    return this == TORCH ? Init.torch(fanIn) : new Init.Constant(0);
  }
}
