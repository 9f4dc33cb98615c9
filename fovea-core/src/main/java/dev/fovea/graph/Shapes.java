package dev.fovea.graph;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Shape inference: the shape of each operator's result. Shapes that do not fit are refused with a one-line message. */
public final class Shapes {
  private Shapes() {}

  public static Shape infer(Op op, List<Shape> in) {
    require(op, !(op instanceof Op.Source) || in.isEmpty(), "no operands", in.size());
    return switch (op) {
      case Op.Input(_, Shape shape, List<Integer> fixed) -> {
        for (int axis : fixed) {
          axis(op, axis, shape);
        }
        yield shape;
      }
      case Op.Param(String name, Shape shape, Init init, _) -> {
        require(op, init.fits(shape), "an initialisation that fits " + name + " of " + shape, init.getClass().getSimpleName());
        yield shape;
      }
      case Op.Fill(Shape shape, _) -> shape;
      case Op.Conv(Window w, int groups) -> conv(op, w, groups, in);
      case Op.ConvTranspose t -> convTranspose(t, in);
      case Op.LocalConv(Window w) -> MapShapes.localConv(op, w, in);
      case Op.LocalConvInputGrad(_, int h, int w) -> {
        Shape dy = maps(op, operand(op, in, 0, 2, 2));
        yield Shape.of(dy.dim(0), in.get(1).dim(3), h, w);
      }
      case Op.LocalConvWeightGrad(Window w) -> {
        Shape x = maps(op, operand(op, in, 0, 2, 2));
        Shape dy = maps(op, in.get(1));
        yield Shape.of(dy.dim(2), dy.dim(3), dy.dim(1), x.dim(1), w.kernelH(), w.kernelW());
      }
      case Op.MaxPool(Window w) -> pooled(op, w, operand(op, in, 0, 1, 1));
      case Op.MaxPick(Window w) -> {
        requireSame(op, operand(op, in, 0, 2, 2), in.get(1));
        yield pooled(op, w, in.getFirst());
      }
      case Op.MaxUnpool(Window w) -> {
        requireSame(op, pooled(op, w, operand(op, in, 0, 2, 2)), in.get(1));
        yield in.getFirst();
      }
      case Op.AdaptiveAveragePool(int h, int w) -> MapShapes.adaptive(op, h, w, operand(op, in, 0, 1, 1));
      case Op.AdaptiveMaxPool(int h, int w) -> MapShapes.adaptive(op, h, w, operand(op, in, 0, 1, 1));
      case Op.AdaptiveAveragePoolGrad(int h, int w) -> maps(op, operand(op, in, 0, 1, 1)).with(2, h).with(3, w);
      case Op.AdaptiveMaxPoolGrad(int h, int w) -> {
        requireSame(op, MapShapes.adaptive(op, h, w, operand(op, in, 0, 2, 2)), in.get(1));
        yield in.getFirst();
      }
      case Op.Concat concat -> MapShapes.concat(concat, in);
      case Op.Slice slice -> MapShapes.slice(slice, operand(op, in, 0, 1, 1));
      case Op.Pad pad -> MapShapes.pad(pad, operand(op, in, 0, 1, 1));
      case Op.PadToMultiple(int multiple) -> MapShapes.padToMultiple(op, multiple, operand(op, in, 0, 1, 1));
      case Op.Crop(int top, int left) -> MapShapes.crop(op, top, left, operand(op, in, 0, 2, 2), in.get(1));
      case Op.Resize(_, int scale) -> MapShapes.resize(op, scale, operand(op, in, 0, 1, 2), in);
      case Op.ResizeGrad(_, int h, int w) -> maps(op, operand(op, in, 0, 1, 1)).with(2, h).with(3, w);
      case Op.AveragePool(Window w, _) -> pooled(op, w, operand(op, in, 0, 1, 1));
      case Op.Gemm(boolean ta, boolean tb) -> gemm(op, ta, tb, in);
      case Op.Flatten _ -> flat(op, operand(op, in, 0, 1, 1));
      case Op.MatMul _ -> MapShapes.matMul(op, operand(op, in, 0, 2, 2), in.get(1));
      case Op.Transpose(List<Integer> perm) -> MapShapes.transposed(op, perm, operand(op, in, 0, 1, 1));
      case Op.Gather gather -> MapShapes.gathered(gather, operand(op, in, 0, 1, 1));
      case Op.GatherGrad(int axis, _, int size) -> operand(op, in, 0, 1, 1).with(axis, size);
      case Op.GatherElements(int axis) -> {
        Shape x = axis(op, axis, operand(op, in, 0, 2, 2));
        boolean fits = in.get(1).rank() == x.rank() && in.get(1).with(axis, 1).equals(x.with(axis, 1));
        require(op, fits, "indices of " + x + " except along axis " + axis, in.get(1));
        yield in.get(1);
      }
      case Op.GatherElementsGrad(int axis, int size) -> {
        requireSame(op, operand(op, in, 0, 2, 2), in.get(1));
        yield in.getFirst().with(axis, size);
      }
      case Op.TopK(int axis, int k) -> {
        Shape x = axis(op, axis, operand(op, in, 0, 1, 1));
        require(op, k >= 1 && k <= x.dim(axis), "a k from 1 to " + x.dim(axis), k);
        yield x.with(axis, k);
      }
      case Op.Add _, Op.Mul _, Op.Div _, Op.Max _, Op.Less _ -> MapShapes.broadcast(op, operand(op, in, 0, 2, 2), in.get(1));
      case Op.Where _ -> MapShapes.broadcast(
          op, MapShapes.broadcast(op, operand(op, in, 0, 3, 3), in.get(1)), in.get(2));
      case Op.LeakyRelu(float slope) -> {
        // its gradient distinguishes the two branches by the result's sign
        require(op, slope >= 0 && slope < Float.POSITIVE_INFINITY, "a slope of 0 or more", slope);
        yield operand(op, in, 0, 1, 1);
      }
      case Op.Relu _, Op.Sigmoid _, Op.Tanh _, Op.Softplus _, Op.Erf _, Op.Exp _, Op.Pow _, Op.ExponentialRace _ ->
          operand(op, in, 0, 1, 1);
      case Op.Log _, Op.Sin _, Op.Cos _, Op.Floor _, Op.Round _ -> operand(op, in, 0, 1, 1);
      case Op.Clip(float min, float max) -> {
        require(op, min <= max, "a minimum that is not above the maximum", min + " and " + max);
        yield operand(op, in, 0, 1, 1);
      }
      case Op.Elu(float alpha) -> {
        // its gradient distinguishes the two branches by the result's sign
        require(op, alpha >= 0 && alpha < Float.POSITIVE_INFINITY, "an alpha of 0 or more", alpha);
        yield operand(op, in, 0, 1, 1);
      }
      case Op.Dropout(_, float rate, Op.Unit unit) -> {
        require(op, rate >= 0 && rate < 1, "a rate of at least 0 and less than 1", String.valueOf(rate));
        Shape x = operand(op, in, 0, 1, 1);
        require(op, unit == Op.Unit.ELEMENT || x.rank() >= 2, "N x C x ...", x);
        yield x;
      }
      case Op.Softmax(int axis) -> axis(op, axis, operand(op, in, 0, 1, 1));
      case Op.LogSoftmax(int axis) -> axis(op, axis, operand(op, in, 0, 1, 1));
      case Op.SoftmaxCrossEntropyLoss(float smoothing, _) -> {
        require(op, smoothing >= 0 && smoothing <= 1, "a smoothing from 0 to 1", smoothing);
        Shape logits = classes(op, operand(op, in, 0, 2, 3));
        require(op, labelsOf(logits).equals(in.get(1)), "labels of " + labelsOf(logits), in.get(1));
        perChannel(op, logits, in.subList(2, in.size()));
        yield Shape.of();
      }
      case Op.OneHot(int classes) -> {
        Shape labels = operand(op, in, 0, 1, 1);
        require(op, labels.rank() >= 1 && classes >= 1, "N x ... labels of 1 class or more", labels + " of " + classes);
        List<Integer> dims = new ArrayList<>(labels.dims());
        dims.add(1, classes);
        yield new Shape(dims);
      }
      case Op.Mean _ -> {
        operand(op, in, 0, 1, 1);
        yield Shape.of();
      }
      case Op.Sum(int axis) -> axis(op, axis, operand(op, in, 0, 1, 1)).with(axis, 1);
      case Op.ReduceMax(int axis) -> axis(op, axis, operand(op, in, 0, 1, 1)).with(axis, 1);
      case Op.Maxout(int pieces) -> {
        Shape x = classes(op, operand(op, in, 0, 1, 1));
        require(op, pieces >= 1 && x.dim(1) % pieces == 0, "pieces that divide " + x.dim(1) + " channels", pieces);
        yield x.with(1, x.dim(1) / pieces);
      }
      case Op.MaxoutGrad _ -> operand(op, in, 0, 2, 2);
      case Op.Lrn(int size, _, float beta, float k) -> {
        require(op, size >= 1 && beta > 0 && k > 0, "a size of 1 or more, beta and k above 0", size + ", " + beta + " and " + k);
        yield classes(op, operand(op, in, 0, 1, 1));
      }
      case Op.BatchNormalization(float epsilon, float momentum) -> {
        require(op, epsilon > 0 && momentum >= 0 && momentum <= 1, "an epsilon above 0 and a momentum from 0 to 1",
            epsilon + " and " + momentum);
        Shape x = classes(op, operand(op, in, 0, 5, 5));
        perChannel(op, x, in.subList(1, in.size()));
        yield x;
      }
      case Op.BatchMean _ -> Shape.of(classes(op, operand(op, in, 0, 1, 1)).dim(1));
      case Op.BatchVariance _ -> Shape.of(classes(op, operand(op, in, 0, 2, 2)).dim(1));
      case Op.BatchNormalizationScaleGrad _ -> Shape.of(classes(op, operand(op, in, 0, 4, 4)).dim(1));
      case Op.BatchNormalizationGrad _ -> operand(op, in, 0, 3, 7);
      case Op.RowNormalization(int axis, int groups, float epsilon) -> {
        Shape x = operand(op, in, 0, 1, 1);
        require(op, axis >= 1 && axis < x.rank(), "an axis from 1 to " + (x.rank() - 1), axis);
        require(op, groups >= 1 && x.dim(axis) % groups == 0, "groups that divide " + x.dim(axis) + " channels", groups);
        require(op, epsilon > 0, "an epsilon above 0", epsilon);
        yield x;
      }
      case Op.SigmoidCrossEntropyLoss _ -> {
        requireSame(op, Shape.of(operand(op, in, 0, 2, 2).size()), Shape.of(in.get(1).size()));
        yield Shape.of();
      }
      case Op.ConvWeightGrad(Window w, int groups) -> {
        Shape x = maps(op, operand(op, in, 0, 2, 2));
        yield Shape.of(maps(op, in.get(1)).dim(1), x.dim(1) / groups, w.kernelH(), w.kernelW());
      }
      case Op.AveragePoolGrad(_, _, int h, int w) -> maps(op, operand(op, in, 0, 1, 1)).with(2, h).with(3, w);
      case Op.Reshape reshape -> MapShapes.reshaped(reshape, operand(op, in, 0, 1, 1));
      case Op.SumTo(Shape shape) -> {
        broadcast(op, operand(op, in, 0, 1, 1), shape);
        yield shape;
      }
      case Op.ChannelSum _ -> Shape.of(classes(op, operand(op, in, 0, 1, 1)).dim(1));
      case Op.ReluGrad _, Op.LeakyReluGrad _, Op.EluGrad _, Op.SigmoidGrad _, Op.TanhGrad _, Op.SoftmaxGrad _, Op.LogSoftmaxGrad _, Op.RowNormalizationGrad _, Op.LrnGrad _, Op.ClipGrad _ -> {
        requireSame(op, operand(op, in, 0, 2, 2), in.get(1));
        yield in.getFirst();
      }
      case Op.SoftmaxCrossEntropyGrad _ -> operand(op, in, 0, 3, 4);
      case Op.SigmoidCrossEntropyGrad _ -> operand(op, in, 0, 3, 3);
    };
  }

