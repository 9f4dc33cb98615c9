package dev.fovea.graph;

import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
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

  /** Whether a graph computes gradients of parameters; these then change at each run. */
  public static boolean areIn(Graph graph) {
    return graph.outputs().keySet().stream().anyMatch(name -> parameterOf(name).isPresent());
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

  /** What the reverse pass does at some nodes in place of back-propagation; explanations of a network's answers differ in it. */
  @FunctionalInterface
  public interface Rule {
    /** The derivative everywhere. */
    Rule DERIVATIVE = _ -> Optional.empty();

    /** What each input of the node receives, null for one that receives nothing; empty: by the derivative. */
    Optional<List<@Nullable Value>> apply(Step step);
  }

  /** Appends the gradients of the scalar {@code loss}; a value that it does not depend on has none. */
  public static Map<Value, Value> of(GraphBuilder g, Value loss, List<Value> values) {
    return of(g, loss, g.op(new Op.Fill(g.shape(loss), 1)), values, Rule.DERIVATIVE);
  }

  /**
   * Appends what the reverse pass from {@code output} brings to {@code values}; a value that the output does not depend on gets
   * nothing.
   *
   * @param seed what the output receives: for gradients of a weighted sum of its elements, the weights
   */
  public static Map<Value, Value> of(GraphBuilder g, Value output, Value seed, List<Value> values, Rule rule) {
    boolean[] needed = new boolean[output.id() + 1];
    values.stream().filter(v -> v.id() <= output.id()).forEach(v -> needed[v.id()] = true);
    for (int i = 0; i <= output.id(); i++) {
      for (Value input : g.node(new Value(i)).inputs()) {
        needed[i] |= needed[input.id()];
      }
    }
    Map<Value, Value> gradients = new LinkedHashMap<>();
    gradients.put(output, seed);
    for (int i = output.id(); i >= 0; i--) {
      Value y = new Value(i);
      Node node = g.node(y);
      Value dy = gradients.get(y);
      if (dy == null || !needed[i] || node.inputs().isEmpty()) {
        continue;
      }
      g.at(
          node.path(),
          () -> {
            Step step = new Step(g, node, y, dy, among(needed, node.inputs()));
            List<@Nullable Value> inputGradients = rule.apply(step).orElseGet(() -> adjoint(step));
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

  private static boolean[] among(boolean[] needed, List<Value> values) {
    boolean[] among = new boolean[values.size()];
    for (int i = 0; i < among.length; i++) {
      among[i] = needed[values.get(i).id()];
    }
    return among;
  }

  /** One step of the reverse pass: a node, its result and what the result receives. */
  public static final class Step {
    private final GraphBuilder g;
    private final Node node;
    private final Value y;
    private final Value dy;

    /** For each of the node's inputs. */
    private final boolean[] needed;

    private Step(GraphBuilder g, Node node, Value y, Value dy, boolean[] needed) {
      this.g = g;
      this.node = node;
      this.y = y;
      this.dy = dy;
      this.needed = needed;
    }

    /** The graph that the rule appends to. */
    public GraphBuilder g() {
      return g;
    }

    public Node node() {
      return node;
    }

    /** The node's result. */
    public Value y() {
      return y;
    }

    /** What the result receives. */
    public Value dy() {
      return dy;
    }

    /** An input of the node. */
    public Value in(int index) {
      return node.inputs().get(index);
    }

    Shape shape(int index) {
      return g.shape(in(index));
    }

    /** Whether what an input receives is used; if not, a rule need not compute it. */
    public boolean needs(int index) {
      return index < needed.length && needed[index];
    }

    /** What the inputs would receive by the derivative, if the result received {@code dy}. */
    public List<@Nullable Value> derivative(Value dy) {
      return adjoint(new Step(g, node, y, dy, needed));
    }

    /** As the other, if the node had other operands; for operators that are linear in those that receive something. */
    public List<@Nullable Value> derivative(List<Value> operands, Value dy) {
      return adjoint(new Step(g, new Node(node.op(), operands, node.shape(), node.path()), y, dy, needed));
    }

    /** The incoming gradient times a local derivative. */
    @Nullable Value times(int index, Value derivative) {
      return needs(index) ? g.op(new Op.Mul(), dy, derivative) : null;
    }

    /** The gradient where the condition holds, or where it does not; elsewhere 0. */
    Value where(Value condition, boolean holds) {
      Value none = g.number(0);
      return holds ? g.op(new Op.Where(), condition, dy, none) : g.op(new Op.Where(), condition, none, dy);
    }

    /** A gradient of the result's shape, computed only if needed, summed over the axes along which that input broadcasts. */
    @Nullable Value summed(int index, Supplier<Value> gradient) {
      return needs(index) ? sumTo(g, gradient.get(), shape(index)) : null;
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
      case Op.MatMul _ -> matMul(s);
      case Op.Flatten _, Op.Reshape _ -> list(s.needs(0) ? reshaped(s.g, dy, s.shape(0)) : null);
      case Op.Transpose(List<Integer> perm) -> list(
          s.when(0, new Op.Transpose(IntStream.range(0, perm.size()).boxed().map(perm::indexOf).toList()), dy));
      case Op.Concat(int axis) -> concat(s, axis);
      case Op.Slice slice -> {
        int size = s.shape(0).dim(slice.axis());
        yield list(s.when(0, new Op.Pad(slice.axis(), slice.first(size), size - slice.end(size)), dy));
      }
      case Op.Gather(int axis, List<Integer> indices) -> list(
          s.when(0, new Op.GatherGrad(axis, indices, s.shape(0).dim(axis)), dy));
      case Op.GatherElements(int axis) -> list(
          s.when(0, new Op.GatherElementsGrad(axis, s.shape(0).dim(axis)), s.in(1), dy), null);
      case Op.Pad(int axis, int before, _) -> list(
          s.when(0, new Op.Slice(axis, before, before + s.shape(0).dim(axis)), dy));
      case Op.PadToMultiple _ -> list(
          s.needs(0)
              ? s.g.op(new Op.Slice(3, 0, s.shape(0).dim(3)), s.g.op(new Op.Slice(2, 0, s.shape(0).dim(2)), dy))
              : null);
      case Op.Crop(int top, int left) -> list(s.needs(0) ? uncropped(s, top, left) : null, null);
      case Op.Resize(Op.Interpolation how, _) -> list(
          s.when(0, new Op.ResizeGrad(how, s.shape(0).dim(2), s.shape(0).dim(3)), dy), null);
      case Op.Add _ -> list(s.summed(0, () -> dy), s.summed(1, () -> dy));
      case Op.Mul _ -> list(
          s.summed(0, () -> s.g.op(new Op.Mul(), dy, s.in(1))), s.summed(1, () -> s.g.op(new Op.Mul(), dy, s.in(0))));
      case Op.Div _ -> list(
          s.summed(0, () -> s.g.op(new Op.Div(), dy, s.in(1))),
          s.summed(1, () -> s.g.mul(s.g.op(new Op.Div(), s.g.mul(dy, s.y), s.in(1)), s.g.number(-1))));
      case Op.Max _ -> {
        Value second = s.g.op(new Op.Less(), s.in(0), s.in(1));
        yield list(s.summed(0, () -> s.where(second, false)), s.summed(1, () -> s.where(second, true)));
      }
      case Op.Where _ -> list(null, s.summed(1, () -> s.where(s.in(0), true)), s.summed(2, () -> s.where(s.in(0), false)));
      case Op.Relu _ -> list(s.when(0, new Op.ReluGrad(), s.y, dy));
      case Op.LeakyRelu(float slope) -> list(s.when(0, new Op.LeakyReluGrad(slope), s.y, dy));
      case Op.Sigmoid _ -> list(s.when(0, new Op.SigmoidGrad(), s.y, dy));
      case Op.Tanh _ -> list(s.when(0, new Op.TanhGrad(), s.y, dy));
      case Op.Clip(float min, float max) -> list(s.when(0, new Op.ClipGrad(min, max), s.y, dy));
      case Op.Elu(float alpha) -> list(s.when(0, new Op.EluGrad(alpha), s.y, dy));
      case Op.Softplus _ -> list(s.times(0, s.g.op(new Op.Sigmoid(), s.in(0))));
      case Op.Exp _ -> list(s.times(0, s.y));
      case Op.Log _ -> list(s.when(0, new Op.Div(), dy, s.in(0)));
      case Op.Sin _ -> list(s.times(0, s.g.op(new Op.Cos(), s.in(0))));
      case Op.Cos _ -> list(s.times(0, s.g.mul(s.g.op(new Op.Sin(), s.in(0)), s.g.number(-1))));
      case Op.Erf _ -> list(s.times(0, errorDensity(s.g, s.in(0))));
      case Op.Pow(float p) -> list(
          s.times(0, s.g.op(new Op.Mul(), s.g.op(new Op.Pow(p - 1), s.in(0)), scalar(s.g, p))));
      case Op.Maxout(int pieces) -> list(s.when(0, new Op.MaxoutGrad(pieces), s.in(0), dy));
      case Op.Sum _ -> list(s.needs(0) ? s.g.op(new Op.Add(), s.g.op(new Op.Fill(s.shape(0), 0)), dy) : null);
      case Op.ReduceMax(int axis) -> list(s.needs(0) ? sharedByMaxima(s, axis) : null);
      case Op.Mean _ -> list(
          s.needs(0)
              ? s.g.op(new Op.Mul(), s.g.op(new Op.Fill(s.shape(0), (float) (1.0 / s.shape(0).size()))), dy)
              : null);
      case Op.OneHot _, Op.ExponentialRace _, Op.TopK _, Op.Less _, Op.Floor _, Op.Round _ -> list();
      case Op.Lrn(int size, float alpha, float beta, float k) -> list(
          s.when(0, new Op.LrnGrad(size, alpha, beta, k), s.in(0), dy));
      case Op.RowNormalization(int axis, int groups, float epsilon) -> list(
          s.when(0, new Op.RowNormalizationGrad(axis, groups, epsilon), s.in(0), dy));
      case Op.BatchNormalization(float epsilon, _) -> batchNormalization(s, epsilon);
      case Op.Dropout dropout -> list(s.when(0, dropout, dy));
      case Op.Softmax(int axis) -> list(s.when(0, new Op.SoftmaxGrad(axis), s.y, dy));
      case Op.LogSoftmax(int axis) -> list(s.when(0, new Op.LogSoftmaxGrad(axis), s.y, dy));
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

  /** Each operand's gradient is its slice. */
  private static List<@Nullable Value> concat(Step s, int axis) {
    List<@Nullable Value> inputGradients = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < s.node.inputs().size(); i++) {
      int to = from + s.shape(i).dim(axis);
      inputGradients.add(s.when(i, new Op.Slice(axis, from, to), s.dy));
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

  /** One matrix as the second operand of all of the first's is one product of matrices. */
  private static List<@Nullable Value> matMul(Step s) {
    Shape b = s.shape(1);
    if (b.rank() == 2) {
      Value rows = reshaped(s.g, s.dy, Shape.of(s.g.shape(s.dy).size() / b.dim(1), b.dim(1)));
      Value x = reshaped(s.g, s.in(0), Shape.of(s.shape(0).size() / b.dim(0), b.dim(0)));
      return list(
          s.needs(0) ? reshaped(s.g, s.g.op(new Op.Gemm(false, true), rows, s.in(1)), s.shape(0)) : null,
          s.when(1, new Op.Gemm(true, false), x, rows));
    }
    return list(
        s.summed(0, () -> s.g.op(new Op.MatMul(), s.dy, transposed(s.g, s.in(1)))),
        s.summed(1, () -> s.g.op(new Op.MatMul(), transposed(s.g, s.in(0)), s.dy)));
  }

  /** Each matrix transposed. */
  private static Value transposed(GraphBuilder g, Value x) {
    List<Integer> axes = new ArrayList<>(IntStream.range(0, g.shape(x).rank()).boxed().toList());
    Collections.swap(axes, axes.size() - 2, axes.size() - 1);
    return g.op(new Op.Transpose(axes), x);
  }

  private static Value reshaped(GraphBuilder g, Value x, Shape to) {
    boolean rows = to.rank() >= 1 && g.shape(x).rank() >= 1 && to.dim(0) == g.shape(x).dim(0);
    return g.shape(x).equals(to) ? x : g.op(rows ? Op.Reshape.image(to.withoutBatch()) : Op.Reshape.of(to), x);
  }

  /** The positions that are not less than the maximum divide its gradient. */
  private static Value sharedByMaxima(Step s, int axis) {
    Value less = s.g.op(new Op.Less(), s.in(0), s.y);
    Value maxima = s.g.op(new Op.Where(), less, s.g.number(0), s.g.number(1));
    return s.g.mul(maxima, s.g.op(new Op.Div(), s.dy, s.g.op(new Op.Sum(axis), maxima)));
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
