package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/** Probabilities along axis 1. Losses on logits include it, so a network for training does not end in one. */
public record Softmax() implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Softmax(), x);
  }
}
