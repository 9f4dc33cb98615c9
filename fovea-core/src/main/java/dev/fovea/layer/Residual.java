package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;

/**
 * The sum of two branches on the same input: He et al. 2016 (arXiv 1512.03385). The activation is not included.
 *
 * @param shortcut the shortcut branch; with {@link #of} it is the identity
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
