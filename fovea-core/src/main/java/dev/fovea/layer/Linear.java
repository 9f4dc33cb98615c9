package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;

/** A fully connected layer from {@code [N, in]} to {@code [N, out]}. The inputs are inferred; maps must be flattened first. */
public record Linear(int outFeatures, boolean bias, WeightInit init) implements Layer {

  public static Linear of(int outFeatures) {
    return new Linear(outFeatures, true, WeightInit.TORCH);
  }

  public Linear bias(boolean bias) {
    return new Linear(outFeatures, bias, init);
  }

  public Linear init(WeightInit init) {
    return new Linear(outFeatures, bias, init);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Shape shape = g.shape(x);
    if (shape.rank() != 2) {
      throw new FoveaException(g.qualified("Linear") + " expects N x features, got " + shape + ": add a Flatten layer before it");
    }
    int inputs = shape.dim(1);
    Value w = g.param("weight", Shape.of(outFeatures, inputs), init.weight(inputs, outFeatures));
    Op product = new Op.Gemm(false, true);
    return bias ? g.op(product, x, w, g.param("bias", Shape.of(outFeatures), init.bias(inputs))) : g.op(product, x, w);
  }
}
