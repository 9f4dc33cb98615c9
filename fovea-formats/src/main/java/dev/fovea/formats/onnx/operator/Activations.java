package dev.fovea.formats.onnx.operator;

import dev.fovea.formats.onnx.call.Call;
import dev.fovea.formats.onnx.call.Compose;
import dev.fovea.formats.onnx.call.Known;
import dev.fovea.formats.onnx.call.Refusal;
import dev.fovea.formats.onnx.call.Rule;
import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.graph.Op;
import dev.fovea.graph.Op.Dim;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Activations, each in the form that layers of {@code dev.fovea.layer} have, which is what engines fuse. */
final class Activations {
  private Activations() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Relu", Rule.of(c -> {
      Value y = c.g().op(new Op.Relu(), c.value(0));
      IntegerSums.relu(c, c.value(0), y);
      return y;
    }));
    rules.put("LeakyRelu", Rule.of(c -> leaky(c.g(), c.value(0), c.node().number("alpha", 0.01f))));
    rules.put("PRelu", Rule.of(Activations::pRelu));
    rules.put("Sigmoid", Rule.of(c -> c.g().op(new Op.Sigmoid(), c.value(0))));
    rules.put("Tanh", Rule.of(c -> c.g().op(new Op.Tanh(), c.value(0))));
    rules.put("Softplus", Rule.of(c -> c.g().op(new Op.Softplus(), c.value(0))));
    rules.put("Softsign", Rule.of(c -> c.g().div(c.value(0), c.g().add(c.g().abs(c.value(0)), 1))));
    rules.put("Elu", Rule.of(c -> elu(c, c.node().number("alpha", 1))));
    rules.put("Selu", Rule.of(c -> {
      Value elu = elu(c, c.node().number("alpha", c.opset() < 6 ? 1.6732f : 1.6732632f));
      return c.g().mul(elu, c.node().number("gamma", c.opset() < 6 ? 1.0507f : 1.050701f));
    }));
    rules.put("Celu", Rule.of(c -> {
      double alpha = c.node().number("alpha", 1);
      return c.g().mul(c.g().op(new Op.Elu(1), c.g().mul(c.value(0), 1 / alpha)), alpha);
    }));
    rules.put("HardSigmoid",
        Rule.of(c -> hardSigmoid(c.g(), c.value(0), c.node().number("alpha", 0.2f), c.node().number("beta", 0.5f))));
    rules.put("HardSwish", Rule.of(c -> c.g().mul(c.value(0), hardSigmoid(c.g(), c.value(0), 1.0 / 6, 0.5))));
    rules.put("Mish", Rule.of(c -> c.g().mul(c.value(0), c.g().op(new Op.Tanh(), c.g().op(new Op.Softplus(), c.value(0))))));
    rules.put("Swish", Rule.of(c -> c.g().mul(c.value(0), c.g().op(new Op.Sigmoid(),
        c.g().mul(c.value(0), c.node().number("alpha", 1))))));
    rules.put("Gelu", Rule.of(c -> c.node().text("approximate", "none").equals("tanh")
        ? geluTanh(c.g(), c.value(0))
        : gelu(c.g(), c.value(0))));
    rules.put("ThresholdedRelu", Rule.of(c -> {
      Value above = c.g().less(c.g().number(c.node().number("alpha", 1)), c.value(0));
      return c.g().where(above, c.value(0), c.g().number(0));
    }));
    rules.put("Shrink", Rule.of(Activations::shrink));
    rules.put("Clip", Rule.of(Activations::clip));
    rules.put("Softmax", Rule.of(c -> softmax(c, Op.Softmax::new)));
    rules.put("LogSoftmax", Rule.of(c -> softmax(c, Op.LogSoftmax::new)));
    rules.put("Hardmax", Rule.of(Activations::hardmax));
    rules.put("Identity", c -> List.of(c.operand(0)));
    rules.put("Dropout", Activations::dropout);
  }

  private static Value leaky(Compose g, Value x, float slope) {
    return slope >= 0 ? g.op(new Op.LeakyRelu(slope), x)
        : g.add(g.op(new Op.Relu(), x), g.mul(g.clip(x, -Float.MAX_VALUE, 0), slope));
  }

  private static Value elu(Call c, float alpha) {
    if (alpha < 0) {
      throw new Refusal("expects an alpha of 0 or more, got " + alpha);
    }
    return c.g().op(new Op.Elu(alpha), c.value(0));
  }

  /** {@code x / 6 + 1 / 2} between 0 and 1, or with other numbers. */
  static Value hardSigmoid(Compose g, Value x, double alpha, double beta) {
    // the exact third or sixth, where the file has it rounded to float
    double exact = (float) alpha == (float) (1.0 / 6) ? 1.0 / 6 : alpha;
    return g.clip(g.add(g.mul(x, exact), beta), 0, 1);
  }

  /** {@code x (1 + erf(x / sqrt 2)) / 2}. */
  static Value gelu(Compose g, Value x) {
    return half(g, x, g.op(new Op.Erf(), g.mul(x, Math.sqrt(0.5))));
  }

  static Value geluTanh(Compose g, Value x) {
    Value polynomial = g.add(g.mul(g.square(x), 0.044715), 1);
    return half(g, x, g.op(new Op.Tanh(), g.mul(g.mul(x, polynomial), Math.sqrt(2 / Math.PI))));
  }

  private static Value half(Compose g, Value x, Value y) {
    return g.mul(g.mul(x, g.add(y, 1)), 0.5);
  }

  /** The slope broadcasts onto x; before opset 7 one for each channel has no axes after it. */
  private static Value pRelu(Call c) {
    Value x = c.value(0);
    Shape shape = c.g().shape(x);
    Value slope = c.constant(1).filter(array -> c.opset() < 7 && array.rank() == 1 && array.size() > 1).map(array -> {
      int[] dims = new int[Math.max(1, shape.rank() - 1)];
      Arrays.fill(dims, 1);
      dims[0] = array.size();
      return c.weight(array.reshaped(dims), 1);
    }).orElseGet(() -> c.weight(1));
    if (c.g().rank(slope) == shape.rank() && shape.rank() > 1 && c.g().shape(slope).dim(0) == 1) {
      slope = c.constant(1).map(array -> c.weight(array.reshaped(Arrays.copyOfRange(array.dims(), 1, array.rank())), 1))
          .orElse(slope);
    }
    Value below = c.g().op(new Op.Clip(-Float.MAX_VALUE, 0), x);
    return c.g().add(c.g().op(new Op.Relu(), x), c.g().mul(below, slope));
  }

  private static Value shrink(Call c) {
    Value x = c.value(0);
    double bias = c.node().number("bias", 0);
    double lambda = c.node().number("lambd", 0.5f);
    Value zero = c.g().number(0);
    Value low = c.g().where(c.g().less(x, c.g().number(-lambda)), c.g().add(x, bias), zero);
    return c.g().where(c.g().less(c.g().number(lambda), x), c.g().add(x, -bias), low);
  }

  private static Value clip(Call c) {
    Value x = c.value(0);
    boolean known = (!c.has(1) || c.constant(1).isPresent()) && (!c.has(2) || c.constant(2).isPresent());
    if (known) {
      double min = c.number(1, "min", Double.NEGATIVE_INFINITY);
      double max = c.number(2, "max", Double.POSITIVE_INFINITY);
      return c.g().clip(x, min, max);
    }
    Value above = c.has(1) ? c.g().max(x, c.value(1)) : x;
    return c.has(2) ? c.g().min(above, c.value(2)) : above;
  }

  private static Value softmax(Call c, IntFunction<Op> along) {
    return flattened(c, (x, axis) -> c.g().op(along.apply(axis), x));
  }

  private interface Along {
    Value apply(Value x, int axis);
  }

  /** What the body does along the node's axis; before opset 13 the axes from it on are one. */
  private static Value flattened(Call c, Along body) {
    Value x = c.value(0);
    int rank = c.g().rank(x);
    int axis = c.axis("axis", c.opset() < 13 ? 1 : -1, rank);
    if (c.opset() >= 13 || axis == rank - 1 || c.g().shape(x).sizeFrom(axis) == c.g().shape(x).dim(axis)) {
      return body.apply(x, axis);
    }
    List<Dim> flat = new ArrayList<>();
    List<Dim> back = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      if (i < axis) {
        flat.add(new Dim.Axis(i));
      }
      back.add(i < axis ? new Dim.Axis(i) : new Dim.Size(c.g().shape(x).dim(i)));
    }
    flat.add(new Dim.Rest());
    return c.g().reshape(body.apply(c.g().reshape(x, flat), axis), back);
  }

  /** 1 at the first maximum along the axis, else 0. */
  private static Value hardmax(Call c) {
    return flattened(c, (x, axis) -> {
      int[] dims = new int[c.g().rank(x)];
      Arrays.fill(dims, 1);
      dims[axis] = c.g().shape(x).dim(axis);
      double[] all = Call.numbers(dims[axis]);
      Arrays.setAll(all, i -> i);
      Value indices = c.computed(Array.reals(OnnxType.FLOAT, dims, all));
      return c.g().equal(c.g().op(new Op.TopK(axis, 1), x), indices);
    });
  }

  /** In the graph it drops while training; a mask is asked for by files that do not use it. */
  private static List<Known> dropout(Call c) {
    double ratio = c.number(1, "ratio", 0.5);
    boolean training = c.has(2) && c.constant(2, "training_mode").scalar() != 0;
    if (training && ratio > 0) {
      throw new Refusal("drops at random in inference (training_mode is set): export the model in evaluation mode");
    }
    Value x = c.value(0);
    boolean drops = ratio > 0 && ratio < 1 && !training;
    Value y = drops ? c.g().op(new Op.Dropout(c.node().outputs().getFirst(), (float) ratio), x) : x;
    List<Known> results = new ArrayList<>(c.result(y));
    if (c.wants(1)) {
      // ONNX Runtime says that nothing is kept up to opset 11
      Value none = c.g().zerosLike(x);
      results.add(c.known(c.opset() < 12 ? none : c.g().add(none, 1), c.opset() < 10 ? c.type(0) : OnnxType.BOOL));
    }
    return results;
  }
}
