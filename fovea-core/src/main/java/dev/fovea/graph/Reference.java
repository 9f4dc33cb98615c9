package dev.fovea.graph;

import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/**
 * Defines each operator by naive loops in double; every kernel is tested against it. It is slow, seconds for a small network, and
 * not an engine.
 */
public final class Reference {
  private Reference() {}

  /** Every node's value. {@code bound} gives the values of inputs and parameters by name. */
  public static double[][] run(Graph graph, Function<String, double[]> bound, Rng random) {
    double[][] values = new double[graph.nodes().size()][];
    for (int i = 0; i < values.length; i++) {
      Node node = graph.nodes().get(i);
      double[][] in = node.inputs().stream().map(v -> values[v.id()]).toArray(double[][]::new);
      List<Shape> shapes = node.inputs().stream().map(v -> graph.at(v).shape()).toList();
      values[i] = new Evaluation(node.shape(), in, shapes, bound, random).of(node.op());
    }
    return values;
  }

  /** One node's evaluation: the shape of its result, its inputs and their shapes. */
  private record Evaluation(Shape shape, double[][] in, List<Shape> shapes, Function<String, double[]> bound, Rng random) {
    double[] of(Op op) {
      return switch (op) {
        case Op.Input(String name, _, _) -> bound.apply(name);
        case Op.Param(String name, _, _, _) -> bound.apply(name);
        case Op.Fill(_, float value) -> filled(value);
        case Op.Conv(Window w, int groups) -> {
          double[] out = biased();
          ReferenceWindows.taps(w, groups, shapes.get(0), shape, (x, y, k) -> out[y] += in[0][x] * in[1][k]);
          yield out;
        }
        case Op.ConvTranspose(Window w, int groups, _, _) -> {
          double[] out = biased();
          ReferenceWindows.taps(w, groups, shape, shapes.get(0), (x, y, k) -> out[x] += in[0][y] * in[1][k]);
          yield out;
        }
        case Op.ConvWeightGrad(Window w, int groups) -> {
          double[] out = filled(0);
          ReferenceWindows.taps(w, groups, shapes.get(0), shapes.get(1), (x, y, k) -> out[k] += in[0][x] * in[1][y]);
          yield out;
        }
        case Op.MaxPool(Window w) -> {
          double[] out = filled(Double.NEGATIVE_INFINITY);
          ReferenceWindows.windows(w, shapes.get(0), shape, (x, y, _) -> out[y] = Math.max(out[y], in[0][x]));
          yield out;
        }
        case Op.LocalConv(Window w) -> {
          double[] out = filled(0);
          ReferenceMaps.local(w, shapes.get(0), shape, (x, y, k) -> out[y] += in[0][x] * in[1][k]);
          yield out;
        }
        case Op.LocalConvInputGrad(Window w, _, _) -> {
          double[] out = filled(0);
          ReferenceMaps.local(w, shape, shapes.get(0), (x, y, k) -> out[x] += in[0][y] * in[1][k]);
          yield out;
        }
        case Op.LocalConvWeightGrad(Window w) -> {
          double[] out = filled(0);
          ReferenceMaps.local(w, shapes.get(0), shapes.get(1), (x, y, k) -> out[k] += in[0][x] * in[1][y]);
          yield out;
        }
        case Op.MaxUnpool(Window w) -> scattered(winners(w, shape, shapes.get(1)));
        case Op.MaxPick(Window w) -> {
          int[] winners = winners(w, shapes.get(0), shape);
          yield Arrays.stream(winners).mapToDouble(at -> in[1][at]).toArray();
        }
        case Op.AdaptiveMaxPool _ -> {
          double[] out = filled(Double.NEGATIVE_INFINITY);
          ReferenceMaps.adaptive(shapes.get(0), shape, (x, y, _) -> out[y] = Math.max(out[y], in[0][x]));
          yield out;
        }
        case Op.AdaptiveMaxPoolGrad _ -> {
          int[] winner = none(in[1].length);
          ReferenceMaps.adaptive(shape, shapes.get(1), (x, y, _) -> winner[y] = better(x, winner[y]));
          yield scattered(winner);
        }
        case Op.AdaptiveAveragePool _ -> {
          double[] out = filled(0);
          ReferenceMaps.adaptive(shapes.get(0), shape, (x, y, count) -> out[y] += in[0][x] / count);
          yield out;
        }
        case Op.AdaptiveAveragePoolGrad _ -> {
          double[] out = filled(0);
          ReferenceMaps.adaptive(shape, shapes.get(0), (x, y, count) -> out[x] += in[0][y] / count);
          yield out;
        }
        case Op.Concat(int axis) -> ReferenceMaps.concat(shape, in, shapes, axis);
        case Op.Slice slice -> {
          int first = slice.first(shapes.get(0).dim(slice.axis()));
          yield ReferenceMaps.shifted(shapes.get(0), in[0], shape, slice.axis(), -first);
        }
        case Op.Transpose(List<Integer> perm) -> ReferenceMaps.transposed(shapes.get(0), in[0], shape, perm);
        case Op.Gather(int axis, List<Integer> indices) -> {
          double[] out = filled(0);
          ReferenceMaps.along(axis, shape, shapes.get(0), indices::get, (y, x) -> out[y] = in[0][x]);
          yield out;
        }
        case Op.GatherGrad(int axis, List<Integer> indices, _) -> {
          double[] out = filled(0);
          ReferenceMaps.along(axis, shapes.get(0), shape, indices::get, (y, x) -> out[x] += in[0][y]);
          yield out;
        }
        case Op.GatherElements(int axis) -> {
          double[] out = filled(0);
          ReferenceMaps.byElement(axis, shape, shapes.get(0), in[1], (y, x) -> out[y] = in[0][x]);
          yield out;
        }
        case Op.GatherElementsGrad(int axis, _) -> {
          double[] out = filled(0);
          ReferenceMaps.byElement(axis, shapes.get(0), shape, in[0], (y, x) -> out[x] += in[1][y]);
          yield out;
        }
        case Op.TopK(int axis, int k) -> ReferenceRows.topK(shapes.get(0), in[0], axis, k);
        case Op.ReduceMax(int axis) -> {
          double[] out = filled(Double.NEGATIVE_INFINITY);
          ReferenceMaps.along(axis, shapes.get(0), shape, _ -> 0, (x, y) -> out[y] = Math.max(out[y], in[0][x]));
          yield out;
        }
        case Op.Pad(int axis, int before, _) -> ReferenceMaps.shifted(shapes.get(0), in[0], shape, axis, before);
        case Op.PadToMultiple _ -> {
          Shape rows = shapes.get(0).with(2, shape.dim(2));
          yield ReferenceMaps.shifted(rows, ReferenceMaps.shifted(shapes.get(0), in[0], rows, 2, 0), shape, 3, 0);
        }
        case Op.Crop(int top, int left) -> {
          Shape rows = shapes.get(0).with(2, shape.dim(2));
          yield ReferenceMaps.shifted(rows, ReferenceMaps.shifted(shapes.get(0), in[0], rows, 2, -top), shape, 3, -left);
        }
        case Op.Resize(Op.Interpolation how, _) -> {
          double[] out = filled(0);
          ReferenceMaps.resize(how, shapes.get(0), shape, (x, y, weight) -> out[y] += weight * in[0][x]);
          yield out;
        }
        case Op.ResizeGrad(Op.Interpolation how, _, _) -> {
          double[] out = filled(0);
          ReferenceMaps.resize(how, shape, shapes.get(0), (x, y, weight) -> out[x] += weight * in[0][y]);
          yield out;
        }
        case Op.ExponentialRace(String name) -> {
          Rng race = random.at(name);
          double[] out = filled(0);
          Arrays.setAll(out, i -> in[0][i] / -Math.log(race.uniform(i)));
          yield out;
        }
        case Op.AveragePool(Window w, boolean counted) -> {
          double[] out = filled(0);
          int[] counts = counts(w, counted, shapes.get(0), shape);
          ReferenceWindows.windows(w, shapes.get(0), shape, (x, y, at) -> out[y] += in[0][x] / counts[at]);
          yield out;
        }
        case Op.AveragePoolGrad(Window w, boolean counted, _, _) -> {
          double[] out = filled(0);
          int[] counts = counts(w, counted, shape, shapes.get(0));
          ReferenceWindows.windows(w, shape, shapes.get(0), (x, y, at) -> out[x] += in[0][y] / counts[at]);
          yield out;
        }
        case Op.Gemm(boolean ta, boolean tb) -> gemm(ta, tb);
        case Op.MatMul _ -> ReferenceMaps.matMul(shapes, in, shape);
        case Op.Flatten _, Op.Reshape _ -> in[0].clone();
        case Op.Add _ -> broadcast(Double::sum);
        case Op.Mul _ -> broadcast((a, b) -> a * b);
        case Op.Div _ -> broadcast((a, b) -> a / b);
        case Op.Max _ -> broadcast(Math::max);
        case Op.Less _ -> broadcast((a, b) -> a < b ? 1 : 0);
        case Op.Where _ -> {
          double[] out = filled(0);
          Arrays.setAll(out, i -> operand(0, i) != 0 ? operand(1, i) : operand(2, i));
          yield out;
        }
        case Op.Relu _ -> each(x -> Math.max(0, x));
        case Op.LeakyRelu(float slope) -> each(x -> x > 0 ? x : slope * x);
        case Op.Sigmoid _ -> each(Reference::sigmoid);
        case Op.Tanh _ -> each(Math::tanh);
        case Op.Clip(float min, float max) -> each(x -> Math.max(min, Math.min(max, x)));
        case Op.ClipGrad(float min, float max) -> pairs((x, dy) -> x > min && x < max ? dy : 0);
        case Op.Elu(float alpha) -> each(x -> x > 0 ? x : alpha * Math.expm1(x));
        case Op.EluGrad(float alpha) -> pairs((y, dy) -> y > 0 ? dy : dy * (y + alpha));
        case Op.Softplus _ -> each(x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
        case Op.Erf _ -> each(ReferenceRows::erf);
        case Op.Exp _ -> each(Math::exp);
        case Op.Log _ -> each(Math::log);
        case Op.Sin _ -> each(Math::sin);
        case Op.Cos _ -> each(Math::cos);
        case Op.Floor _ -> each(Math::floor);
        case Op.Round _ -> each(Math::rint);
        case Op.Pow(float exponent) ->
            each(x -> exponent == 0.5f ? Math.sqrt(x) : exponent == -1 ? 1 / x : Math.pow(x, exponent));
        case Op.Maxout(int pieces) -> {
          double[] out = filled(Double.NEGATIVE_INFINITY);
          ReferenceMaps.pieces(shapes.get(0), pieces, (x, y) -> out[y] = Math.max(out[y], in[0][x]));
          yield out;
        }
        case Op.MaxoutGrad(int pieces) -> {
          int[] winner = none(in[1].length);
          ReferenceMaps.pieces(shape, pieces, (x, y) -> winner[y] = better(x, winner[y]));
          yield scattered(winner);
        }
        case Op.OneHot(int classes) -> {
          int inner = shape.sizeFrom(2);
          yield along(1, (i, row) -> i / inner % classes == in[0][row] ? 1 : 0);
        }
        case Op.Mean _ -> new double[] {Arrays.stream(in[0]).sum() / in[0].length};
        case Op.Sum _ -> summed(shape);
        case Op.Lrn lrn -> ReferenceRows.lrn(lrn, shape, in[0]);
        case Op.LrnGrad lrn -> ReferenceRows.lrnGrad(lrn, shape, in[0], in[1]);
        case Op.RowNormalization(int axis, int groups, float e) -> ReferenceRows.normalized(shape, axis, groups, e, in[0]);
        case Op.RowNormalizationGrad(int axis, int groups, float e) ->
            ReferenceRows.normalizedGrad(shape, axis, groups, e, in[0], in[1]);
        case Op.BatchMean _ -> ReferenceRows.channelMean(shapes.get(0), i -> in[0][i]);
        case Op.BatchVariance _ -> {
          double[] mean = in[1];
          int inner = shapes.get(0).sizeFrom(2);
          yield ReferenceRows.channelMean(shapes.get(0), i -> Math.pow(in[0][i] - mean[i / inner % mean.length], 2));
        }
        case Op.BatchNormalization(float e, _) -> overChannels(
            (i, c) -> (in[0][i] - in[3][c]) / Math.sqrt(in[4][c] + e) * in[1][c] + in[2][c]);
        case Op.BatchNormalizationScaleGrad(float e) -> {
          double[] out = filled(0);
          int inner = shapes.get(0).sizeFrom(2);
          for (int i = 0; i < in[0].length; i++) {
            int c = i / inner % out.length;
            out[c] += in[1][i] * (in[0][i] - in[2][c]) / Math.sqrt(in[3][c] + e);
          }
          yield out;
        }
        case Op.BatchNormalizationGrad(float e) -> {
          double count = (double) shape.size() / shape.dim(1);
          yield overChannels(
              (i, c) -> {
                double std = Math.sqrt(in[2][c] + e);
                double through = in.length == 3 ? 0 : in[6][c] / count + (in[3][i] - in[4][c]) / std * in[5][c] / count;
                return in[1][c] / std * (in[0][i] - through);
              });
        }
        case Op.Dropout dropout -> dropout(dropout);
        case Op.Softmax(int axis) -> {
          double[] out = ReferenceRows.logSoftmax(shape, in[0], axis);
          Arrays.setAll(out, i -> Math.exp(out[i]));
          yield out;
        }
        case Op.LogSoftmax(int axis) -> ReferenceRows.logSoftmax(shape, in[0], axis);
        case Op.SoftmaxCrossEntropyLoss loss -> ReferenceRows.softmaxLoss(loss, shapes.getFirst(), in);
        case Op.SigmoidCrossEntropyLoss _ -> sigmoidLoss();
        case Op.SumTo(Shape to) -> summed(to);
        case Op.ChannelSum _ -> {
          double[] out = filled(0);
          int inner = shapes.getFirst().sizeFrom(2);
          for (int i = 0; i < in[0].length; i++) {
            out[i / inner % out.length] += in[0][i];
          }
          yield out;
        }
        case Op.ReluGrad _ -> pairs((y, dy) -> y > 0 ? dy : 0);
        case Op.LeakyReluGrad(float slope) -> pairs((y, dy) -> y > 0 ? dy : slope * dy);
        case Op.SigmoidGrad _ -> pairs((y, dy) -> dy * y * (1 - y));
        case Op.TanhGrad _ -> pairs((y, dy) -> dy * (1 - y * y));
        case Op.SoftmaxGrad(int axis) -> {
          double[] sums = sumsAlong(axis, (y, dy) -> y * dy);
          yield along(axis, (i, row) -> in[0][i] * (in[1][i] - sums[row]));
        }
        case Op.LogSoftmaxGrad(int axis) -> {
          double[] sums = sumsAlong(axis, (_, dy) -> dy);
          yield along(axis, (i, row) -> in[1][i] - Math.exp(in[0][i]) * sums[row]);
        }
        case Op.SoftmaxCrossEntropyGrad loss -> ReferenceRows.softmaxLossGrad(loss, shape, in);
        case Op.SigmoidCrossEntropyGrad _ -> pairs((z, t) -> (sigmoid(z) - t) * in[2][0] / in[1].length);
      };
    }

    double[] filled(double value) {
      double[] out = new double[shape.size()];
      Arrays.fill(out, value);
      return out;
    }

    /** The bias of a convolution, broadcast over the images, or zeros. */
    double[] biased() {
      double[] out = filled(0);
      if (in.length == 3) {
        int inner = shape.sizeFrom(2);
        Arrays.setAll(out, i -> in[2][i / inner % in[2].length]);
      }
      return out;
    }

    double[] each(DoubleUnaryOperator f) {
      return Arrays.stream(in[0]).map(f).toArray();
    }

    double[] pairs(DoubleBinaryOperator f) {
      double[] out = filled(0);
      Arrays.setAll(out, i -> f.applyAsDouble(in[0][i], in[1][i]));
      return out;
    }

    double[] broadcast(DoubleBinaryOperator f) {
      double[] out = filled(0);
      Arrays.setAll(out, i -> f.applyAsDouble(operand(0, i), operand(1, i)));
      return out;
    }

    /** The element of an operand that broadcasts to that element of the result. */
    double operand(int index, int element) {
      return in[index][indexOf(element, shape, shapes.get(index))];
    }

    double[] dropout(Op.Dropout op) {
      Rng mask = random.at(op.name());
      int unit = op.unit().size(shape);
      double[] out = filled(0);
      Arrays.setAll(out, i -> mask.uniform(i / unit) < op.rate() ? 0 : in[0][i] / (1 - (double) op.rate()));
      return out;
    }

    double[] summed(Shape to) {
      double[] out = filled(0);
      for (int i = 0; i < in[0].length; i++) {
        out[indexOf(i, shapes.getFirst(), to)] += in[0][i];
      }
      return out;
    }

    double[] overChannels(Element f) {
      int inner = shape.sizeFrom(2);
      double[] out = filled(0);
      Arrays.setAll(out, i -> f.at(i, i / inner % shape.dim(1)));
      return out;
    }

    double[] gemm(boolean ta, boolean tb) {
      int rows = shape.dim(0);
      int columns = shape.dim(1);
      int inner = in[0].length / rows;
      double[] out = biased();
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          for (int k = 0; k < inner; k++) {
            out[i * columns + j] += in[0][ta ? k * rows + i : i * inner + k] * in[1][tb ? j * inner + k : k * columns + j];
          }
        }
      }
      return out;
    }

