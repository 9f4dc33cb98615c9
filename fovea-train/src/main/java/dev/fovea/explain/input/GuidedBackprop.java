package dev.fovea.explain.input;

import dev.fovea.explain.Pass;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.Optional;

/**
 * Back-propagation, but a rectifier passes only what is positive, both forward and backward: Springenberg et al. 2015 (Striving for
 * simplicity, arXiv 1412.6806), section 3.4. Its maps hardly depend on the class, nor on the weights of the last layers (Adebayo et al.
 * 2018).
 */
public record GuidedBackprop() implements InputMethod {
  private static final Gradients.Rule RULE = step -> Rectifiers.isRectifier(step.node().op())
      ? Optional.of(step.derivative(step.g().op(new Op.Relu(), step.dy())))
      : Optional.empty();

  @Override
  public String name() {
    return "guided-backprop";
  }

  @Override
  public Value map(Pass pass) {
    return pass.gradient(pass.input(), RULE);
  }
}
