package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;

/** x, or below zero x times a learned slope per channel. He et al. 2015 (arXiv 1502.01852). Initialised to 0.25. */
public record PRelu() implements Layer {
  @Override
  public Value apply(GraphBuilder g, Value x) {
    Shape perChannel = g.shape(x).perChannel();
    Value below = g.op(new Op.Clip(-Float.MAX_VALUE, 0), x);
    return g.add(g.op(new Op.Relu(), x), g.mul(below, g.param("weight", perChannel, new Init.Constant(0.25f))));
  }
}
