package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;

/**
 * The sum of what two branches make of the same input: He et al. 2016 (arXiv 1512.03385). The activation follows.
 *
 * @param shortcut the branch around; {@link #of} has the input itself
 */
public record Residual(Layer body, Layer shortcut) implements Layer {
  public static Residual of(Layer body) {
    return new Residual(body, (_, x) -> x);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.add(body.apply(g, x), shortcut.apply(g, x));
  }
}
