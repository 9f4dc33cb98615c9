package dev.fovea.explain.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.Optional;

/**
 * Maps times their gradients, element by element: Draelos and Carin 2020 (Use HiResCAM instead of Grad-CAM, arXiv 2011.08891), equation
 * 5. Unlike Grad-CAM's it shows no place that the score does not depend on.
 */
public record HiResCam(Optional<String> layer) implements LayerMethod {
  @Override
  public String name() {
    return "hires-cam";
  }

  @Override
  public Value map(GraphBuilder g, Value maps, Value gradient) {
    return g.op(new Op.Relu(), g.op(new Op.Sum(1), g.mul(gradient, maps)));
  }
}
