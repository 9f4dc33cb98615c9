package dev.fovea.explain.input;

import dev.fovea.explain.Pass;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.List;
import java.util.Optional;

/**
 * The network run backwards: filters transposed, max pooling undone by its switches, and rectifiers that rectify what comes back:
 * Zeiler and Fergus 2014 (Visualizing and understanding convolutional networks, arXiv 1311.2901), section 2.1. So a rectifier passes
 * what is positive backward, wherever it was active forward.
 */
public record Deconvnet() implements InputMethod {
  /** Max pooling's derivative uses its switches, and a convolution's is the transposed one: only rectifiers differ. */
  public static final Gradients.Rule RULE = step -> Rectifiers.isRectifier(step.node().op())
      ? Optional.of(List.of(step.g().op(new Op.Relu(), step.dy())))
      : Optional.empty();

  @Override
  public String name() {
    return "deconvnet";
  }

  @Override
  public Value map(Pass pass) {
    return pass.gradient(pass.input(), RULE);
  }
}
