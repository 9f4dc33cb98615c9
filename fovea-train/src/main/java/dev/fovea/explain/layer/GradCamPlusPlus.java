package dev.fovea.explain.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import java.util.Optional;

/**
 * Maps weighted by their positive gradients, each element by its part in the score, so that several objects of a class all show:
 * Chattopadhay et al. 2018 (Grad-CAM++, arXiv 1710.11063), section 3.2. The exponential of the score, a factor of the whole map, is
 * left out.
 */
public record GradCamPlusPlus(Optional<String> layer) implements LayerMethod {
  @Override
  public String name() {
    return "grad-cam++";
  }

  @Override
  public Value map(GraphBuilder g, Value maps, Value gradient) {
    Value square = g.mul(gradient, gradient);
    Value sum = g.op(new Op.Sum(3), g.op(new Op.Sum(2), maps));
    Value divisor = g.add(g.mul(square, g.number(2)), g.mul(sum, g.mul(square, gradient)));
    Value one = g.number(1);
    Value zero = g.number(0);
    Value nonzero = g.op(new Op.Where(), divisor, divisor, one);
    Value alpha = g.op(new Op.Where(), divisor, g.op(new Op.Div(), square, nonzero), zero); // equation 19
    Value positive = g.mul(alpha, g.op(new Op.Relu(), gradient));
    Value weights = g.op(new Op.Sum(3), g.op(new Op.Sum(2), positive)); // equation 15
    return g.op(new Op.Relu(), g.op(new Op.Sum(1), g.mul(weights, maps))); // equation 16
  }
}
