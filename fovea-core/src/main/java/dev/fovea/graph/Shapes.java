package dev.fovea.graph;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** What comes out: the shape of each operator's result. Whoever hands it shapes that do not fit gets one line that says so. */
public final class Shapes {
  private Shapes() {}

  public static Shape infer(Op op, List<Shape> in) {
    require(op, !(op instanceof Op.Source) || in.isEmpty(), "no operands", in.size());
    return switch (op) {
      case Op.Input(_, Shape shape) -> shape;
      case Op.Param(_, Shape shape, _, _) -> shape;
      case Op.Fill(Shape shape, _) -> shape;
      case Op.Conv(Window w, int groups) -> conv(op, w, groups, in);
      case Op.ConvTranspose t -> convTranspose(t, in);
      case Op.MaxPool(Window w) -> pooled(op, w, operand(op, in, 0, 1, 1));
      case Op.AveragePool(Window w, _) -> pooled(op, w, operand(op, in, 0, 1, 1));
      case Op.Gemm(boolean ta, boolean tb) -> gemm(op, ta, tb, in);
      case Op.Flatten _ -> flat(op, operand(op, in, 0, 1, 1));
      case Op.Add _, Op.Mul _ -> broadcast(op, operand(op, in, 0, 2, 2), in.get(1));
      case Op.LeakyRelu(float slope) -> {
        // its gradient tells the sides apart by the result's sign
        require(op, slope >= 0 && slope < Float.POSITIVE_INFINITY, "a slope of 0 or more", slope);
        yield operand(op, in, 0, 1, 1);
      }
      case Op.Relu _, Op.Sigmoid _, Op.Tanh _ -> operand(op, in, 0, 1, 1);
      case Op.Dropout(_, float rate) -> {
        require(op, rate >= 0 && rate < 1, "a rate from 0 up to, not including, 1", String.valueOf(rate));
        yield operand(op, in, 0, 1, 1);
      }
      case Op.Softmax _, Op.LogSoftmax _ -> classes(op, operand(op, in, 0, 1, 1));
      case Op.SoftmaxCrossEntropyLoss _ -> {
        Shape logits = classes(op, operand(op, in, 0, 2, 2));
        require(op, labelsOf(logits).equals(in.get(1)), "labels of " + labelsOf(logits), in.get(1));
        yield Shape.of();
      }
      case Op.SigmoidCrossEntropyLoss _ -> {
        requireSame(op, Shape.of(operand(op, in, 0, 2, 2).size()), Shape.of(in.get(1).size()));
        yield Shape.of();
      }
      case Op.ConvWeightGrad(Window w, int groups) -> {
        Shape x = maps(op, operand(op, in, 0, 2, 2));
        yield Shape.of(maps(op, in.get(1)).dim(1), x.dim(1) / groups, w.kernelH(), w.kernelW());
      }
      case Op.MaxPoolGrad(Window w) -> {
        requireSame(op, pooled(op, w, operand(op, in, 0, 2, 2)), in.get(1));
        yield in.getFirst();
      }
      case Op.AveragePoolGrad(_, _, int h, int w) -> maps(op, operand(op, in, 0, 1, 1)).with(2, h).with(3, w);
      case Op.Reshape(Shape shape) -> {
        requireSame(op, Shape.of(operand(op, in, 0, 1, 1).size()), Shape.of(shape.size()));
        yield shape;
      }
      case Op.SumTo(Shape shape) -> {
        broadcast(op, operand(op, in, 0, 1, 1), shape);
        yield shape;
      }
      case Op.ChannelSum _ -> Shape.of(classes(op, operand(op, in, 0, 1, 1)).dim(1));
      case Op.ReluGrad _, Op.LeakyReluGrad _, Op.SigmoidGrad _, Op.TanhGrad _, Op.SoftmaxGrad _, Op.LogSoftmaxGrad _ -> {
        requireSame(op, operand(op, in, 0, 2, 2), in.get(1));
        yield in.getFirst();
      }
      case Op.SoftmaxCrossEntropyGrad _, Op.SigmoidCrossEntropyGrad _ -> operand(op, in, 0, 3, 3);
    };
  }

  /** The shape of the class numbers that belong to logits: without axis 1. */
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
    require(op, h >= 1 && wide >= 1, "less padding: nothing is left of the output", h + "x" + wide);
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
    require(op, w.meets(x.dim(2), x.dim(3)), "windows that each meet the picture", w + " on " + x);
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

  private static Shape operand(Op op, List<Shape> in, int index, int least, int most) {
    require(op, in.size() >= least && in.size() <= most,
        least == most ? least + " operands" : least + " to " + most + " operands", in.size());
    return in.get(index);
  }

  private static Shape maps(Op op, Shape x) {
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

  private static void requireSame(Op op, Shape expected, Shape got) {
    require(op, expected.equals(got), expected.toString(), got);
  }

  private static void require(Op op, boolean holds, String expected, Object got) {
    if (!holds) {
      throw new FoveaException(op.type() + " expects " + expected + ", got " + got);
    }
  }
}
