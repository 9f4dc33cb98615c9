package dev.fovea.formats.onnx.pattern;

import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Nodes that change nothing. */
final class Neutral {
  static final List<Pattern> PATTERNS = List.of(Neutral::timesOne, Neutral::timesTwoNumbers);

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
}
