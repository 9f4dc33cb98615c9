package dev.fovea.explain.survey;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.List;

/**
 * The maps or units of a layer's result, each of which has a number at one or more places of an image.
 *
 * @param axis along which they lie: 1 for maps, the last one for products of matrices
 * @param count of them
 */
record Units(int axis, int count) {
  /**
   * Of what a convolution or a product of matrices gives or reads.
   *
   * @param layer the convolution or the product
   */
  static Units of(Graph graph, Node layer, Value value) {
    Shape shape = graph.at(value).shape();
    boolean matrices = layer.op() instanceof Op.Gemm || layer.op() instanceof Op.MatMul;
    boolean weightsFirst = layer.op() instanceof Op.MatMul && graph.at(layer.inputs().getFirst()).op() instanceof Op.Param;
    int axis = matrices ? shape.rank() - (weightsFirst ? 2 : 1) : 1;
    return new Units(axis, shape.dim(axis));
  }

  /** Of each image, {@code N x units}. */
  Value means(GraphBuilder g, Value x, int images) {
    Value sum = g.op(new Op.Sum(3), g.op(new Op.Sum(1), split(g, x, images)));
    return row(g, g.mul(sum, g.number((double) images * count / g.shape(x).size())), images);
  }

  /** The same of the largest numbers. */
  Value largest(GraphBuilder g, Value x, int images) {
    return row(g, g.op(new Op.ReduceMax(3), g.op(new Op.ReduceMax(1), split(g, x, images))), images);
  }

  /** Images, what is before the units, these, and what is after them. */
  private Value split(GraphBuilder g, Value x, int images) {
    int after = g.shape(x).sizeFrom(axis + 1);
    return g.op(
        new Op.Reshape(List.of(new Op.Dim.Size(images), new Op.Dim.Rest(), new Op.Dim.Size(count), new Op.Dim.Size(after))), x);
  }

  private Value row(GraphBuilder g, Value x, int images) {
    return g.op(new Op.Reshape(List.of(new Op.Dim.Size(images), new Op.Dim.Size(count))), x);
  }
}
