package dev.fovea.zoo;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.tensor.FoveaException;
import java.util.List;

/**
 * A multilayer perceptron: the flattened image, one to five hidden layers, and a linear output per class. Rumelhart,
 * Hinton, Williams: Learning representations by back-propagating errors, Nature 323, 1986.
 */
public record Mlp(List<Integer> hidden, int classes, Activation activation) implements Layer {
  private static final int MAX_HIDDEN = 5;

  public Mlp {
    hidden = List.copyOf(hidden);
    if (hidden.isEmpty() || hidden.size() > MAX_HIDDEN || hidden.stream().anyMatch(n -> n < 1)) {
      throw new FoveaException(
          "mlp expects 1 to " + MAX_HIDDEN + " hidden layers of 1 unit or more, as in 128,64; got " + hidden);
    }
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Value y = new Flatten().apply(g, x);
    for (int i = 0; i < hidden.size(); i++) {
      y = activation.apply(g, Linear.of(activation.pieces() * hidden.get(i)).named("hidden." + i).apply(g, y));
    }
    return Linear.of(classes).named("output").apply(g, y);
  }
}
