package dev.fovea.explain.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.Optional;

/**
 * Maps weighted by the mean of their gradients: Selvaraju et al. 2017 (Grad-CAM, arXiv 1610.02391), section 3. Before a global average
 * pool and one fully connected layer it is the class activation map of Zhou et al. 2016, divided by the number of the map's elements.
 */
public record GradCam(Optional<String> layer) implements LayerMethod {
  /** Of the last maps before the classifier. */
  public static final GradCam LAST_MAPS = new GradCam(Optional.empty());

  @Override
  public String name() {
    return "grad-cam";
  }

  @Override
  public Value map(GraphBuilder g, Value maps, Value gradient) {
    Value weights = g.op(new Op.AdaptiveAveragePool(1, 1), gradient); // equation 1
    Value sum = g.op(new Op.Sum(1), g.mul(weights, maps));
    return g.op(new Op.Relu(), sum); // equation 2
  }
}
