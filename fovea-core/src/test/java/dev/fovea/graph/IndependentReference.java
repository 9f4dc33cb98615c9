package dev.fovea.graph;

import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.OpCase;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * A second, independent implementation of the forward operators from textbook formulas, to check {@link Reference}: each element of
 * the result is computed from its coordinates. Maps and rows are in separate files.
 */
final class IndependentReference {
  final Shape out;
  final List<Shape> shapes;
  final double[][] in;

  private IndependentReference(OpCase c) {
    out = c.resultShape();
    shapes = c.operands().stream().map(o -> o.shape()).toList();
    in = IntStream.range(0, shapes.size()).mapToObj(c::values).toArray(double[][]::new);
  }

  static double[] of(OpCase c) {
    IndependentReference s = new IndependentReference(c);
    IndependentMaps maps = new IndependentMaps(s);
    IndependentRows rows = new IndependentRows(s);
    return switch ((Op.Forward) c.op()) {
      case Op.Conv op -> s.gather(at -> s.conv(op, at));
      case Op.ConvTranspose op -> s.gather(at -> s.convTranspose(op, at));
      case Op.LocalConv(Window w) -> s.gather(at -> maps.localConv(w, at));
      case Op.MaxPool(Window w) -> s.gather(at -> s.underWindow(w, at).max().orElseThrow());
      case Op.MaxUnpool(Window w) -> s.gather(at -> maps.unpooled(w, at));
      case Op.MaxPick(Window w) -> s.gather(at -> maps.picked(w, at));
      case Op.AveragePool(Window w, boolean counted) -> s.gather(at -> s.underWindow(w, at).sum() / s.counted(w, counted, at));
      case Op.AdaptiveAveragePool _ -> s.gather(at -> maps.adaptive(at).average().orElseThrow());
      case Op.AdaptiveMaxPool _ -> s.gather(at -> maps.adaptive(at).max().orElseThrow());
      case Op.ExponentialRace(String name) -> s.race(name);
      case Op.Gemm op -> s.gather(at -> s.gemm(op, at));
      case Op.Flatten _, Op.Reshape _ -> s.in[0];
      case Op.MatMul _ -> s.gather(s::matMul);
      case Op.Concat(int axis) -> s.gather(at -> maps.concat(at, axis));
      case Op.Slice(int axis, int from, _) ->
          s.gather(at -> s.get(0, moved(at, axis, Math.floorMod(from, s.shapes.getFirst().dim(axis)))));
      case Op.Transpose(List<Integer> perm) -> s.gather(
          at -> s.get(0, IntStream.range(0, at.length).map(axis -> at[perm.indexOf(axis)]).toArray()));
      case Op.Gather(int axis, List<Integer> indices) -> s.gather(at -> s.get(0, with(at, axis, indices.get(at[axis]))));
      case Op.GatherElements(int axis) -> s.gather(at -> s.get(0, with(at, axis, (int) s.get(1, at))));
      case Op.TopK(int axis, _) -> s.gather(at -> rows.ofRank(at[axis], axis, at));
      case Op.ReduceMax(int axis) -> s.gather(at -> s.along(axis, at).max().orElseThrow());
      case Op.Pad(int axis, int before, _) -> s.gather(at -> s.get(0, moved(at, axis, -before)));
      case Op.PadToMultiple _ -> s.gather(s::first);
      case Op.Crop(int top, int left) -> s.gather(at -> s.get(0, at[0], at[1], at[2] + top, at[3] + left));
      case Op.Resize(Op.Interpolation how, _) -> s.gather(at -> maps.resized(how, at));
      case Op.Add _ -> s.gather(at -> s.broadcast(0, at) + s.broadcast(1, at));
      case Op.Mul _ -> s.gather(at -> s.broadcast(0, at) * s.broadcast(1, at));
      case Op.Div _ -> s.gather(at -> s.broadcast(0, at) * (1 / s.broadcast(1, at)));
      case Op.Max _ -> s.gather(at -> s.broadcast(0, at) > s.broadcast(1, at) ? s.broadcast(0, at) : s.broadcast(1, at));
      case Op.Less _ -> s.gather(at -> s.broadcast(1, at) - s.broadcast(0, at) > 0 ? 1 : 0);
      case Op.Where _ -> s.gather(at -> s.broadcast(s.broadcast(0, at) == 0 ? 2 : 1, at));
      case Op.Relu _ -> s.each(x -> x < 0 ? 0 : x);
      case Op.LeakyRelu(float slope) -> s.each(x -> x < 0 ? slope * x : x);
      case Op.Sigmoid _ -> s.each(x -> (1 + Math.tanh(x / 2)) / 2);
      case Op.Tanh _ -> s.each(x -> 1 - 2 / (Math.exp(2 * x) + 1));
      case Op.Clip(float min, float max) -> s.each(x -> x < min ? min : x > max ? max : x);
      case Op.Elu(float alpha) -> s.each(x -> x < 0 ? alpha * (Math.exp(x) - 1) : x);
      case Op.Softplus _ -> s.each(IndependentReference::softplus);
      case Op.Erf _ -> s.each(IndependentReference::erf);
      case Op.Exp _ -> s.each(Math::exp);
      case Op.Log _ -> s.each(x -> 2 * atanh((x - 1) / (x + 1)));
      case Op.Sin _ -> s.each(x -> Math.cos(x - Math.PI / 2));
      case Op.Cos _ -> s.each(x -> 1 - 2 * Math.pow(Math.sin(x / 2), 2));
      case Op.Floor _ -> s.each(x -> x - (x % 1 + 1) % 1);
      case Op.Round _ -> s.each(x -> new BigDecimal(x).setScale(0, RoundingMode.HALF_EVEN).doubleValue());
      case Op.Pow(float exponent) -> s.each(x -> power(x, exponent));
      case Op.Maxout(int pieces) -> s.gather(at -> maps.maxout(pieces, at));
      case Op.Sum(int axis) -> s.gather(at -> s.along(axis, at).sum());
      case Op.Mean _ -> new double[] {Arrays.stream(s.in[0]).average().orElseThrow()};
      case Op.OneHot _ -> s.gather(at -> s.get(0, without(at, 1)) == at[1] ? 1 : 0);
      case Op.Lrn op -> s.gather(at -> rows.responseNorm(op, at));
      case Op.BatchNormalization(float epsilon, _) -> s.gather(at -> rows.batchNorm(epsilon, at));
      case Op.RowNormalization op -> rows.rowNorm(op);
      case Op.Dropout op -> s.gather(at -> s.dropout(op, at));
      case Op.Softmax(int axis) -> s.gather(at -> 1 / rows.expSum(axis, at));
      case Op.LogSoftmax(int axis) -> s.gather(at -> -rows.logSum(axis, at));
      case Op.SoftmaxCrossEntropyLoss op -> rows.softmaxLoss(op);
      case Op.SigmoidCrossEntropyLoss _ -> s.sigmoidLoss();
    };
  }