    /** The index in {@code in[0]} of each window's first maximum. */
    int[] winners(Window w, Shape x, Shape y) {
      int[] winner = none(y.size());
      ReferenceWindows.windows(w, x, y, (xi, yi, _) -> winner[yi] = better(xi, winner[yi]));
      return winner;
    }

    static int[] none(int count) {
      int[] none = new int[count];
      Arrays.fill(none, -1);
      return none;
    }

    int better(int candidate, int winner) {
      return winner < 0 || in[0][candidate] > in[0][winner] ? candidate : winner;
    }

    /** The second operand's values, each added at its winner's index. */
    double[] scattered(int[] winner) {
      double[] out = filled(0);
      for (int y = 0; y < winner.length; y++) {
        out[winner[y]] += in[1][y];
      }
      return out;
    }

    /** The number of elements that each window of an image counts. */
    int[] counts(Window w, boolean padding, Shape x, Shape y) {
      int[] counts = new int[y.dim(2) * y.dim(3)];
      for (int at = 0; at < counts.length; at++) {
        counts[at] =
            counted(w.rowOf(at / y.dim(3)), w.kernelH(), w.dilationH(), x.dim(2), padding ? w.top() : 0, padding ? w.bottom() : 0)
                * counted(w.columnOf(at % y.dim(3)), w.kernelW(), w.dilationW(), x.dim(3), padding ? w.left() : 0,
                    padding ? w.right() : 0);
      }
      return counts;
    }

