package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Reductions along axes. */
final class Reductions {
  /** Products are taken one element after the other. */
  private static final int MAX_FACTORS = 256;

  /** Those whose results have fractions, which integers are without. */
  private static final Set<String> FRACTIONS = Set.of("ReduceMean", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp");

  private Reductions() {}

  private interface Reduction {
    Value of(Compose g, Value x, List<Integer> axes);
  }

  static void addTo(Map<String, Rule> rules) {
    put(rules, "ReduceSum", Compose::sum);
    rules.put("ReduceMean", Rule.of(Reductions::mean));
    rules.put("ReduceMax", Rule.of(Reductions::largest));
    put(rules, "ReduceMin", (g, x, axes) -> g.neg(g.largest(g.neg(x), axes)));
    put(rules, "ReduceProd", Reductions::product);
    put(rules, "ReduceL1", (g, x, axes) -> g.sum(g.abs(x), axes));
    put(rules, "ReduceL2", (g, x, axes) -> g.sqrt(g.sum(g.square(x), axes)));
    put(rules, "ReduceSumSquare", (g, x, axes) -> g.sum(g.square(x), axes));
    put(rules, "ReduceLogSum", (g, x, axes) -> g.op(new Op.Log(), g.sum(x, axes)));
    put(rules, "ReduceLogSumExp", (g, x, axes) -> {
      // an infinite one would leave no number of the others
      Value largest = g.clip(g.largest(x, axes), -Float.MAX_VALUE, Float.MAX_VALUE);
      return g.add(g.op(new Op.Log(), g.sum(g.op(new Op.Exp(), g.sub(x, largest)), axes)), largest);
    });
  }

  private static void put(Map<String, Rule> rules, String type, Reduction how) {
    rules.put(type, Rule.of(c -> reduce(c, how)));
  }

  private static Value reduce(Call c, Reduction how) {
    Value x = c.value(0);
    int rank = c.g().rank(x);
    List<Integer> given = c.axes(1, rank);
    // over no axes it is the operator of each element, such as its square
    boolean all = given.isEmpty() && !c.flag("noop_with_empty_axes", false);
    List<Integer> axes = all ? IntStream.range(0, rank).boxed().toList() : given;
    Value y = how.of(c.g(), x, axes);
    Value whole = c.type(0).isInteger() && FRACTIONS.contains(c.node().type()) ? c.g().truncate(y) : y;
    return c.flag("keepdims", true) ? whole : c.g().squeeze(whole, axes);
  }

  private static Value largest(Call c) {
    List<Integer> axes = c.axes(1, c.shape(0).rank());
    boolean single = axes.size() == 1 && !c.flag("keepdims", true);
    return (single ? SpeltOut.adaptiveMax(c, axes.getFirst()) : Optional.<Value>empty())
        .orElseGet(() -> reduce(c, Compose::largest));
  }

  /** The mean along axes whose sizes depend on the input's is an adaptive pool, which does not hold them. */
  private static Value mean(Call c) {
    Shape shape = c.shape(0);
    Shape other = c.otherShape(0);
    return reduce(c, (g, x, axes) -> {
      boolean open = axes.stream().anyMatch(axis -> axis >= other.rank() || shape.dim(axis) != other.dim(axis));
      boolean run = IntStream.range(1, axes.size()).allMatch(i -> axes.get(i) == axes.get(i - 1) + 1);
      boolean image = axes.equals(List.of(2, 3)) && shape.rank() == 4;
      if (image || !open || !run || axes.getFirst() == 0 || axes.getLast() != shape.rank() - 1 && axes.size() > 1) {
        return g.mean(x, axes);
      }
      return pooledMean(g, x, axes.getFirst(), axes.getLast());
    });
  }

  /** {@code [N, a, T, b]} as {@code [N, a, T, b]} images or {@code [N, 1, T, b]}, of which rows are averaged. */
  private static Value pooledMean(Compose g, Value x, int first, int last) {
    Shape shape = g.shape(x);
    if (first == 1 && shape.rank() == 3 && last == 1) {
      Value image = g.reshape(x, new Dim.Axis(0), new Dim.Size(1), new Dim.Axis(1), new Dim.Axis(2));
      return g.reshape(g.op(new Op.AdaptiveAveragePool(1, shape.dim(2)), image), new Dim.Axis(0), new Dim.Size(1),
          new Dim.Axis(3));
    }
    if (first == 2 && shape.rank() == 3 && last == 2) {
      Value image = g.reshape(x, new Dim.Axis(0), new Dim.Axis(1), new Dim.Axis(2), new Dim.Size(1));
      return g.squeeze(g.op(new Op.AdaptiveAveragePool(1, 1), image), List.of(3));
    }
    return g.mean(x, IntStream.rangeClosed(first, last).boxed().toList());
  }

  private static Value product(Compose g, Value x, List<Integer> axes) {
    Value product = x;
    for (int axis : axes) {
      int size = g.shape(x).dim(axis);
      if (size > MAX_FACTORS) {
        throw new Refusal("products of more than " + MAX_FACTORS + " elements are not supported, got " + size);
      }
      Value factors = product;
      product = g.slice(factors, axis, 0, 1);
      for (int i = 1; i < size; i++) {
        product = g.mul(product, g.slice(factors, axis, i, i + 1));
      }
    }
    return product;
  }
}
