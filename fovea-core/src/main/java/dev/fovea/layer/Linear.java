package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;

/** A fully connected layer: of {@code [N, in]} it makes {@code [N, out]}. The inputs are inferred; maps are flattened before it. */
public record Linear(int outFeatures, boolean bias) implements Layer {

  public static Linear of(int outFeatures) {
    return new Linear(outFeatures, true);
  }

  public Linear bias(boolean bias) {
    return new Linear(outFeatures, bias);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    Shape shape = g.shape(x);
    if (shape.rank() != 2) {
      throw new FoveaException(g.qualified("Linear") + " expects N x features, got " + shape + ": put a Flatten before it");
    }
    int inputs = shape.dim(1);
    Init init = Init.torch(inputs);
    Value w = g.param("weight", Shape.of(outFeatures, inputs), init);
    Op product = new Op.Gemm(false, true);
    return bias ? g.op(product, x, w, g.param("bias", Shape.of(outFeatures), init)) : g.op(product, x, w);
  }
}
