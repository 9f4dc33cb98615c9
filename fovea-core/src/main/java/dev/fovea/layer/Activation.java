package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.Locale;

/** The activations that need no setting. */
public enum Activation implements Layer {
  /** {@code max(0, x)}: Nair and Hinton 2010; the first to try. */
  RELU(new Op.Relu()),
  /** x, or 0.01 x below zero, so that no unit dies: Maas et al. 2013. */
  LEAKY_RELU(new Op.LeakyRelu(0.01f)),
  /** {@code 1 / (1 + exp(-x))}; saturates on both sides, so deep networks of it learn slowly. */
  SIGMOID(new Op.Sigmoid()),
  /** A sigmoid centred on zero: LeCun et al. 1998, Efficient BackProp, section 4.4. */
  TANH(new Op.Tanh());

  private final Op op;

  Activation(Op op) {
    this.op = op;
  }

  /** The name as a command line spells it, {@code leaky-relu}. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    return g.op(op, x);
  }
}
