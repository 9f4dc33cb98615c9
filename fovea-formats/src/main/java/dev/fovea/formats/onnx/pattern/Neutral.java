package dev.fovea.formats.onnx.pattern;

import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Nodes that change nothing, and two of a kind that one can do. */
final class Neutral {
  static final List<Pattern> PATTERNS = List.of(Neutral::timesOne, Neutral::timesTwoNumbers, Neutral::averagedTwice);

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

  /** Averages of rows, and of columns of these, are those of the windows that they span. */
  private static @Nullable Value averagedTwice(Match m, Node node) {
    if (!(node.op() instanceof Op.AdaptiveAveragePool(int h, int w))) {
      return null;
    }
    Value between = node.inputs().getFirst();
    if (!(m.op(between) instanceof Op.AdaptiveAveragePool(int innerH, int innerW))) {
      return null;
    }
    Value x = m.input(between, 0);
    boolean rowsFirst = h == innerH && innerW == m.shape(x).dim(3);
    boolean columnsFirst = w == innerW && innerH == m.shape(x).dim(2);
    return rowsFirst || columnsFirst ? m.append(new Op.AdaptiveAveragePool(h, w), m.copy(x)) : null;
  }
}
