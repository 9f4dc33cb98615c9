package dev.fovea.layer;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.List;

/**
 * Layer normalisation: each row, all axes from {@code axis} on, is normalised by its mean and std, followed by a gain and a bias
 * for each element. Ba et al. 2016 (arXiv 1607.06450). With axis 1 a row is the whole image.
 */
public record LayerNorm(int axis, double epsilon) implements Layer {
  public static LayerNorm from(int axis) {
    return new LayerNorm(axis, 1e-5);
  }

  @Override
  public Value apply(GraphBuilder g, Value x) {
    List<Integer> dims = g.shape(x).dims();
    if (axis < 1 || axis >= dims.size()) {
      throw new FoveaException(g.qualified("LayerNorm") + " expects an axis from 1 to " + (dims.size() - 1) + ", got " + axis);
    }
    Shape row = new Shape(dims.subList(axis, dims.size()));
    Value y = g.op(new Op.RowNormalization(axis, 1, (float) epsilon), x);
    return g.add(g.mul(y, g.param("weight", row, new Init.Constant(1))), g.param("bias", row, new Init.Constant(0)));
  }
}