  interface Formula {
    double at(int[] coordinates);
  }

  double[] gather(Formula formula) {
    double[] result = new double[out.size()];
    Arrays.setAll(result, i -> formula.at(coordinates(i, out)));
    return result;
  }

  static int[] coordinates(int index, Shape shape) {
    int[] at = new int[shape.rank()];
    for (int axis = shape.rank() - 1, rest = index; axis >= 0; rest /= shape.dim(axis), axis--) {
      at[axis] = rest % shape.dim(axis);
    }
    return at;
  }

  /** The element there; 0 outside. */
  double get(int operand, int... at) {
    int index = 0;
    for (int axis = 0; axis < at.length; axis++) {
      int size = shapes.get(operand).dim(axis);
      if (at[axis] < 0 || at[axis] >= size) {
        return 0;
      }
      index = index * size + at[axis];
    }
    return in[operand][index];
  }

  private double bias(int channel) {
    return in.length == 3 ? in[2][channel] : 0;
  }

  private double conv(Op.Conv op, int[] at) {
    Window w = op.window();
    int perGroup = shapes.get(1).dim(1);
    int group = at[1] * op.groups() / out.dim(1);
    double sum = bias(at[1]);
    for (int c = 0; c < perGroup; c++) {
      for (int u = 0; u < w.kernelH(); u++) {
        for (int v = 0; v < w.kernelW(); v++) {
          int row = at[2] * w.strideH() + u * w.dilationH() - w.top();
          int column = at[3] * w.strideW() + v * w.dilationW() - w.left();
          sum += get(0, at[0], group * perGroup + c, row, column) * get(1, at[1], c, u, v);
        }
      }
    }
    return sum;
  }

