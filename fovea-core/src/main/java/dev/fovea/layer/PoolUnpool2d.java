package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;

/**
 * Max pooling, what is inside, and unpooling: each number goes back to where its window's maximum stood (the switches of Zeiler et
 * al. 2011). What is inside must keep the shape.
 */
public record PoolUnpool2d(Window window, Layer inside) implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    Value pooled = inside.apply(g, g.op(new Op.MaxPool(window), x));
    return g.op(new Op.MaxUnpool(window), x, pooled);
  }
}
