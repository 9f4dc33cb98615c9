package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;

/**
 * Logistic regression, the smallest network: one sigmoid unit for two classes. Its output is the unit's logit; the sigmoid is
 * part of the loss and of the prediction (Cox 1958).
 */
public record Logistic() implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return Linear.of(1).named("output").apply(g, new Flatten().apply(g, x));
  }
}
