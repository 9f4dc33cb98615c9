package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;

/**
 * Max pooling, an inner layer, and unpooling: each value returns to the position of its window's maximum (the switches of Zeiler et
 * al. 2011). The inner layer must keep the shape.
 */
public record PoolUnpool2d(Window window, Layer inside) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    Value pooled = inside.apply(g, g.op(new Op.MaxPool(window), x));
    return g.op(new Op.MaxUnpool(window), x, pooled);
  }
}
