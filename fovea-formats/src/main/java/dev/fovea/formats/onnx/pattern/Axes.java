package dev.fovea.formats.onnx.pattern;

import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reshapes and transposes: two become one, and those around a network with channels last move until they meet and cancel. */
final class Axes {
  static final List<Pattern> PATTERNS =
      List.of(Axes::reshapeTwice, Axes::flatten, Axes::shuffle, Axes::transposeTwice, Axes::transposeOnes, Axes::moveDown,
          Axes::moveThroughTwo);

  private Axes() {}

  /** The sizes of a Reshape or Flatten as dims; null for other operators. */
  private static @Nullable List<Dim> dims(Op op) {
    return switch (op) {
      case Op.Reshape(List<Dim> dims) -> dims;
      case Op.Flatten _ -> List.of(new Dim.Axis(0), new Dim.Rest());
      default -> null;
    };
  }

  private static @Nullable Value reshapeTwice(Match m, Node node) {
    List<Dim> outer = dims(node.op());
    Value between = node.inputs().isEmpty() ? null : node.inputs().getFirst();
    List<Dim> inner = outer == null || between == null ? null : dims(m.op(between));
    if (outer == null || inner == null || between == null) {
      return null;
    }
    List<Dim> both = new ArrayList<>();
    for (Dim dim : outer) {
      both.add(dim instanceof Dim.Axis(int axis) ? inner.get(axis) : dim);
    }
    if (both.stream().filter(Dim.Rest.class::isInstance).count() > 1) {
      return null;
    }
    Value x = m.input(between, 0);
    return isSame(both, m.shape(x)) ? m.copy(x) : m.append(new Op.Reshape(both), m.copy(x));
  }

  private static boolean isSame(List<Dim> dims, Shape x) {
    return dims.size() == x.rank()
        && IntStream.range(0, dims.size())
            .allMatch(axis -> dims.get(axis).equals(new Dim.Axis(axis)) || dims.get(axis) instanceof Dim.Rest
                || dims.get(axis) instanceof Dim.Size(int size) && size == x.dim(axis));
  }

  /** {@code [N, all the rest]}, the form that the zoo's networks have; a matrix stays as it is. */
  private static @Nullable Value flatten(Match m, Node node) {
    List<Dim> dims = dims(node.op());
    if (dims == null || dims.size() != 2 || !dims.getFirst().equals(new Dim.Axis(0))) {
      return null;
    }
    Value x = node.inputs().getFirst();
    int rank = m.shape(x).rank();
    if (rank == 2) {
      return m.copy(x);
    }
    return rank > 2 && node.op() instanceof Op.Reshape ? m.append(new Op.Flatten(), m.copy(x)) : null;
  }

  /** Channels split into groups, groups and their channels exchanged, and joined (Zhang et al. 2018): channels in another order. */
  private static @Nullable Value shuffle(Match m, Node node) {
    Value turned = node.op() instanceof Op.Reshape ? node.inputs().getFirst() : null;
    if (turned == null || !m.op(turned).equals(new Op.Transpose(List.of(0, 2, 1, 3, 4)))) {
      return null;
    }
    Value split = m.input(turned, 0);
    if (!(m.op(split) instanceof Op.Reshape)) {
      return null;
    }
    Value x = m.input(split, 0);
    Shape shape = m.shape(x);
    Shape groups = m.shape(split);
    boolean fits =
        shape.rank() == 4 && shape.equals(node.shape()) && groups.dim(0) == shape.dim(0) && groups.dim(3) == shape.dim(2)
            && groups.dim(4) == shape.dim(3);
    if (!fits) {
      return null;
    }
    int count = groups.dim(1);
    int each = groups.dim(2);
    List<Integer> order = IntStream.range(0, count * each).map(i -> i % count * each + i / count).boxed().toList();
    return m.append(new Op.Gather(1, order), m.copy(x));
  }

  private static @Nullable Value transposeTwice(Match m, Node node) {
    if (!(node.op() instanceof Op.Transpose(List<Integer> outer))) {
      return null;
    }
    Value x = node.inputs().getFirst();
    boolean ordered = IntStream.range(0, outer.size()).allMatch(axis -> outer.get(axis) == axis);
    if (ordered) {
      return m.copy(x);
    }
    return m.op(x) instanceof Op.Transpose(List<Integer> inner)
        ? m.append(new Op.Transpose(outer.stream().map(inner::get).toList()), m.copy(m.input(x, 0)))
        : null;
  }

  /**
   * A transpose that moves only axes of size 1 is a reshape. The batch may be another one, so it counts as more than 1; where the
   * first axis moves, any other may be the batch.
   */
  private static @Nullable Value transposeOnes(Match m, Node node) {
    if (!(node.op() instanceof Op.Transpose(List<Integer> perm))) {
      return null;
    }
    Value from = node.inputs().getFirst();
    Shape x = m.shape(from);
    List<Integer> moved = perm.stream().filter(axis -> axis == 0 || x.dim(axis) != 1
        || perm.getFirst() != 0 && !(m.op(from) instanceof Op.Reshape(List<Dim> dims) && dims.get(axis) instanceof Dim.Size))
        .toList();
    boolean ordered = IntStream.range(1, moved.size()).allMatch(i -> moved.get(i - 1) < moved.get(i));
    return ordered
        ? m.append(new Op.Reshape(perm.stream().<Dim>map(Dim.Axis::new).toList()), m.copy(node.inputs().getFirst()))
        : null;
  }