  /** The shape of the labels for logits of that shape: without axis 1. */
  public static Shape labelsOf(Shape logits) {
    return logits.rank() == 2 ? Shape.of(logits.dim(0)) : new Shape(without(logits.dims(), 1));
  }

  private static List<Integer> without(List<Integer> dims, int axis) {
    List<Integer> rest = new ArrayList<>(dims);
    rest.subList(axis, axis + 1).clear();
    return rest;
  }

  private static Shape conv(Op op, Window w, int groups, List<Shape> in) {
    Shape x = maps(op, operand(op, in, 0, 2, 3));
    Shape weight = maps(op, in.get(1));
    require(op, groups >= 1 && weight.dim(0) % groups == 0, "output channels that " + groups + " groups divide", weight.dim(0));
    require(op, x.dim(1) == weight.dim(1) * groups, weight.dim(1) * groups + " channels", x.dim(1));
    kernel(op, w, weight);
    require(op, !w.ceil(), "a window that rounds down", w);
    bias(op, in, weight.dim(0));
    return Shape.of(x.dim(0), weight.dim(0), w.outH(x.dim(2)), w.outW(x.dim(3)));
  }

  private static Shape convTranspose(Op.ConvTranspose op, List<Shape> in) {
    Window w = op.window();
    Shape x = maps(op, operand(op, in, 0, 2, 3));
    Shape weight = maps(op, in.get(1));
    require(op, op.groups() >= 1 && weight.dim(0) % op.groups() == 0, "channels that " + op.groups() + " groups divide",
        weight.dim(0));
    require(op, x.dim(1) == weight.dim(0), weight.dim(0) + " channels", x.dim(1));
    kernel(op, w, weight);
    require(op, !w.ceil(), "a window that rounds down", w);
    require(op, op.extraH() >= 0 && op.extraH() < w.strideH(), "extra rows from 0 to " + (w.strideH() - 1), op.extraH());
    require(op, op.extraW() >= 0 && op.extraW() < w.strideW(), "extra columns from 0 to " + (w.strideW() - 1), op.extraW());
    bias(op, in, weight.dim(1) * op.groups());
    long h = (x.dim(2) - 1L) * w.strideH() + w.extentH() - w.top() - w.bottom() + op.extraH();
    long wide = (x.dim(3) - 1L) * w.strideW() + w.extentW() - w.left() - w.right() + op.extraW();
    require(op, h >= 1 && wide >= 1, "less padding, since the output would be empty", h + "x" + wide);
    require(op, h <= Integer.MAX_VALUE && wide <= Integer.MAX_VALUE, "an output of fewer pixels", h + "x" + wide);
    return Shape.of(x.dim(0), weight.dim(1) * op.groups(), (int) h, (int) wide);
  }

