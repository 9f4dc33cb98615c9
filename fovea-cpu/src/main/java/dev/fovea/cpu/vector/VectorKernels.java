package dev.fovea.cpu.vector;

import static dev.fovea.cpu.compile.NodeContext.NOT_IN_PLACE;

import dev.fovea.cpu.compile.Buffer;
import dev.fovea.cpu.compile.KernelSet;
import dev.fovea.cpu.compile.Lowering;
import dev.fovea.cpu.compile.MemoryPlan;
import dev.fovea.cpu.compile.NodeContext;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.PoolGeometry;
import dev.fovea.cpu.kernel.Winograd;
import dev.fovea.cpu.vector.linear.BatchedGemm;
import dev.fovea.cpu.vector.linear.Gemm16c;
import dev.fovea.cpu.vector.linear.Gemm16n;
import dev.fovea.cpu.vector.linear.LinearWeightGrad;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.Tile16c;
import dev.fovea.cpu.vector.nchw16c.Broadcast16c;
import dev.fovea.cpu.vector.nchw16n.Broadcast16n;
import dev.fovea.cpu.vector.plane.ChannelGather;
import dev.fovea.cpu.vector.plane.OperandLoop;
import dev.fovea.cpu.vector.plane.PlaneCopy;
import dev.fovea.cpu.vector.plane.PlaneNorm;
import dev.fovea.cpu.vector.plane.PlanePooling;
import dev.fovea.cpu.vector.plane.PlaneResize;
import dev.fovea.cpu.vector.plane.Pointwise;
import dev.fovea.cpu.vector.plane.SoftmaxRows;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The table of operators that have a vector kernel; the others run in scalar kernels. A graph's images are in one of two
 * layouts, {@link Layout#NCHW16N} or {@link Layout#NCHW16C}; kernels that work element by element or plane by plane serve both.
 */
public final class VectorKernels implements KernelSet {
  private final Layout layout;

  /** Creates the set of kernels for images in a layout: NCHW16N or NCHW16C. */
  public VectorKernels(Layout layout) {
    this.layout = layout;
  }

  /** The number of floats in a vector of this machine. */
  public static int lanes() {
    return Lanes.COUNT;
  }

  /** Compiles the loops that a first run with Winograd's transforms would wait for; takes a few tenths of a second. */
  public static void warmUp() {
    new WarmUp().run();
  }

  @Override
  public double multiplyAddsPerSecond() {
    return Tile16c.multiplyAddsPerSecond();
  }

  @Override
  public boolean lower(Lowering lowering, Value value, Node node) {
    VectorLowering steps = new VectorLowering(new NodeContext(lowering, value, node), layout);
    Shape out = node.shape();
    MemoryPlan.requireArray(steps.size(out));
    switch (node.op()) {
      case Op.Conv op -> Winograd.of(lowering.precision(), op, steps.shape(0), out).ifPresentOrElse(
          plan -> steps.emitWinograd("winograd", plan),
          () -> steps.emitConv("conv", DirectConv.of(op, steps.shape(0), steps.shape(1), out)));
      case Op.ConvTranspose op -> Winograd.of(lowering.precision(), op, steps.shape(0), out).ifPresentOrElse(
          plan -> steps.emitWinograd("winograd-transpose", plan),
          () -> steps.emitConv("conv-transpose", DirectConv.of(op, steps.shape(0), steps.shape(1), out)));
      case Op.Gemm op when !op.transA() && layout == Layout.NCHW16N ->
          steps.emitConv16n("gemm", DirectConv.of(op, steps.shape(0), steps.shape(1)));
      case Op.Gemm op when !op.transA() && steps.packsMatrix() ->
          steps.emitConv16c("gemm", DirectConv.of(op, steps.shape(0), steps.shape(1)), steps.inputLayout());
      case Op.Gemm op when !op.transA() && op.transB() ->
          steps.emitGemm("gemm-nchw16n", Layout.NCHW16N, new Gemm16n(steps.shape(0), out).kernel());
      case Op.Gemm op when !op.transA() ->
          steps.emitGemm("gemm", steps.inputLayout(), new Gemm16c(steps.shape(0), out, steps.inputLayout()).kernel());
      case Op.Gemm op when !op.transB() && node.inputs().size() == 2 -> {
        Kernel kernel = new LinearWeightGrad(steps.shape(0), steps.shape(1)).kernel();
        List<Buffer> in = List.of(steps.operand(0, Layout.NCHW16C), steps.operand(1, Layout.NCHW16C));
        lowering.step(value, "nchw16c.gemm-weight-grad", in, Layout.NCHW, (long) out.size() * steps.shape(0).dim(0), NOT_IN_PLACE,
            kernel);
      }
      case Op.ConvWeightGrad op -> Winograd.of(lowering.precision(), op, steps.shape(0), steps.shape(1)).ifPresentOrElse(
          steps::emitWinogradWeightGrad,
          () -> steps.emitWeightGrad(op));
      case Op.MaxPool(var w) -> steps.emitMaxPool(w);
      case Op.AveragePool op -> steps.emit("average-pool", NOT_IN_PLACE, PlanePooling.average(op, steps.shape(0), out, layout));
      case Op.MaxUnpool(var w) -> steps.emit("max-unpool", NOT_IN_PLACE, PlanePooling.unpool(w, out, steps.shape(1), layout));
      case Op.AveragePoolGrad op ->
          steps.emit("average-pool-grad", NOT_IN_PLACE, PlanePooling.averageGrad(op, out, steps.shape(0), layout));
      case Op.MatMul _ when BatchedGemm.isApplicable(steps.shape(0)) ->
          steps.emitMatMul(new BatchedGemm(steps.shape(0), steps.shape(1), out));
      case Op.Transpose(var perm) -> steps.emitTranspose(perm);
      default -> {
        return steps.anyOperandInLayout() && (elementwise(steps, out) || planewise(steps, out) || broadcast(steps, out))
            || steps.allWholeVectors() && elementwise(steps.in(Layout.NCHW), out)
            || rows(steps.in(Layout.NCHW), out);
      }
    }
    return true;
  }

  /** Kernels that work row by row, in NCHW: mutual broadcasting and softmax. */
  private static boolean rows(VectorLowering steps, Shape out) {
    switch (steps.node().op()) {
      case Op.Add _ -> steps.emitRows("add", OperandLoop.add());
      case Op.Mul _ -> steps.emitRows("mul", OperandLoop.mul());
      case Op.Div _ -> steps.emitRows("div", OperandLoop.div());
      case Op.Max _ -> steps.emitRows("max", OperandLoop.max());
      case Op.Less _ -> steps.emitRows("less", OperandLoop.less());
      case Op.Where _ -> steps.emitRows("where", OperandLoop.where());
      case Op.Softmax(int axis) when SoftmaxRows.isApplicable(out, axis) ->
          steps.emit("softmax", NOT_IN_PLACE, SoftmaxRows.softmax(out, axis));
      case Op.LogSoftmax(int axis) when SoftmaxRows.isApplicable(out, axis) ->
          steps.emit("log-softmax", NOT_IN_PLACE, SoftmaxRows.logSoftmax(out, axis));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean elementwise(VectorLowering steps, Shape out) {
    long size = steps.size(out);
    switch (steps.node().op()) {
      case Op.Relu _ -> steps.emit("relu", 0, Pointwise.relu(size));
      case Op.LeakyRelu(float slope) -> steps.emit("leaky-relu", 0, Pointwise.leakyRelu(size, slope));
      case Op.Sigmoid _ -> steps.emit("sigmoid", 0, Pointwise.sigmoid(size));
      case Op.Tanh _ -> steps.emit("tanh", 0, Pointwise.tanh(size));
      case Op.Exp _ when steps.mayBeInfinite() -> steps.emit("exp", 0, Pointwise.exp(size));
      case Op.Log _ when steps.mayBeInfinite() -> steps.emit("log", 0, Pointwise.log(size));
      case Op.Erf _ -> steps.emit("erf", 0, Pointwise.erf(size));
      case Op.Softplus _ -> steps.emit("softplus", 0, Pointwise.softplus(size));
      case Op.Elu(float alpha) -> steps.emit("elu", 0, Pointwise.elu(size, alpha));
      case Op.Floor _ -> steps.emit("floor", 0, Pointwise.floor(size));
      case Op.Round _ -> steps.emit("round", 0, Pointwise.round(size));
      case Op.Pow(float exponent) when exponent == 2 -> steps.emit("square", 0, Pointwise.square(size));
      case Op.Pow(float exponent) when exponent == 0.5f && steps.mayBeInfinite() -> steps.emit("sqrt", 0, Pointwise.sqrt(size));
      case Op.Pow(float exponent) when exponent == -1 && steps.mayBeInfinite() ->
          steps.emit("reciprocal", 0, Pointwise.reciprocal(size));
      case Op.ReluGrad _ -> steps.emit("relu-grad", 1, Pointwise.reluGrad(size));
      case Op.LeakyReluGrad(float slope) -> steps.emit("leaky-relu-grad", 1, Pointwise.leakyReluGrad(size, slope));
      case Op.SigmoidGrad _ -> steps.emit("sigmoid-grad", 1, Pointwise.sigmoidGrad(size));
      case Op.TanhGrad _ -> steps.emit("tanh-grad", 1, Pointwise.tanhGrad(size));
      case Op.Clip(float min, float max) -> steps.emit("clip", 0, Pointwise.clip(size, min, max));
      case Op.ClipGrad(float min, float max) -> steps.emit("clip-grad", 1, Pointwise.clipGrad(size, min, max));
      case Op.Add _ when out.equals(steps.shape(0)) && steps.scalar().isPresent() ->
          steps.emitUnary("add", 0, Pointwise.add(size, steps.scalar().get()));
      case Op.Mul _ when out.equals(steps.shape(0)) && steps.scalar().isPresent() ->
          steps.emitUnary("mul", 0, Pointwise.mul(size, steps.scalar().get()));
      case Op.Add _ when steps.operandsHaveShape(out) -> steps.emit("add", 0, Pointwise.add(size));
      case Op.Mul _ when steps.operandsHaveShape(out) -> steps.emit("mul", 0, Pointwise.mul(size));
      case Op.Div _ when steps.mayBeInfinite() && steps.isPointwise(out) ->
          steps.emitPointwise("div", OperandLoop.div());
      case Op.Max _ when steps.isPointwise(out) -> steps.emitPointwise("max", OperandLoop.max());
      case Op.Less _ when steps.isPointwise(out) -> steps.emitPointwise("less", OperandLoop.less());
      case Op.Where _ when steps.isPointwise(out) -> steps.emitPointwise("where", OperandLoop.where());
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Kernels that work plane by plane, for both layouts: normalisation, slices and concatenation, resizing, adaptive pooling. */
  private static boolean planewise(VectorLowering steps, Shape out) {
    Layout layout = steps.layout();
    if (steps.size(steps.shape(0)) == 0) {
      return false;
    }
    Shape x = steps.shape(0);
    switch (steps.node().op()) {
      case Op.BatchMean _ -> steps.emitReduction("batch-mean", PlaneNorm.of(layout, x).mean());
      case Op.BatchVariance _ -> steps.emitReduction("batch-variance", PlaneNorm.of(layout, x).variance());
      case Op.BatchNormalizationScaleGrad(float epsilon) ->
          steps.emitReduction("batch-norm-scale-grad", PlaneNorm.of(layout, x).scaleGrad(epsilon));
      case Op.BatchNormalization(float epsilon, _) ->
          steps.emitPerChannel("batch-norm", PlaneNorm.of(layout, x).forward(epsilon));
      case Op.BatchNormalizationGrad(float epsilon) -> steps.emitPerChannel(
          "batch-norm-grad",
          steps.node().inputs().size() > 3 ? PlaneNorm.of(layout, x).batchGrad(epsilon)
              : PlaneNorm.of(layout, x).scaledGrad(epsilon));
      case Op.Concat(int axis) when axis == 1 && PlaneCopy.canConcat(layout, steps.shapes()) ->
          steps.emit("concat", NOT_IN_PLACE, PlaneCopy.concat(layout, steps.shapes(), out));
      case Op.Concat(int axis) when axis == 1 && ChannelGather.isApplicable(out) ->
          steps.emit("concat", NOT_IN_PLACE, ChannelGather.concat(layout, steps.shapes(), out));
      case Op.Gather(int axis, var indices) when axis == 1 && ChannelGather.isApplicable(out) ->
          steps.emit("gather", NOT_IN_PLACE, ChannelGather.of(layout, x, out, indices));
      case Op.Slice slice -> {
        int axis = slice.axis();
        int first = slice.first(x.dim(axis));
        if (axis == 1 && PlaneCopy.canSlice(layout, x, first, slice.end(x.dim(axis)))) {
          steps.emit("slice", NOT_IN_PLACE, PlaneCopy.channels(layout, x, out, first));
        } else if (axis == 1 && ChannelGather.isApplicable(out)) {
          steps.emit("slice", NOT_IN_PLACE, ChannelGather.slice(layout, x, out, first));
        } else if (axis > 1 && out.rank() == 4) {
          steps.emit("slice", NOT_IN_PLACE, PlaneCopy.window(layout, x, out, axis == 2 ? first : 0, axis == 3 ? first : 0));
        } else {
          return false;
        }
      }
      case Op.Pad(int axis, int before, _) when axis > 1 && out.rank() == 4 ->
          steps.emit("pad", NOT_IN_PLACE, PlaneCopy.window(layout, x, out, axis == 2 ? -before : 0, axis == 3 ? -before : 0));
      case Op.PadToMultiple _ -> steps.emit("pad", NOT_IN_PLACE, PlaneCopy.window(layout, x, out, 0, 0));
      case Op.Crop(int top, int left) -> steps.emitUnary("crop", NOT_IN_PLACE, PlaneCopy.window(layout, x, out, top, left));
      case Op.Resize(var interpolation, _) ->
          steps.emitUnary("resize", NOT_IN_PLACE, PlaneResize.of(layout, interpolation, x, out).forward());
      case Op.ResizeGrad(var interpolation, _, _) ->
          steps.emitUnary("resize-grad", NOT_IN_PLACE, PlaneResize.of(layout, interpolation, out, x).grad());
      case Op.AdaptiveAveragePool _ -> {
        PoolGeometry g = PoolGeometry.adaptive(x, out);
        steps.emit("adaptive-average-pool", NOT_IN_PLACE, PlanePooling.average(g, layout.planes(x), g.scales()));
      }
      case Op.AdaptiveAveragePoolGrad _ -> steps.emit(
          "adaptive-average-pool-grad",
          NOT_IN_PLACE,
          PlanePooling.averageGrad(PoolGeometry.adaptiveBackward(out, x), layout.planes(x),
              PoolGeometry.adaptive(out, x).scales()));
      case Op.AdaptiveMaxPool _ -> steps.emit(
          "adaptive-max-pool", NOT_IN_PLACE, PlanePooling.max(PoolGeometry.adaptive(x, out), layout.planes(x)));
      case Op.AdaptiveMaxPoolGrad _ -> steps.emit(
          "adaptive-max-pool-grad", NOT_IN_PLACE,
          PlanePooling.unpool(PoolGeometry.adaptive(out, steps.shape(1)), layout.planes(x)));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Broadcasts, reductions and dropout, whose kernels depend on the layout. */
  private static boolean broadcast(VectorLowering steps, Shape out) {
    return steps.layout() == Layout.NCHW16N ? broadcast16n(steps, out) : broadcast16c(steps, out);
  }

  private static boolean broadcast16n(VectorLowering steps, Shape out) {
    switch (steps.node().op()) {
      case Op.Dropout op when op.unit() == Op.Unit.ELEMENT -> steps.emit("dropout", 0, Broadcast16n.dropout(op, out));
      case Op.Add _ when out.equals(steps.shape(0)) && Broadcast16n.isShared(out, steps.shape(1)) ->
          steps.emitBroadcast("add", Broadcast16n.add(out, steps.shape(1)));
      case Op.Mul _ when out.equals(steps.shape(0)) && Broadcast16n.isShared(out, steps.shape(1)) ->
          steps.emitBroadcast("mul", Broadcast16n.mul(out, steps.shape(1)));
      case Op.ChannelSum _ -> {
        int inner = steps.shape(0).sizeFrom(2);
        int[] targets = new int[steps.shape(0).sizeFrom(1)];
        Arrays.setAll(targets, i -> i / inner);
        steps.emitReduction("channel-sum", Broadcast16n.sumTo(steps.shape(0), targets, out.size()));
      }
      case Op.SumTo(Shape to) when Broadcast16n.isShared(steps.shape(0), to) -> steps.emitReduction(
          "sum",
          Broadcast16n.sumTo(steps.shape(0), Broadcast16n.operandIndices(steps.shape(0), to), out.size()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean broadcast16c(VectorLowering steps, Shape out) {
    switch (steps.node().op()) {
      case Op.Dropout op when op.unit() == Op.Unit.ELEMENT -> steps.emit("dropout", 0, Broadcast16c.dropout(op, out));
      case Op.Add _ when out.equals(steps.shape(0)) && Broadcast16c.isPerMap(out, steps.shape(1)) ->
          steps.emitBroadcast("add", Broadcast16c.add(out, steps.shape(1)));
      case Op.Mul _ when out.equals(steps.shape(0)) && Broadcast16c.isPerMap(out, steps.shape(1)) ->
          steps.emitBroadcast("mul", Broadcast16c.mul(out, steps.shape(1)));
      case Op.ChannelSum _ -> steps.emitReduction("channel-sum", Broadcast16c.sum(steps.shape(0)));
      case Op.SumTo(Shape to) when Broadcast16n.isShared(steps.shape(0), to) && to.size() == steps.shape(0).dim(1)
          && Broadcast16c.isPerMap(steps.shape(0), to) -> steps.emitReduction("sum", Broadcast16c.sum(steps.shape(0)));
      default -> {
        return false;
      }
    }
    return true;
  }
}
