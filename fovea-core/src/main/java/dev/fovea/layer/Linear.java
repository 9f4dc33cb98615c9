package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;

/** A fully connected layer from {@code [N, in]} to {@code [N, out]}. The inputs are inferred; maps must be flattened first. */
public record Linear(int outFeatures, boolean bias, Initial initial) implements Layer {

  public static Linear of(int outFeatures) {
    return new Linear(outFeatures, true, Initial.TORCH);
  }

  public Linear bias(boolean bias) {
    return new Linear(outFeatures, bias, initial);
  }

  public Linear initial(Initial initial) {
    return new Linear(outFeatures, bias, initial);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Shape shape = g.shape(x);
    if (shape.rank() != 2) {
      throw new FoveaException(g.qualified("Linear") + " expects N x features, got " + shape + ": add a Flatten layer before it");
    }
    int inputs = shape.dim(1);
    Value w = g.param("weight", Shape.of(outFeatures, inputs), initial.weight(inputs, outFeatures));
    Op product = new Op.Gemm(false, true);
    return bias ? g.op(product, x, w, g.param("bias", Shape.of(outFeatures), initial.bias(inputs))) : g.op(product, x, w);
  }
}
