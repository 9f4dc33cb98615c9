package dev.fovea.graph;

import dev.fovea.tensor.Shape;
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
      case Op.ReduceMax(int axis) -> axis != 0 && firstByImage(in);
      case Op.TopK(int axis, _) -> axis != 0 && firstByImage(in);
      case Op.Gather(int axis, _) -> axis != 0 && firstByImage(in);
      case Op.Slice(int axis, _, _) -> axis != 0 && firstByImage(in);
      case Op.Pad(int axis, _, _) -> axis != 0 && firstByImage(in);
      case Op.Softmax(int axis) -> axis != 0 && firstByImage(in);
      case Op.LogSoftmax(int axis) -> axis != 0 && firstByImage(in);
      case Op.Transpose(List<Integer> perm) -> !perm.isEmpty() && perm.getFirst() == 0 && firstByImage(in);
      case Op.Reshape(List<Op.Dim> dims) -> firstByImage(in) && keepsRows(dims, graph.at(node.inputs().getFirst()).shape());
      case Op.Gemm(boolean transA, _) -> !transA && firstByImage(in);
      case Op.Add _, Op.Mul _, Op.Div _, Op.Max _, Op.Less _, Op.Where _ -> aligned(graph, node, in);
      // rows of a second operand of two axes are not those of the result
      case Op.MatMul _ -> aligned(graph, node, in)
          && (in.get(1) == Dependence.CONSTANT || graph.at(node.inputs().get(1)).shape().rank() > 2);
      case Op.Concat(int axis) -> axis != 0 && allByImage(in);
      case Op.MaxPick _, Op.MaxUnpool _ -> allByImage(in);
      case Op.GatherElements(int axis) -> axis != 0 && !in.contains(Dependence.MIXED);
      // only the size of the second operand matters
      case Op.Crop _, Op.Resize _ -> in.getFirst() == Dependence.BY_IMAGE;
      case Op.Conv _, Op.ConvTranspose _, Op.LocalConv _, Op.BatchNormalization _ -> firstByImage(in);
      case Op.MaxPool _, Op.AveragePool _, Op.AdaptiveAveragePool _, Op.AdaptiveMaxPool _, Op.Maxout _ -> firstByImage(in);
      case Op.Flatten _, Op.PadToMultiple _, Op.OneHot _ -> firstByImage(in);
      case Op.Relu _, Op.LeakyRelu _, Op.Sigmoid _, Op.Tanh _, Op.Clip _, Op.Elu _, Op.Softplus _, Op.Erf _ -> firstByImage(in);
      case Op.Exp _, Op.Log _, Op.Sin _, Op.Cos _, Op.Floor _, Op.Round _, Op.Pow _ -> firstByImage(in);
      case Op.ExponentialRace _, Op.Dropout _ -> firstByImage(in);
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

  /**
   * Whether the batch axis of each operand that depends on the inputs is that of the result: operands of different rank are aligned
   * at the last axes, so that a batch axis may be aligned with another axis, or be repeated along the result's.
   */
  private static boolean aligned(Graph graph, Node node, List<Dependence> in) {
    boolean aligned = !in.contains(Dependence.MIXED);
    for (int i = 0; i < in.size(); i++) {
      Shape x = graph.at(node.inputs().get(i)).shape();
      aligned &= in.get(i) == Dependence.CONSTANT
          || (x.rank() == node.shape().rank() && (x.rank() == 0 || x.dim(0) == node.shape().dim(0)));
    }
    return aligned;
  }

  /** Whether each row of a reshaped tensor holds the elements of one row of the operand, for any number of rows. */
  private static boolean keepsRows(List<Op.Dim> dims, Shape x) {
    if (dims.isEmpty() || x.rank() == 0 || dims.getFirst() instanceof Op.Dim.Size) {
      return false;
    }
    if (dims.getFirst() instanceof Op.Dim.Axis(int axis)) {
      return axis == 0;
    }
    long row = 1;
    for (Op.Dim dim : dims.subList(1, dims.size())) {
      row *= switch (dim) {
        case Op.Dim.Size(int size) -> size;
        case Op.Dim.Axis(int axis) -> axis == 0 ? 0 : x.dim(axis);
        case Op.Dim.Rest _ -> 0;
      };
    }
    return row == x.sizeFrom(1);
  }
}
