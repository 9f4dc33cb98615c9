package dev.fovea.explain.input;

import dev.fovea.explain.Pass;
import dev.fovea.graph.Value;

/**
 * The derivative of the score by each number of the input, with its sign: Simonyan, Vedaldi, Zisserman 2014 (Deep inside convolutional
 * networks, arXiv 1312.6034), equation 3.
 */
public record Saliency() implements InputMethod {
  @Override
  public String name() {
    return "saliency";
  }

  @Override
  public Value map(Pass pass) {
    return pass.gradient(pass.input());
  }
}
