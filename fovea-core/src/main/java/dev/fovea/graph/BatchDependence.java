package dev.fovea.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether the results of each image of a batch depend on that image alone, so that a prediction does not depend on the rest of the
 * batch.
 */
public final class BatchDependence {
  /** How a value depends on the graph's inputs. */
  public enum Dependence {
    /** Not at all. */
    CONSTANT,
    /** Row n on row n of the inputs, and on no other. */
    BY_IMAGE,
    /** On several images at once, or the value has no batch axis. */
    MIXED
  }

  private BatchDependence() {}

  /** How each value of a forward graph depends on its inputs, by the value's id. */
  public static List<Dependence> of(Graph graph) {
    List<Dependence> known = new ArrayList<>(graph.nodes().size());
    for (Node node : graph.nodes()) {
      known.add(of(graph, node, node.inputs().stream().map(input -> known.get(input.id())).toList()));
    }
    return known;
  }

  private static Dependence of(Graph graph, Node node, List<Dependence> in) {
    if (node.op() instanceof Op.Input) {
      return Dependence.BY_IMAGE;
    }
    if (in.stream().allMatch(Dependence.CONSTANT::equals)) {
      return Dependence.CONSTANT;
    }
    boolean byImage = switch (node.op()) {
      case Op.Source _, Op.Adjoint _ -> false;
      case Op.Mean _, Op.SoftmaxCrossEntropyLoss _, Op.SigmoidCrossEntropyLoss _ -> false;
      case Op.Sum(int axis) -> axis != 0 && firstByImage(in);
      case Op.Gemm(boolean transA, _) -> !transA && firstByImage(in);
      case Op.Add _, Op.Mul _ -> firstByImage(in) || (allByImage(in) && sameRank(graph, node));
      case Op.Concat _, Op.MaxPick _, Op.MaxUnpool _ -> allByImage(in);
      // only the size of the second operand matters
      case Op.Crop _, Op.Resize _ -> in.getFirst() == Dependence.BY_IMAGE;
      case Op.Conv _, Op.ConvTranspose _, Op.LocalConv _, Op.BatchNormalization _ -> firstByImage(in);
      case Op.MaxPool _, Op.AveragePool _, Op.AdaptiveAveragePool _, Op.AdaptiveMaxPool _, Op.Maxout _ -> firstByImage(in);
      case Op.Flatten _, Op.Reshape _, Op.Slice _, Op.Pad _, Op.PadToMultiple _, Op.OneHot _ -> firstByImage(in);
      case Op.Relu _, Op.LeakyRelu _, Op.Sigmoid _, Op.Tanh _, Op.Clip _, Op.Elu _, Op.Softplus _, Op.Erf _ -> firstByImage(in);
      case Op.Exp _, Op.Pow _, Op.ExponentialRace _, Op.Dropout _, Op.Softmax _, Op.LogSoftmax _ -> firstByImage(in);
      case Op.Lrn _, Op.RowNormalization _ -> firstByImage(in);
    };
    return byImage ? Dependence.BY_IMAGE : Dependence.MIXED;
  }

  /** Whether the first operand depends on its inputs image by image and the others are constants. */
  private static boolean firstByImage(List<Dependence> in) {
    return in.getFirst() == Dependence.BY_IMAGE && in.stream().skip(1).allMatch(Dependence.CONSTANT::equals);
  }

  private static boolean allByImage(List<Dependence> in) {
    return in.stream().allMatch(Dependence.BY_IMAGE::equals);
  }

  /** Operands of different rank are aligned at the last axes, so that the batch axis is aligned with another axis. */
  private static boolean sameRank(Graph graph, Node node) {
    return node.inputs().stream().map(input -> graph.at(input).shape().rank()).distinct().count() == 1;
  }
}
