package dev.fovea.explain.input;

import dev.fovea.explain.Attribution;
import dev.fovea.explain.Pass;
import dev.fovea.graph.Value;

/**
 * The derivative of the score by each number of the input, times that number: for a linear network its part of the score. Shrikumar et
 * al. 2016 (Not just a black box, arXiv 1605.01713), section 2.
 */
public record GradientXInput() implements InputMethod {
  @Override
  public String name() {
    return "gradient-x-input";
  }

  @Override
  public Attribution.Kind kind() {
    return Attribution.Kind.CONTRIBUTION;
  }

  @Override
  public Value map(Pass pass) {
    return pass.g().mul(pass.gradient(pass.input()), pass.input());
  }
}
