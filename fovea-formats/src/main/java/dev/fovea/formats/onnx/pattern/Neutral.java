package dev.fovea.formats.onnx.pattern;

import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Nodes that change nothing, and two of a kind that one can do. */
final class Neutral {
  static final List<Pattern> PATTERNS =
      List.of(Neutral::timesOne, Neutral::timesTwoNumbers, Neutral::pooledTwice, Neutral::maxout);

  private Neutral() {}

  /** {@code x * 1} and {@code x + 0} are x. */
  private static @Nullable Value timesOne(Match m, Node node) {
    double neutral = node.op() instanceof Op.Mul ? 1 : node.op() instanceof Op.Add ? 0 : Double.NaN;
    Value x = m.besideNumber(node);
    return x != null && m.numberOf(node) == neutral ? m.copy(x) : null;
  }

  /** {@code x * a * b} is {@code x * (a b)}. */
  private static @Nullable Value timesTwoNumbers(Match m, Node node) {
    Value x = node.op() instanceof Op.Mul ? m.besideNumber(node) : null;
    if (x == null || !(m.op(x) instanceof Op.Mul) || !m.isReadOnce(x)) {
      return null;
    }
    Value inner = m.besideNumber(m.node(x));
    if (inner == null) {
      return null;
    }
    float product = (float) (m.numberOf(node) * m.numberOf(m.node(x)));
    return m.append(new Op.Mul(), m.copy(inner), m.append(new Op.Fill(Shape.of(), product)));
  }

  /** Adaptive pools of rows, and of columns of these, are those of the windows that they span. */
  private static @Nullable Value pooledTwice(Match m, Node node) {
    boolean pool = node.op() instanceof Op.AdaptiveAveragePool || node.op() instanceof Op.AdaptiveMaxPool;
    Value between = pool ? node.inputs().getFirst() : null;
    if (between == null || m.op(between).getClass() != node.op().getClass()) {
      return null;
    }
    Value x = m.input(between, 0);
    boolean rowsFirst = m.shape(between).dim(3) == m.shape(x).dim(3) && m.shape(between).dim(2) == node.shape().dim(2);
    boolean columnsFirst = m.shape(between).dim(2) == m.shape(x).dim(2) && m.shape(between).dim(3) == node.shape().dim(3);
    return rowsFirst || columnsFirst ? m.append(node.op(), m.copy(x)) : null;
  }

  /** The maximum of every p-th channel from the first on, from the second on and so on is that of p neighbours. */
  private static @Nullable Value maxout(Match m, Node node) {
    List<Value> parts = node.op() instanceof Op.Max ? operands(m, node) : List.of();
    int pieces = parts.size();
    Value x = pieces > 1 && m.op(parts.getFirst()) instanceof Op.Gather ? m.input(parts.getFirst(), 0) : null;
    if (x == null || m.shape(x).dim(1) % pieces != 0) {
      return null;
    }
    int groups = m.shape(x).dim(1) / pieces;
    for (int i = 0; i < pieces; i++) {
      int first = i;
      List<Integer> every = IntStream.range(0, groups).map(group -> group * pieces + first).boxed().toList();
      if (!m.op(parts.get(i)).equals(new Op.Gather(1, every)) || !m.input(parts.get(i), 0).equals(x)) {
        return null;
      }
    }
    return m.append(new Op.Maxout(pieces), m.copy(x));
  }

  /** What a maximum of several values is of. */
  private static List<Value> operands(Match m, Node max) {
    List<Value> all = new ArrayList<>();
    for (Value input : max.inputs()) {
      if (m.op(input) instanceof Op.Max && m.isReadOnce(input)) {
        all.addAll(operands(m, m.node(input)));
      } else {
        all.add(input);
      }
    }
    return all;
  }
}