  private static Shape gemm(Op op, boolean ta, boolean tb, List<Shape> in) {
    Shape a = operand(op, in, 0, 2, 3);
    Shape b = in.get(1);
    require(op, a.rank() == 2 && b.rank() == 2, "two matrices", a + " and " + b);
    int inner = b.dim(tb ? 1 : 0);
    require(op, a.dim(ta ? 0 : 1) == inner, inner + " inputs", a.dim(ta ? 0 : 1));
    int columns = b.dim(tb ? 0 : 1);
    bias(op, in, columns);
    return Shape.of(a.dim(ta ? 1 : 0), columns);
  }

  private static Shape pooled(Op op, Window w, Shape x) {
    maps(op, x);
    require(
        op,
        w.top() < w.kernelH() && w.bottom() < w.kernelH() && w.left() < w.kernelW() && w.right() < w.kernelW(),
        "padding smaller than the window",
        w.toString());
    Shape y = x.with(2, w.outH(x.dim(2))).with(3, w.outW(x.dim(3)));
    require(op, w.overlaps(x.dim(2), x.dim(3)), "windows that each overlap the image", w + " on " + x);
    return y;
  }

  private static Shape flat(Op op, Shape x) {
    require(op, x.rank() >= 1, "N x ...", x);
    return Shape.of(x.dim(0), x.sizeFrom(1));
  }