  /** A value and the order of axes in which it is read. */
  private record Turned(Value x, List<Integer> perm) {}

  private static @Nullable Turned turned(Match m, Value value) {
    return m.op(value) instanceof Op.Transpose(List<Integer> perm) ? new Turned(m.input(value, 0), perm) : null;
  }

  /** An operator of one operand behind a transpose: first the operator, then the transpose. */
  private static @Nullable Value moveDown(Match m, Node node) {
    Turned turned = node.inputs().size() == 1 ? turned(m, node.inputs().getFirst()) : null;
    // where others read the transpose too, there would be one more, which only pays on what is reduced
    boolean reduces = node.op() instanceof Op.Sum || node.op() instanceof Op.ReduceMax;
    if (turned == null || !(reduces || m.isReadOnce(node.inputs().getFirst()))) {
      return null;
    }
    List<Integer> perm = turned.perm;
    Op moved = switch (node.op()) {
      case Op.Relu _, Op.LeakyRelu _, Op.Sigmoid _, Op.Tanh _, Op.Clip _, Op.Elu _, Op.Softplus _, Op.Erf _, Op.Exp _, Op.Pow _, Op.Log _, Op.Floor _, Op.Round _ ->
          node.op();
      case Op.Sum(int axis) -> new Op.Sum(perm.get(axis));
      case Op.ReduceMax(int axis) -> new Op.ReduceMax(perm.get(axis));
      case Op.Softmax(int axis) -> new Op.Softmax(perm.get(axis));
      case Op.Pad(int axis, int before, int after) -> new Op.Pad(perm.get(axis), before, after);
      case Op.Slice(int axis, int from, int to) -> new Op.Slice(perm.get(axis), from, to);
      case Op.Gather(int axis, List<Integer> indices) -> new Op.Gather(perm.get(axis), indices);
      default -> null;
    };
    return moved == null ? null : m.append(new Op.Transpose(perm), m.append(moved, m.copy(turned.x)));
  }

  /** The same for several operands: all of them transposed in one way, or one and numbers or vectors of the last axis. */
  private static @Nullable Value moveThroughTwo(Match m, Node node) {
    boolean elementwise = node.op() instanceof Op.Add || node.op() instanceof Op.Mul || node.op() instanceof Op.Div
        || node.op() instanceof Op.Max;
    if (!elementwise && !(node.op() instanceof Op.Concat)) {
      return null;
    }
    List<Integer> perm = null;
    long transposed = node.inputs().stream().filter(input -> turned(m, input) != null).count();
    for (Value input : node.inputs()) {
      Turned turned = transposed > 1 || m.isReadOnce(input) ? turned(m, input) : null;
      if (turned != null && m.shape(input).rank() == node.shape().rank()) {
        perm = perm == null || perm.equals(turned.perm) ? turned.perm : List.of();
      } else if (!elementwise || !isConstant(m, input)) {
        // a value in its own order would need a transpose itself
        return null;
      }
    }
    if (perm == null || perm.isEmpty()) {
      return null;
    }
    List<Value> inputs = new ArrayList<>();
    for (Value input : node.inputs()) {
      Turned turned = turned(m, input);
      inputs.add(turned != null ? m.copy(turned.x) : inOrder(m, input, perm));
    }
    Op op = node.op() instanceof Op.Concat(int axis) ? new Op.Concat(perm.get(axis)) : node.op();
    return m.append(new Op.Transpose(perm), m.append(op, inputs));
  }

  private static boolean isConstant(Match m, Value value) {
    return m.op(value) instanceof Op.Fill || m.op(value) instanceof Op.Param;
  }

  /** A constant for the axes before they are transposed; one with a single axis is only reshaped. */
  private static Value inOrder(Match m, Value constant, List<Integer> perm) {
    Shape shape = m.shape(constant);
    if (shape.size() == 1) {
      return m.shape(constant).rank() == 0 ? m.copy(constant) : m.append(new Op.Reshape(List.of()), m.copy(constant));
    }
    int rank = perm.size();
    int skipped = rank - shape.rank();
    int[] sizes = new int[rank];
    int[] wide = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      wide[axis] = axis < skipped ? 1 : shape.dim(axis - skipped);
      sizes[perm.get(axis)] = wide[axis];
    }
    boolean vector = shape.dims().stream().filter(size -> size != 1).count() == 1;
    if (vector) {
      int first = IntStream.range(0, rank).filter(axis -> sizes[axis] != 1).findFirst().orElse(0);
      List<Dim> dims = IntStream.range(first, rank).<Dim>mapToObj(axis -> new Dim.Size(sizes[axis])).toList();
      return m.append(new Op.Reshape(dims), m.copy(constant));
    }
    List<Dim> dims = IntStream.range(0, rank).<Dim>mapToObj(axis -> new Dim.Size(wide[axis])).toList();
    Value raised = m.append(new Op.Reshape(dims), m.copy(constant));
    List<Integer> inverse = IntStream.range(0, rank).map(perm::indexOf).boxed().toList();
    return m.append(new Op.Transpose(inverse), raised);
  }
}
