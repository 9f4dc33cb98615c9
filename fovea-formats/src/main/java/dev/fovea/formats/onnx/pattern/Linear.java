package dev.fovea.formats.onnx.pattern;

import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A bias added behind a convolution or a product of matrices is its own bias. */
final class Linear {
  static final List<Pattern> PATTERNS = List.of(Linear::bias, Linear::shapedParameter);

  private Linear() {}

  private static @Nullable Value bias(Match m, Node node) {
    if (!(node.op() instanceof Op.Add)) {
      return null;
    }
    for (List<Value> order : Match.bothOrders(node)) {
      Value y = order.get(0);
      Value bias = order.get(1);
      boolean layer = m.op(y) instanceof Op.Conv || m.op(y) instanceof Op.ConvTranspose || m.op(y) instanceof Op.Gemm;
      if (layer && m.node(y).inputs().size() == 2 && m.isReadOnce(y) && m.op(bias) instanceof Op.Param(_, Shape shape, _, _)
          && node.shape().equals(m.shape(y)) && isPerChannel(shape, node.shape())) {
        Value vector =
            shape.rank() == 1 ? m.copy(bias) : m.append(new Op.Reshape(List.of(new Dim.Size(shape.size()))), m.copy(bias));
        return m.append(m.op(y), m.copy(m.input(y, 0)), m.copy(m.input(y, 1)), vector);
      }
    }
    return null;
  }

  /** Whether a value of that shape has one element for each channel of images, or column of a matrix, that it broadcasts onto. */
  private static boolean isPerChannel(Shape bias, Shape onto) {
    int axis = bias.rank() - (onto.rank() - 1);
    int channels = onto.dim(1);
    return axis >= 0 && axis < bias.rank() && bias.dim(axis) == channels && bias.size() == channels
        && (channels > 1 || bias.rank() >= onto.rank() - 1);
  }

  /** A parameter that is only read under another shape is declared with it. */
  private static @Nullable Value shapedParameter(Match m, Node node) {
    if (!(node.op() instanceof Op.Reshape(List<Dim> dims)) || !(m.op(node.inputs().getFirst()) instanceof Op.Param param)
        || !m.isReadOnce(node.inputs().getFirst()) || !dims.stream().allMatch(Dim.Size.class::isInstance)) {
      return null;
    }
    return m.append(new Op.Param(param.name(), node.shape(), param.init(), param.trainable()));
  }
}
