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

/** Scaled dot-product attention (Vaswani et al. 2017), ONNX's operator of opset 23. */
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
    double scale = c.node().number("scale", (float) (1 / Math.sqrt(g.shape(q).dim(3))));
    Value scores = g.mul(g.op(new Op.MatMul(), q, g.swap(k, 2, 3)), scale);
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
    return flat
        ? g.reshape(g.transpose(y, List.of(0, 2, 1, 3)), new Dim.Axis(0), new Dim.Axis(1), new Dim.Rest())
        : y;
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
