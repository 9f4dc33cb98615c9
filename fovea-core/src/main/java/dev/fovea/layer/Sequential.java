package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import java.util.List;

/** Layers in sequence. A layer without a name is named by its index, as in PyTorch: {@code features.3}. */
public record Sequential(List<Layer> layers) implements Layer {
  public Sequential {
    layers = List.copyOf(layers);
  }

  public static Sequential of(Layer... layers) {
    return new Sequential(List.of(layers));
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Value y = x;
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      y = (layer instanceof Named ? layer : layer.named(String.valueOf(i))).apply(g, y);
    }
    return y;
  }
}
