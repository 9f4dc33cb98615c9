package dev.fovea.formats.onnx.write;

import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The table from Fovea's operators to ONNX's. An operator that ONNX lacks is composed of others, without a size of the image or the
 * batch where possible, so that these stay open.
 */
final class OpWriter {
  /** The first opset in which ScatterElements can add. */
  private static final int ADDS = 16;

  private final NodeList to;
  private final Set<String> halves;

  /** {@code halves} are the names of the parameters that are stored as float16. */
  OpWriter(NodeList to, Set<String> halves) {
    this.to = to;
    this.halves = halves;
  }

  /** Adds the nodes of an operator and returns the name of its result. {@code in} and {@code shapes} are those of its operands. */
  String write(Node node, List<String> in, List<Shape> shapes) {
    Windows windows = new Windows(to, in);
    Movements movements = new Movements(to, in, shapes);
    Rows rows = new Rows(to, in, shapes);
    String x = in.isEmpty() ? "" : in.getFirst();
    return switch (node.op()) {
      case Op.Input(String name, _, _) -> name;
      case Op.Param(String name, _, _, _) -> halves.contains(name) ? to.toFloat(name) : name;
      case Op.Fill(Shape shape, float value) -> movements.fill(shape, value);

      case Op.Conv conv -> windows.conv(conv);
      case Op.ConvTranspose conv -> windows.convTranspose(conv);
      case Op.LocalConv(var window) -> windows.localConv(window, shapes);
      case Op.MaxPool(var window) -> windows.maxPool(window);
      case Op.AveragePool(var window, boolean countPadding) -> windows.averagePool(window, countPadding, shapes.getFirst());
      case Op.AdaptiveAveragePool(int h, int w) -> windows.adaptiveAveragePool(h, w, shapes.getFirst());
      case Op.AdaptiveMaxPool(int h, int w) -> windows.adaptiveMaxPool(h, w, shapes.getFirst());
      case Op.MaxUnpool(var window) when Windows.overlap(window) && to.opset() < ADDS ->
          throw refused(node, "adds values at the same position, which needs opset " + ADDS + " or later");
      case Op.MaxUnpool(var window) -> windows.maxUnpool(window);
      case Op.MaxPick(var window) -> windows.maxPick(window);

      case Op.Gemm(boolean transA, boolean transB) ->
          to.call("Gemm", in).integer("transA", transA ? 1 : 0).integer("transB", transB ? 1 : 0).value();
      case Op.MatMul _ -> to.call("MatMul", in).value();

      case Op.Flatten _ -> to.call("Flatten", x).integer("axis", 1).value();
      case Op.Reshape(var dims) -> movements.reshape(dims);
      case Op.Transpose(var perm) -> to.call("Transpose", x).integers("perm", perm).value();
      case Op.Concat(int axis) -> to.call("Concat", in).integer("axis", axis).value();
      case Op.Slice(int axis, int from, int end) -> movements.slice(axis, from, end);
      case Op.Pad(int axis, int before, int after) -> movements.pad(axis, before, after);
      case Op.PadToMultiple(int multiple) -> movements.padToMultiple(multiple);
      case Op.Crop(int top, int left) -> movements.crop(top, left);
      case Op.Resize(var interpolation, int scale) -> movements.resize(interpolation, scale);
      case Op.Gather(int axis, var indices) ->
          to.call("Gather", x, to.integers(indices.stream().mapToLong(Integer::longValue).toArray())).integer("axis", axis)
              .value();
      case Op.GatherElements(int axis) -> to.call("GatherElements", x, to.toInteger(in.get(1))).integer("axis", axis).value();
      case Op.TopK(int axis, int k) -> to.toFloat(to.call("TopK", x, to.integers(k)).integer("axis", axis).values(2).get(1));
      case Op.OneHot(int classes) -> rows.oneHot(x, classes, shapes.getFirst().rank());

      case Op.Add _, Op.Mul _, Op.Div _, Op.Max _ -> to.call(node.op().type(), in).value();
      case Op.Less _ -> to.toFloat(to.call("Less", in).value());
      case Op.Where _ -> to.add("Where", to.toBoolean(x), in.get(1), in.get(2));
      case Op.Relu _, Op.Sigmoid _, Op.Tanh _, Op.Softplus _, Op.Erf _, Op.Exp _, Op.Log _, Op.Sin _, Op.Cos _, Op.Floor _, Op.Round _ ->
          to.add(node.op().type(), x);
      case Op.LeakyRelu(float slope) -> to.call("LeakyRelu", x).number("alpha", slope).value();
      case Op.Elu(float alpha) -> to.call("Elu", x).number("alpha", alpha).value();
      case Op.Clip(float min, float max) -> to.add("Clip", x, to.number(min), to.number(max));
      case Op.Pow(float exponent) -> pow(x, exponent);
      case Op.Dropout(_, float rate, Op.Unit unit) -> dropout(x, rate, unit, shapes.getFirst());

      case Op.Maxout(int pieces) -> rows.maxout(pieces);
      case Op.Sum(int axis) -> to.call("ReduceSum", x, to.integers(axis)).integer("keepdims", 1).value();
      case Op.ReduceMax(int axis) -> to.call("ReduceMax", x).integers("axes", axis).integer("keepdims", 1).value();
      case Op.Mean _ -> to.call("ReduceMean", x).integer("keepdims", 0).value();
      case Op.Lrn lrn -> rows.lrn(lrn);
      case Op.BatchNormalization norm -> rows.batchNormalization(norm);
      case Op.RowNormalization norm -> rows.rowNormalization(norm);
      case Op.Softmax(int axis) -> to.call("Softmax", x).integer("axis", axis).value();
      case Op.LogSoftmax(int axis) -> to.call("LogSoftmax", x).integer("axis", axis).value();
      case Op.SoftmaxCrossEntropyLoss loss -> rows.softmaxLoss(loss);
      case Op.SigmoidCrossEntropyLoss _ -> rows.sigmoidLoss();

      case Op.ExponentialRace _ ->
          throw refused(node, "draws random numbers, which another program would draw differently; write the "
              + "network for inference");
      case Op.Adjoint _ -> throw refused(node, "is part of a gradient; write the forward network");
    };
  }

  private static FoveaException refused(Node node, String why) {
    return new FoveaException(node.where() + ": " + node.op().type() + " cannot be written to ONNX: it " + why);
  }

  /** The square root and the reciprocal have operators of their own, which are exact. */
  private String pow(String x, float exponent) {
    if (exponent == 0.5f) {
      return to.add("Sqrt", x);
    }
    return exponent == -1 ? to.add("Reciprocal", x) : to.add("Pow", x, to.number(exponent));
  }

  /** Whole channels or images are dropped by a mask of ones that is dropped itself. */
  private String dropout(String x, float rate, Op.Unit unit, Shape shape) {
    if (unit == Op.Unit.ELEMENT) {
      return to.add("Dropout", x, to.number(rate));
    }
    int kept = unit == Op.Unit.CHANNEL ? 2 : 1;
    long[] ones = new long[shape.rank() - kept];
    Arrays.fill(ones, 1);
    String units = ones.length == 0 ? to.shape(x) : to.concat(to.sizes(x, 0, kept), to.integers(ones));
    return to.add("Mul", x, to.add("Dropout", to.add("Expand", to.number(1), units), to.number(rate)));
  }
}