  private static Shape broadcast(Op op, Shape x, Shape onto) {
    int skip = x.rank() - onto.rank();
    boolean fits = skip >= 0;
    for (int axis = 0; fits && axis < onto.rank(); axis++) {
      fits = onto.dim(axis) == 1 || onto.dim(axis) == x.dim(skip + axis);
    }
    require(op, fits, "a second operand that broadcasts onto " + x, onto);
    return x;
  }

  private static Shape operand(Op op, List<Shape> in, int index, int min, int max) {
    if (in.size() < min || in.size() > max) { // the text is put together only here: this is called for every node of every graph
      require(op, false, min == max ? min + " operands" : min + " to " + max + " operands", in.size());
    }
    return in.get(index);
  }

  static Shape axis(Op op, int axis, Shape x) {
    require(op, axis >= 0 && axis < x.rank(), "an axis of " + x, axis);
    return x;
  }

  static Shape maps(Op op, Shape x) {
    require(op, x.rank() == 4, "N x C x H x W", x);
    return x;
  }

  private static Shape classes(Op op, Shape x) {
    require(op, x.rank() >= 2, "N x C", x);
    return x;
  }

  private static void kernel(Op op, Window w, Shape weight) {
    require(op, weight.dim(2) == w.kernelH() && weight.dim(3) == w.kernelW(), "a weight of " + w.kernelH() + "x" + w.kernelW(),
        weight);
  }

  private static void bias(Op op, List<Shape> in, int channels) {
    if (in.size() == 3) {
      require(op, in.get(2).equals(Shape.of(channels)), "a bias of " + channels, in.get(2));
    }
  }

  private static void perChannel(Op op, Shape x, List<Shape> vectors) {
    for (Shape vector : vectors) {
      requireSame(op, Shape.of(x.dim(1)), vector);
    }
  }

  private static void requireSame(Op op, Shape expected, Shape got) {
    if (!expected.equals(got)) {
      require(op, false, expected.toString(), got);
    }
  }

  static void require(Op op, boolean holds, String expected, Object got) {
    if (!holds) {
      throw new FoveaException(op.type() + " expects " + expected + ", got " + got);
    }
  }
}