    static int counted(int first, int kernel, int dilation, int size, int before, int after) {
      int count = 0;
      for (int k = 0; k < kernel; k++) {
        int at = first + k * dilation;
        count += at >= -before && at < size + after ? 1 : 0;
      }
      return Math.max(1, count);
    }

    double[] sigmoidLoss() {
      double loss = 0;
      for (int i = 0; i < in[0].length; i++) {
        double z = in[0][i];
        loss += Math.max(z, 0) - z * in[1][i] + Math.log1p(Math.exp(-Math.abs(z)));
      }
      return new double[] {loss / in[0].length};
    }

    double[] sumsAlong(int axis, DoubleBinaryOperator f) {
      double[] sums = new double[shape.size() / shape.dim(axis)];
      along(axis, (i, row) -> sums[row] += f.applyAsDouble(in[0][i], in[1][i]));
      return sums;
    }

    /** Computes each element from its index and the row along that axis that it belongs to. */
    double[] along(int axis, Element f) {
      int inner = shape.sizeFrom(axis + 1);
      double[] out = filled(0);
      for (int i = 0; i < out.length; i++) {
        out[i] = f.at(i, i / inner / shape.dim(axis) * inner + i % inner);
      }
      return out;
    }
  }

  private interface Element {
    double at(int index, int row);
  }

  private static double sigmoid(double z) {
    return 1 / (1 + Math.exp(-z));
  }

  /** The index, in a tensor of shape {@code to} that broadcasts onto {@code from}, of element {@code index} of {@code from}. */
  static int indexOf(int index, Shape from, Shape to) {
    int rest = index;
    int at = 0;
    int stride = 1;
    for (int axis = from.rank() - 1, t = to.rank() - 1; t >= 0; axis--, t--) {
      int position = rest % from.dim(axis);
      rest /= from.dim(axis);
      at += to.dim(t) == 1 ? 0 : position * stride;
      stride *= to.dim(t);
    }
    return at;
  }
}
