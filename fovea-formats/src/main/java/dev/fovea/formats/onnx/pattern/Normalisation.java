package dev.fovea.formats.onnx.pattern;

import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Normalisations that exporters spell out. */
final class Normalisation {
  static final List<Pattern> PATTERNS =
      List.of(Normalisation::imageMean, Normalisation::layerNorm, Normalisation::groupNorm, Normalisation::localResponse);

  private Normalisation() {}

  /** A mean: of what, over which axes. */
  private record Mean(Value x, List<Integer> axes) {}

  /** A product of sums along axes and one over their size, or a pool of the whole image. */
  private static @Nullable Mean mean(Match m, Value value) {
    Node node = m.node(value);
    if (node.op().equals(new Op.AdaptiveAveragePool(1, 1))) {
      return new Mean(node.inputs().getFirst(), List.of(2, 3));
    }
    Value sum = node.op() instanceof Op.Mul ? m.besideNumber(node) : null;
    List<Integer> axes = new ArrayList<>();
    double count = 1;
    while (sum != null && m.op(sum) instanceof Op.Sum(int axis)) {
      axes.addFirst(axis);
      sum = m.input(sum, 0);
      count *= m.shape(sum).dim(axis);
    }
    if (sum == null || axes.isEmpty() || (float) m.numberOf(node) != (float) (1 / count)) {
      return null;
    }
    return new Mean(sum, axes.stream().sorted().toList());
  }

  /** The mean over height and width is a pool. */
  private static @Nullable Value imageMean(Match m, Node node) {
    if (!(node.op() instanceof Op.Mul) || node.shape().rank() != 4) {
      return null;
    }
    Value sum = m.besideNumber(node);
    if (sum == null || !(m.op(sum) instanceof Op.Sum(int outer)) || !(m.op(m.input(sum, 0)) instanceof Op.Sum(int inner))) {
      return null;
    }
    Value x = m.input(m.input(sum, 0), 0);
    boolean image = outer + inner == 5 && (outer == 2 || outer == 3);
    boolean isMean = (float) m.numberOf(node) == (float) (1.0 / m.shape(x).dim(2) / m.shape(x).dim(3));
    return image && isMean ? m.append(new Op.AdaptiveAveragePool(1, 1), m.copy(x)) : null;
  }

  /**
   * {@code (x - mean) / sqrt(mean of (x - mean)^2 + epsilon)} over the last axes (Ba et al. 2016), divided or multiplied by the
   * reciprocal.
   */
  private static @Nullable Value layerNorm(Match m, Node node) {
    if (!(node.op() instanceof Op.Div) && !(node.op() instanceof Op.Mul)) {
      return null;
    }
    for (List<Value> order : Match.bothOrders(node)) {
      Value centred = order.get(0);
      Value variance = node.op() instanceof Op.Div && centred.equals(node.inputs().getFirst())
          ? under(m, order.get(1), 0.5f)
          : node.op() instanceof Op.Mul ? underReciprocal(m, order.get(1)) : null;
      Value normalised = variance == null ? null : layerNorm(m, centred, variance);
      if (normalised != null) {
        return normalised;
      }
    }
    return null;
  }

  private static @Nullable Value under(Match m, Value value, float exponent) {
    return m.op(value).equals(new Op.Pow(exponent)) ? m.input(value, 0) : null;
  }

  private static @Nullable Value underReciprocal(Match m, Value value) {
    Value root = under(m, value, -1);
    return root == null ? under(m, value, -0.5f) : under(m, root, 0.5f);
  }

  private static @Nullable Value layerNorm(Match m, Value centred, Value variance) {
    Node sum = m.node(variance);
    Value squares = sum.op() instanceof Op.Add ? m.besideNumber(sum) : null;
    Mean spread = squares == null ? null : mean(m, squares);
    if (spread == null || !isSquareOf(m, spread.x, centred)) {
      return null;
    }
    Mean mean = subtractedMean(m, centred);
    if (mean == null || !mean.axes.equals(spread.axes)) {
      return null;
    }
    Shape shape = m.shape(mean.x);
    int axis = mean.axes.getFirst();
    boolean last = axis >= 1 && axis + mean.axes.size() == shape.rank();
    double epsilon = m.numberOf(sum);
    return last && epsilon > 0 ? m.append(new Op.RowNormalization(axis, 1, (float) epsilon), m.copy(mean.x)) : null;
  }

  private static boolean isSquareOf(Match m, Value square, Value x) {
    return m.op(square) instanceof Op.Mul && m.input(square, 0).equals(m.input(square, 1)) && m.input(square, 0).equals(x)
        || m.op(square).equals(new Op.Pow(2)) && m.input(square, 0).equals(x);
  }

