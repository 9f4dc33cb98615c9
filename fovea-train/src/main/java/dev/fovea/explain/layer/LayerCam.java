package dev.fovea.explain.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.Optional;

/**
 * Maps weighted element by element with their positive gradients, which suits early layers, too: Jiang et al. 2021 (LayerCAM, IEEE
 * Transactions on Image Processing 30), equations 4 to 6.
 */
public record LayerCam(Optional<String> layer) implements LayerMethod {
  @Override
  public String name() {
    return "layer-cam";
  }

  @Override
  public Value map(GraphBuilder g, Value maps, Value gradient) {
    Value weights = g.op(new Op.Relu(), gradient);
    return g.op(new Op.Relu(), g.op(new Op.Sum(1), g.mul(weights, maps)));
  }
}