  private double convTranspose(Op.ConvTranspose op, int[] at) {
    Window w = op.window();
    int perGroup = shapes.get(1).dim(1);
    int kPerGroup = shapes.get(1).dim(0) / op.groups();
    int group = at[1] / perGroup;
    double sum = bias(at[1]);
    for (int k = group * kPerGroup; k < (group + 1) * kPerGroup; k++) {
      for (int u = 0; u < w.kernelH(); u++) {
        for (int v = 0; v < w.kernelW(); v++) {
          int row = at[2] + w.top() - u * w.dilationH();
          int column = at[3] + w.left() - v * w.dilationW();
          if (row % w.strideH() == 0 && column % w.strideW() == 0) {
            sum += get(0, at[0], k, row / w.strideH(), column / w.strideW()) * get(1, k, at[1] % perGroup, u, v);
          }
        }
      }
    }
    return sum;
  }

  /** The pixels of the image that the window there covers. */
  private DoubleStream underWindow(Window w, int[] at) {
    return IntStream.range(0, w.kernelH())
        .map(u -> at[2] * w.strideH() - w.top() + u * w.dilationH())
        .filter(row -> row >= 0 && row < shapes.getFirst().dim(2))
        .boxed()
        .flatMapToDouble(
            row -> IntStream.range(0, w.kernelW())
                .map(v -> at[3] * w.strideW() - w.left() + v * w.dilationW())
                .filter(column -> column >= 0 && column < shapes.getFirst().dim(3))
                .mapToDouble(column -> get(0, at[0], at[1], row, column)));
  }

  private double counted(Window w, boolean padding, int[] at) {
    int firstRow = at[2] * w.strideH() - w.top();
    int firstColumn = at[3] * w.strideW() - w.left();
    int height = shapes.getFirst().dim(2);
    int width = shapes.getFirst().dim(3);
    long rows =
        IntStream.range(0, w.kernelH())
            .map(u -> firstRow + u * w.dilationH())
            .filter(row -> padding ? row < height + w.bottom() : row >= 0 && row < height)
            .count();
    long columns =
        IntStream.range(0, w.kernelW())
            .map(v -> firstColumn + v * w.dilationW())
            .filter(column -> padding ? column < width + w.right() : column >= 0 && column < width)
            .count();
    return rows * columns;
  }

  private double gemm(Op.Gemm op, int[] at) {
    int inner = shapes.getFirst().dim(op.transA() ? 0 : 1);
    double sum = bias(at[1]);
    for (int k = 0; k < inner; k++) {
      double a = op.transA() ? get(0, k, at[0]) : get(0, at[0], k);
      double b = op.transB() ? get(1, at[1], k) : get(1, k, at[1]);
      sum += a * b;
    }
    return sum;
  }

  private double first(int[] at) {
    return get(0, at);
  }

  /** An operand's element, its axes aligned at the right, axes of size 1 repeated. */
  private double broadcast(int operand, int[] at) {
    Shape shape = shapes.get(operand);
    int[] there = new int[shape.rank()];
    Arrays.setAll(there, axis -> Math.min(at[at.length - shape.rank() + axis], shape.dim(axis) - 1));
    return get(operand, there);
  }

