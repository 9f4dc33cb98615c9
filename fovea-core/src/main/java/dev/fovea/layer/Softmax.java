package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;

/** Probabilities along axis 1. A loss that takes logits has it inside: a network that is trained does not end in one. */
public record Softmax() implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(new Op.Softmax(), x);
  }
}
