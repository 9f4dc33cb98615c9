package dev.fovea.optim;

import dev.fovea.tensor.FoveaException;

/**
 * How a parameter is updated, in the sense of PyTorch's parameter groups.
 *
 * @param rate the factor of the learning rate; 0: the parameter and its slots are not touched
 * @param decays whether weight decay applies
 * @param since the number of steps before its first; the parameter is not touched before
 */
public record ParameterGroup(double rate, boolean decays, long since) {
  /** The learning rate as it is, with weight decay, from the first step on. */
  public static final ParameterGroup ALL = new ParameterGroup(1, true, 0);

  /** Not touched. */
  public static final ParameterGroup FROZEN = new ParameterGroup(0, true, 0);

  public ParameterGroup {
    if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new FoveaException("the factor of a learning rate must be 0 or more, got " + rate);
    }
  }
}
