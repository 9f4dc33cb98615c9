package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/** Scaled dot-product attention (Vaswani et al. 2017): ONNX's operator of opset 23, and those of ONNX Runtime. */
final class Attention {
  /** What a position that must not be seen adds to its score: the softmax of it is 0. */
  private static final double HIDDEN = -1e30;

  private Attention() {}

  static Value apply(Call c) {
    Compose g = c.g();
    if (c.has(4) || c.has(5) || c.has(6) || c.wants(1) || c.wants(2) || c.wants(3)) {
      throw new Refusal("past keys and values, and scores as a result, are not supported");
    }
    boolean flat = c.shape(0).rank() == 3;
    int heads = c.integer("q_num_heads", flat ? 0 : c.shape(0).dim(1));
    int keyHeads = c.integer("kv_num_heads", flat ? 0 : c.shape(1).dim(1));
    if (heads < 1 || keyHeads < 1 || heads % keyHeads != 0) {
      throw new Refusal("expects heads of the query that those of the key divide, got " + heads + " and " + keyHeads);
    }
    Value q = split(g, c.value(0), heads);
    Value k = repeated(g, split(g, c.value(1), keyHeads), heads / keyHeads);
    Value v = repeated(g, split(g, c.value(2), keyHeads), heads / keyHeads);
    Value scores = scores(c, q, k);
    double cap = c.node().number("softcap", 0);
    if (cap > 0) {
      scores = g.mul(g.op(new Op.Tanh(), g.mul(scores, 1 / cap)), cap);
    }
    int before = c.integer("left_window_size", -1);
    int after = c.flag("is_causal", false) ? 0 : c.integer("right_window_size", -1);
    if (before >= 0 || after >= 0) {
      scores = g.add(scores, window(c, g.shape(scores), before, after));
    }
    if (c.has(3)) {
      Value mask = c.value(3);
      scores = g.add(scores, c.type(3) == OnnxType.BOOL ? g.mul(g.not(mask), HIDDEN) : mask);
    }
    Value weights = c.has(3) || before >= 0 ? softmax(g, scores) : g.op(new Op.Softmax(3), scores);
    Value y = g.op(new Op.MatMul(), weights, v);
    return flat ? joined(g, y) : y;
  }

  /** ONNX Runtime's Attention: query, key and value are one product of the first operand. */
  static Value ofOneProduct(Call c) {
    Compose g = c.g();
    requireNone(c, 3, 4, 6);
    if (c.shape(0).rank() != 3 || c.shape(1).rank() != 2) {
      throw new Refusal("expects an operand of 3 axes and a matrix, got " + c.shape(0) + " and " + c.shape(1));
    }
    int all = c.shape(1).dim(1);
    int[] sizes = c.ints("qkv_hidden_sizes", 3, all / 3);
    if (sizes[0] < 1 || sizes[1] != sizes[0] || (long) sizes[0] + sizes[1] + sizes[2] != all) {
      throw new Refusal("expects sizes of query, key and value that sum to " + all + ", got " + Arrays.toString(sizes));
    }
    Value product = g.op(new Op.MatMul(), c.value(0), c.weight(1));
    Value projected = c.has(2) ? g.add(product, c.weight(2)) : product;
    return ofHeads(c, g.slice(projected, 2, 0, sizes[0]), g.slice(projected, 2, sizes[0], 2 * sizes[0]),
        g.slice(projected, 2, 2 * sizes[0], Integer.MAX_VALUE), 5);
  }

  /** ONNX Runtime's MultiHeadAttention of a query, key and value with an optional bias for all three. */
  static Value ofThree(Call c) {
    Compose g = c.g();
    requireNone(c, 4, 6, 7);
    if (!c.has(1) || !c.has(2) || c.shape(0).rank() != 3 || c.shape(1).rank() != 3 || c.shape(2).rank() != 3) {
      throw new Refusal("expects a query, a key and a value of 3 axes each, in one operand they are not supported");
    }
    Value[] parts = {c.value(0), c.value(1), c.value(2)};
    int from = 0;
    for (int i = 0; i < parts.length && c.has(3); i++) {
      int to = from + g.shape(parts[i]).dim(2);
      parts[i] = g.add(parts[i], g.slice(c.weight(3), 0, from, to));
      from = to;
    }
    return ofHeads(c, parts[0], parts[1], parts[2], 5);
  }

  private static void requireNone(Call c, int... operands) {
    if (Arrays.stream(operands).anyMatch(c::has) || c.wants(1) || c.flag("do_rotary", false)) {
      throw new Refusal("masks of positions, past keys and values, and rotary positions are not supported");
    }
  }

  private static Value ofHeads(Call c, Value query, Value key, Value value, int bias) {
    Compose g = c.g();
    int heads = c.integer("num_heads", 0);
    for (Value part : List.of(query, key, value)) {
      if (heads < 1 || g.shape(part).dim(2) % heads != 0) {
        throw new Refusal("expects heads that divide the last axis, got " + heads + " of " + g.shape(part));
      }
    }
    Value scores = scores(c, split(g, query, heads), split(g, key, heads));
    if (c.flag("unidirectional", false)) {
      scores = g.add(scores, window(c, g.shape(scores), -1, 0));
    }
    Value biased = c.has(bias) ? g.add(scores, c.value(bias)) : scores;
    return joined(g, g.op(new Op.MatMul(), g.op(new Op.Softmax(3), biased), split(g, value, heads)));
  }

  private static Value scores(Call c, Value q, Value k) {
    double plain = 1 / Math.sqrt(c.g().shape(q).dim(3));
    double given = c.node().number("scale", 0);
    return c.g().mul(c.g().op(new Op.MatMul(), q, c.g().swap(k, 2, 3)), given == 0 ? plain : given);
  }

  /** {@code [N, heads, T, size]} as {@code [N, T, heads size]}. */
  private static Value joined(Compose g, Value x) {
    return g.reshape(g.transpose(x, List.of(0, 2, 1, 3)), new Dim.Axis(0), new Dim.Axis(1), new Dim.Rest());
  }

  /** {@code [N, T, heads size]} as {@code [N, heads, T, size]}. */
  private static Value split(Compose g, Value x, int heads) {
    return g.rank(x) == 4 ? x
        : g.transpose(g.reshape(x, new Dim.Axis(0), new Dim.Axis(1), new Dim.Size(heads), new Dim.Rest()), List.of(0, 2, 1, 3));
  }

  private static Value repeated(Compose g, Value x, int times) {
    return times == 1 ? x
        : g.gather(x, 1, g.indices((long) g.shape(x).dim(1) * times, head -> head / times));
  }

  /** A query that may see nothing gives all positions the weight 0. */
  private static Value softmax(Compose g, Value scores) {
    Value seen = g.less(g.number(HIDDEN / 2), g.largest(scores, List.of(3)));
    return g.mul(g.op(new Op.Softmax(3), g.clip(scores, HIDDEN, Double.POSITIVE_INFINITY)), seen);
  }

  /** Hides the positions that are more than a number before or after a query's own; a negative number is any. */
  private static Value window(Call c, Shape scores, int before, int after) {
    int columns = scores.dim(3);
    double[] mask = Call.numbers((long) scores.dim(2) * columns);
    Arrays.setAll(mask, i -> {
      int ahead = i % columns - i / columns;
      return before >= 0 && -ahead > before || after >= 0 && ahead > after ? HIDDEN : 0;
    });
    return c.computed(Array.reals(OnnxType.FLOAT, new int[] {scores.dim(2), columns}, mask));
  }
}