  /** Of {@code x - mean(x)} the mean. */
  private static @Nullable Mean subtractedMean(Match m, Value centred) {
    Node difference = m.node(centred);
    for (List<Value> order : difference.op() instanceof Op.Add ? Match.bothOrders(difference) : List.<List<Value>>of()) {
      Node negative = m.node(order.get(1));
      Value mean = negative.op() instanceof Op.Mul ? m.besideNumber(negative) : null;
      Mean found = mean != null && m.numberOf(negative) == -1 ? mean(m, mean) : null;
      if (found != null && found.x.equals(order.get(0))) {
        return found;
      }
      // minus one and one over the size may have become one number
      Mean negated = mean == null ? null : negatedMean(m, negative, mean);
      if (negated != null && negated.x.equals(order.get(0))) {
        return negated;
      }
    }
    return null;
  }

  private static @Nullable Mean negatedMean(Match m, Node product, Value sums) {
    List<Integer> axes = new ArrayList<>();
    double count = 1;
    Value sum = sums;
    while (m.op(sum) instanceof Op.Sum(int axis)) {
      axes.addFirst(axis);
      sum = m.input(sum, 0);
      count *= m.shape(sum).dim(axis);
    }
    boolean isMean = !axes.isEmpty() && (float) m.numberOf(product) == (float) (-1 / count);
    return isMean ? new Mean(sum, axes.stream().sorted().toList()) : null;
  }

  /** PyTorch's form: groups as channels, normalised with gain 1 and bias 0, and back (Wu and He 2018). */
  private static @Nullable Value groupNorm(Match m, Node node) {
    if (!(node.op() instanceof Op.Reshape)) {
      return null;
    }
    Value y = node.inputs().getFirst();
    y = withoutNumber(m, y, Op.Add.class, 0);
    y = withoutNumber(m, y, Op.Mul.class, 1);
    if (!(m.op(y) instanceof Op.RowNormalization(int axis, int groups, float epsilon)) || axis != 1) {
      return null;
    }
    Value rows = m.input(y, 0);
    if (!(m.op(rows) instanceof Op.Reshape) || m.shape(rows).dim(1) != groups) {
      return null;
    }
    Value x = m.input(rows, 0);
    Shape shape = m.shape(x);
    boolean fits = shape.equals(node.shape()) && shape.rank() > 1 && shape.dim(0) == m.shape(rows).dim(0)
        && shape.dim(1) % groups == 0;
    return fits ? m.append(new Op.RowNormalization(1, groups, epsilon), m.copy(x)) : null;
  }

  /** The other operand of a sum or product with a constant of that value. */
  private static Value withoutNumber(Match m, Value value, Class<? extends Op> kind, double number) {
    if (kind.isInstance(m.op(value))) {
      for (List<Value> order : Match.bothOrders(m.node(value))) {
        if (m.isNumber(order.get(1), number) && m.shape(order.get(0)).equals(m.shape(value))) {
          return order.get(0);
        }
      }
    }
    return value;
  }

  /** PyTorch's form: x divided by a power of an average pool of its squares over padded channels (Krizhevsky et al. 2012). */
  private static @Nullable Value localResponse(Match m, Node node) {
    Value power = node.op() instanceof Op.Div ? throughReshapes(m, node.inputs().get(1)) : null;
    if (power == null || !(m.op(power) instanceof Op.Pow(float beta))) {
      return null;
    }
    Value x = node.inputs().getFirst();
    Node sum = m.node(m.input(power, 0));
    Value scaled = sum.op() instanceof Op.Add ? m.besideNumber(sum) : null;
    Value product = scaled != null && m.op(scaled) instanceof Op.Mul ? m.besideNumber(m.node(scaled)) : null;
    if (scaled == null || m.shape(x).rank() < 2) {
      return null;
    }
    // a factor of 1 is gone already
    Value pooled = product == null ? scaled : product;
    Value pool = throughReshapes(m, pooled);
    if (!(m.op(pool) instanceof Op.AveragePool(var window, _))) {
      return null;
    }
    int size = window.kernelH();
    Value pad = throughReshapes(m, m.input(pool, 0));
    boolean square = size > 1 && window.equals(Window.of(size, 1)) && m.op(pad) instanceof Op.Pad(int axis, int before, int after)
        && before == size / 2 && after == (size - 1) / 2 && m.shape(m.input(pad, 0)).dim(axis) == m.shape(x).dim(1)
        && isSquareOf(m, throughReshapes(m, m.input(pad, 0)), x);
    double alpha = product == null ? 1 : m.numberOf(m.node(scaled));
    return square && beta > 0 && node.shape().equals(m.shape(x)) && m.shape(pooled).size() == m.shape(x).size()
        ? m.append(new Op.Lrn(size, (float) alpha, beta, (float) m.numberOf(sum)), m.copy(x))
        : null;
  }

  private static Value throughReshapes(Match m, Value value) {
    Value at = value;
    while (m.op(at) instanceof Op.Reshape) {
      at = m.input(at, 0);
    }
    return at;
  }
}
