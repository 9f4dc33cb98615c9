package dev.fovea.graph;

import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Back-propagation (Rumelhart, Hinton, Williams 1986) from graph to graph: the reverse pass appends, for each node, the operators
 * that compute the gradients of its inputs. {@link #adjoint} is the table of derivatives, one case per operator.
 */
public final class Gradients {
  private static final String PREFIX = "gradient/";

  private Gradients() {}

  /** The name of the output that holds a parameter's gradient. */
  public static String outputOf(String parameter) {
    return PREFIX + parameter;
  }

  /** The parameter whose gradient that output holds. */
  public static Optional<String> parameterOf(String output) {
    return output.startsWith(PREFIX) ? Optional.of(output.substring(PREFIX.length())) : Optional.empty();
  }

  /** The graph with one more output for each trainable parameter: the gradient of the scalar output {@code loss}. */
  public static Graph withGradients(Graph graph, String loss) {
    GraphBuilder g = new GraphBuilder();
    Rewrite.replayInto(g, graph, (_, _, _) -> Optional.empty());
    List<Value> params = new ArrayList<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      if (graph.nodes().get(i).op() instanceof Op.Param(_, _, _, boolean trainable) && trainable) {
        params.add(new Value(i));
      }
    }
    Map<Value, Value> gradients = of(g, graph.output(loss), params);
    g.outputsOf(graph, v -> v);
    for (Value param : params) {
      Op.Param declared = (Op.Param) g.node(param).op();
      Value gradient = gradients.get(param);
      g.output(outputOf(declared.name()), gradient != null ? gradient : g.op(new Op.Fill(declared.shape(), 0)));
    }
    return Rewrite.prune(g.build());
  }

  /** Appends the gradients of the scalar {@code loss}; a value that it does not depend on has none. */
  public static Map<Value, Value> of(GraphBuilder g, Value loss, List<Value> values) {
    boolean[] needed = new boolean[loss.id() + 1];
    values.stream().filter(v -> v.id() <= loss.id()).forEach(v -> needed[v.id()] = true);
    for (int i = 0; i <= loss.id(); i++) {
      for (Value input : g.node(new Value(i)).inputs()) {
        needed[i] |= needed[input.id()];
      }
    }
    Map<Value, Value> gradients = new LinkedHashMap<>();
    gradients.put(loss, g.op(new Op.Fill(g.shape(loss), 1)));
    for (int i = loss.id(); i >= 0; i--) {
      Value y = new Value(i);
      Node node = g.node(y);
      Value dy = gradients.get(y);
      if (dy == null || !needed[i] || node.inputs().isEmpty()) {
        continue;
      }
      g.at(
          node.path(),
          () -> {
            List<@Nullable Value> inputGradients = adjoint(new Step(g, node, y, dy, needed));
            for (int k = 0; k < inputGradients.size(); k++) {
              Value gradient = inputGradients.get(k);
              if (gradient != null) {
                gradients.merge(node.inputs().get(k), gradient, (a, b) -> g.op(new Op.Add(), a, b));
              }
            }
            return gradients;
          });
    }
    return gradients;
  }

  /** One step of the reverse pass: a node, its result and the gradient of the result. */
  private record Step(GraphBuilder g, Node node, Value y, Value dy, boolean[] needed) {
    Value in(int index) {
      return node.inputs().get(index);
    }

    Shape shape(int index) {
      return g.shape(in(index));
    }

    boolean needs(int index) {
      return index < node.inputs().size() && needed[in(index).id()];
    }

    /** The incoming gradient times a local derivative. */
    @Nullable Value times(int index, Value derivative) {
      return needs(index) ? g.op(new Op.Mul(), dy, derivative) : null;
    }

    /** The operator, appended only if the gradient of that input is needed. */
    @Nullable Value when(int index, Op op, Value... inputs) {
      return needs(index) ? g.op(op, inputs) : null;
    }
  }

  private static List<@Nullable Value> adjoint(Step s) {
    Value dy = s.dy;
    return switch (s.node.op()) {
      case Op.Conv(Window w, int groups) -> list(
          s.when(0, transposeOf(w, groups, s.shape(0), s.g.shape(dy)), dy, s.in(1)),
          s.when(1, new Op.ConvWeightGrad(w, groups), s.in(0), dy),
          s.when(2, new Op.ChannelSum(), dy));
      case Op.ConvTranspose(Window w, int groups, _, _) -> list(
          s.when(0, new Op.Conv(w, groups), dy, s.in(1)),
          s.when(1, new Op.ConvWeightGrad(w, groups), dy, s.in(0)),
          s.when(2, new Op.ChannelSum(), dy));
      case Op.LocalConv(Window w) -> list(
          s.when(0, new Op.LocalConvInputGrad(w, s.shape(0).dim(2), s.shape(0).dim(3)), dy, s.in(1)),
          s.when(1, new Op.LocalConvWeightGrad(w), s.in(0), dy));
      case Op.MaxPool(Window w) -> list(s.when(0, new Op.MaxUnpool(w), s.in(0), dy));
      case Op.MaxUnpool(Window w) -> list(null, s.when(1, new Op.MaxPick(w), s.in(0), dy));
      case Op.MaxPick(Window w) -> list(null, s.when(1, new Op.MaxUnpool(w), s.in(0), dy));
      case Op.AdaptiveMaxPool(int h, int w) -> list(s.when(0, new Op.AdaptiveMaxPoolGrad(h, w), s.in(0), dy));
      case Op.AdaptiveAveragePool _ -> list(
          s.when(0, new Op.AdaptiveAveragePoolGrad(s.shape(0).dim(2), s.shape(0).dim(3)), dy));
      case Op.AveragePool(Window w, boolean counted) -> list(
          s.when(0, new Op.AveragePoolGrad(w, counted, s.shape(0).dim(2), s.shape(0).dim(3)), dy));
      case Op.Gemm(boolean ta, boolean tb) -> list(
          ta ? s.when(0, new Op.Gemm(tb, true), s.in(1), dy) : s.when(0, new Op.Gemm(false, !tb), dy, s.in(1)),
          tb ? s.when(1, new Op.Gemm(true, ta), dy, s.in(0)) : s.when(1, new Op.Gemm(!ta, false), s.in(0), dy),
          s.needs(2) ? s.g.op(new Op.SumTo(s.shape(2)), dy) : null);
      case Op.Flatten _, Op.Reshape _ -> list(s.when(0, new Op.Reshape(s.shape(0).withoutBatch()), dy));
      case Op.Concat _ -> concat(s);
      case Op.Slice(int axis, int from, int to) -> list(s.when(0, new Op.Pad(axis, from, s.shape(0).dim(axis) - to), dy));
      case Op.Pad(int axis, int before, _) -> list(
          s.when(0, new Op.Slice(axis, before, before + s.shape(0).dim(axis)), dy));
      case Op.PadToMultiple _ -> list(
          s.needs(0)
              ? s.g.op(new Op.Slice(3, 0, s.shape(0).dim(3)), s.g.op(new Op.Slice(2, 0, s.shape(0).dim(2)), dy))
              : null);
      case Op.Crop(int top, int left) -> list(s.needs(0) ? uncropped(s, top, left) : null, null);
      case Op.Resize(Op.Interpolation how, _) -> list(
          s.when(0, new Op.ResizeGrad(how, s.shape(0).dim(2), s.shape(0).dim(3)), dy), null);
      case Op.Add _ -> list(s.needs(0) ? dy : null, s.needs(1) ? sumTo(s.g, dy, s.shape(1)) : null);
      case Op.Mul _ -> list(
          s.when(0, new Op.Mul(), dy, s.in(1)),
          s.needs(1) ? sumTo(s.g, s.g.op(new Op.Mul(), dy, s.in(0)), s.shape(1)) : null);
      case Op.Relu _ -> list(s.when(0, new Op.ReluGrad(), s.y, dy));
      case Op.LeakyRelu(float slope) -> list(s.when(0, new Op.LeakyReluGrad(slope), s.y, dy));
      case Op.Sigmoid _ -> list(s.when(0, new Op.SigmoidGrad(), s.y, dy));
      case Op.Tanh _ -> list(s.when(0, new Op.TanhGrad(), s.y, dy));
      case Op.Clip(float min, float max) -> list(s.when(0, new Op.ClipGrad(min, max), s.y, dy));
      case Op.Elu(float alpha) -> list(s.when(0, new Op.EluGrad(alpha), s.y, dy));
      case Op.Softplus _ -> list(s.times(0, s.g.op(new Op.Sigmoid(), s.in(0))));
      case Op.Exp _ -> list(s.times(0, s.y));
      case Op.Erf _ -> list(s.times(0, errorDensity(s.g, s.in(0))));
      case Op.Pow(float p) -> list(
          s.times(0, s.g.op(new Op.Mul(), s.g.op(new Op.Pow(p - 1), s.in(0)), scalar(s.g, p))));
      case Op.Maxout(int pieces) -> list(s.when(0, new Op.MaxoutGrad(pieces), s.in(0), dy));
      case Op.Sum _ -> list(s.needs(0) ? s.g.op(new Op.Add(), s.g.op(new Op.Fill(s.shape(0), 0)), dy) : null);
      case Op.Mean _ -> list(
          s.needs(0)
              ? s.g.op(new Op.Mul(), s.g.op(new Op.Fill(s.shape(0), (float) (1.0 / s.shape(0).size()))), dy)
              : null);
      case Op.OneHot _, Op.ExponentialRace _ -> list();
      case Op.Lrn(int size, float alpha, float beta, float k) -> list(
          s.when(0, new Op.LrnGrad(size, alpha, beta, k), s.in(0), dy));
      case Op.RowNormalization(int axis, int groups, float epsilon) -> list(
          s.when(0, new Op.RowNormalizationGrad(axis, groups, epsilon), s.in(0), dy));
      case Op.BatchNormalization(float epsilon, _) -> batchNormalization(s, epsilon);
      case Op.Dropout dropout -> list(s.when(0, dropout, dy));
      case Op.Softmax _ -> list(s.when(0, new Op.SoftmaxGrad(), s.y, dy));
      case Op.LogSoftmax _ -> list(s.when(0, new Op.LogSoftmaxGrad(), s.y, dy));
      case Op.SoftmaxCrossEntropyLoss _ -> softmaxLoss(s);
      case Op.SigmoidCrossEntropyLoss _ -> list(s.when(0, new Op.SigmoidCrossEntropyGrad(), s.in(0), s.in(1), dy));
      case Op.Source _ -> List.of();
      case Op.Adjoint op -> throw new IllegalArgumentException("no second derivative: " + op.type());
    };
  }

  /** The transposed convolution from a convolution's output back to its input's size. */
  private static Op.ConvTranspose transposeOf(Window w, int groups, Shape x, Shape y) {
    int h = (y.dim(2) - 1) * w.strideH() + w.extentH() - w.top() - w.bottom();
    int wide = (y.dim(3) - 1) * w.strideW() + w.extentW() - w.left() - w.right();
    return new Op.ConvTranspose(w, groups, x.dim(2) - h, x.dim(3) - wide);
  }

  /** Each operand's gradient is its slice of channels. */
  private static List<@Nullable Value> concat(Step s) {
    List<@Nullable Value> inputGradients = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < s.node.inputs().size(); i++) {
      int to = from + s.shape(i).dim(1);
      inputGradients.add(s.when(i, new Op.Slice(1, from, to), s.dy));
      from = to;
    }
    return inputGradients;
  }

  private static Value uncropped(Step s, int top, int left) {
    Shape x = s.shape(0);
    Shape y = s.g.shape(s.dy);
    Value rows = s.g.op(new Op.Pad(2, top, x.dim(2) - y.dim(2) - top), s.dy);
    return s.g.op(new Op.Pad(3, left, x.dim(3) - y.dim(3) - left), rows);
  }

  /** The derivative of the error function: {@code 2 / sqrt(pi) exp(-x^2)}. */
  private static Value errorDensity(GraphBuilder g, Value x) {
    Value square = g.op(new Op.Mul(), g.op(new Op.Mul(), x, x), scalar(g, -1));
    return g.op(new Op.Mul(), g.op(new Op.Exp(), square), scalar(g, (float) (2 / Math.sqrt(Math.PI))));
  }

  /**
   * Ioffe and Szegedy 2015, section 3. If mean and variance are those of x itself, the gradient of x includes the paths through
   * them, and they have none of their own.
   */
  private static List<@Nullable Value> batchNormalization(Step s, float epsilon) {
    boolean ofBatch = s.g.node(s.in(3)).op() instanceof Op.BatchMean && s.g.node(s.in(3)).inputs().getFirst().equals(s.in(0));
    Op gradient = new Op.BatchNormalizationGrad(epsilon);
    Value dScale = s.needs(1) || ofBatch && s.needs(0)
        ? s.g.op(new Op.BatchNormalizationScaleGrad(epsilon), s.in(0), s.dy, s.in(3), s.in(4))
        : null;
    Value dBias = s.needs(2) || ofBatch && s.needs(0) ? s.g.op(new Op.ChannelSum(), s.dy) : null;
    Value dx = ofBatch && dScale != null && dBias != null
        ? s.when(0, gradient, s.dy, s.in(1), s.in(4), s.in(0), s.in(3), dScale, dBias)
        : s.when(0, gradient, s.dy, s.in(1), s.in(4));
    return list(dx, s.needs(1) ? dScale : null, s.needs(2) ? dBias : null, null, null);
  }

  private static List<@Nullable Value> softmaxLoss(Step s) {
    Op.SoftmaxCrossEntropyLoss loss = (Op.SoftmaxCrossEntropyLoss) s.node.op();
    List<Value> in = new ArrayList<>(List.of(s.in(0), s.in(1), s.dy));
    in.addAll(s.node.inputs().subList(2, s.node.inputs().size()));
    Op gradient = new Op.SoftmaxCrossEntropyGrad(loss.smoothing(), loss.ignored());
    return list(s.needs(0) ? s.g.op(gradient, in) : null);
  }

  private static Value scalar(GraphBuilder g, float value) {
    return g.op(new Op.Fill(Shape.of(), value));
  }

  private static Value sumTo(GraphBuilder g, Value value, Shape shape) {
    return g.shape(value).equals(shape) ? value : g.op(new Op.SumTo(shape), value);
  }

  private static List<@Nullable Value> list(@Nullable Value... values) {
    return Arrays.asList(values);
  }
}