  private double matMul(int[] at) {
    int rank = at.length;
    int inner = shapes.getFirst().dim(shapes.getFirst().rank() - 1);
    return IntStream.range(0, inner)
        .mapToDouble(k -> broadcast(0, with(at, rank - 1, k)) * broadcast(1, with(at, rank - 2, k)))
        .sum();
  }

  private double[] each(DoubleUnaryOperator f) {
    return Arrays.stream(in[0]).map(f).toArray();
  }

  private double[] race(String name) {
    double[] result = in[0].clone();
    Rng random = Engine.RANDOM.at(name);
    for (int i = 0; i < result.length; i++) {
      // the logarithm of a value near 1 from its distance to 1, which is exact
      result[i] /= -Math.log1p(random.uniform(i) - 1.0);
    }
    return result;
  }

  private double dropout(Op.Dropout op, int[] at) {
    int[] drawn =
        switch (op.unit()) {
          case ELEMENT -> at;
          case CHANNEL -> Arrays.copyOf(at, 2);
          case IMAGE -> Arrays.copyOf(at, 1);
        };
    int number = 0;
    for (int axis = 0; axis < drawn.length; axis++) {
      number = number * out.dim(axis) + drawn[axis];
    }
    return Engine.RANDOM.at(op.name()).uniform(number) >= op.rate() ? first(at) / (1 - (double) op.rate()) : 0;
  }

  /** The first operand's elements along an axis, the other coordinates as given. */
  DoubleStream along(int axis, int[] at) {
    return IntStream.range(0, shapes.getFirst().dim(axis)).mapToDouble(position -> get(0, with(at, axis, position)));
  }

  static int[] with(int[] at, int axis, int position) {
    int[] there = at.clone();
    there[axis] = position;
    return there;
  }

  private static int[] moved(int[] at, int axis, int by) {
    return with(at, axis, at[axis] + by);
  }

  static int[] without(int[] at, int axis) {
    return IntStream.range(0, at.length).filter(k -> k != axis).map(k -> at[k]).toArray();
  }

  /** The mean of -t log p - (1 - t) log (1 - p), each logarithm in a stable form. */
  private double[] sigmoidLoss() {
    double sum = 0;
    for (int i = 0; i < in[0].length; i++) {
      double t = in[1][i];
      sum += t * softplus(-in[0][i]) + (1 - t) * softplus(in[0][i]);
    }
    return new double[] {sum / in[0].length};
  }

  /** Its series, which converges fast for the logarithms of values near 1. */
  private static double atanh(double x) {
    return IntStream.range(0, 2000).mapToDouble(n -> Math.pow(x, 2 * n + 1) / (2 * n + 1)).sum();
  }

  private static double softplus(double x) {
    return x > 30 ? x + Math.exp(-x) : Math.log1p(Math.exp(x));
  }

  /** The integral of the Gaussian, by three-point Gauss-Legendre quadrature on intervals of a hundredth. */
  private static double erf(double x) {
    double end = Math.min(Math.abs(x), 6.5);
    int intervals = 1 + (int) (end * 100);
    double half = end / intervals / 2;
    double sum = 0;
    for (int i = 0; i < intervals; i++) {
      double middle = (2 * i + 1) * half;
      sum += 8 * bell(middle) + 5 * (bell(middle - half * Math.sqrt(0.6)) + bell(middle + half * Math.sqrt(0.6)));
    }
    return Math.signum(x) * 2 / Math.sqrt(Math.PI) * sum * half / 9;
  }

  private static double bell(double t) {
    return Math.exp(-t * t);
  }

  private static double power(double x, double exponent) {
    double size = Math.exp(exponent * Math.log(Math.abs(x)));
    if (x >= 0) {
      return size;
    }
    return exponent != Math.rint(exponent) ? Double.NaN : exponent % 2 == 0 ? size : -size;
  }
}
