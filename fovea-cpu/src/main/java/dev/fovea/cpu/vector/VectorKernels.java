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
import dev.fovea.cpu.vector.linear.Gemm16c;
import dev.fovea.cpu.vector.linear.Gemm16n;
import dev.fovea.cpu.vector.linear.LinearWeightGrad;
import dev.fovea.cpu.vector.microkernel.Lanes;
import dev.fovea.cpu.vector.microkernel.Tile16c;
import dev.fovea.cpu.vector.nchw16c.Broadcast16c;
import dev.fovea.cpu.vector.nchw16n.Broadcast16n;
import dev.fovea.cpu.vector.plane.PlaneCopy;
import dev.fovea.cpu.vector.plane.PlaneNorm;
import dev.fovea.cpu.vector.plane.PlanePooling;
import dev.fovea.cpu.vector.plane.PlaneResize;
import dev.fovea.cpu.vector.plane.Pointwise;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The table: which operators have a vector kernel. What it leaves is done by the scalar ones. A graph's images lie in one of two
 * layouts, {@link Layout#NCHW16N} or {@link Layout#NCHW16C}; kernels that go number by number or plane by plane serve both.
 */
public final class VectorKernels implements KernelSet {
  private final Layout layout;

  /** Kernels for images in that layout: NCHW16N or NCHW16C. */
  public VectorKernels(Layout layout) {
    this.layout = layout;
  }

  /** Floats in one of this machine's vectors. */
  public static int lanes() {
    return Lanes.COUNT;
  }

  /** Has the loops compiled that a first run with Winograd's transforms would wait for; takes a few tenths of a second. */
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
          plan -> steps.winograd("winograd", plan),
          () -> steps.convolution("conv", DirectConv.of(op, steps.shape(0), steps.shape(1), out)));
      case Op.ConvTranspose op -> Winograd.of(lowering.precision(), op, steps.shape(0), out).ifPresentOrElse(
          plan -> steps.winograd("winograd-transpose", plan),
          () -> steps.convolution("conv-transpose", DirectConv.of(op, steps.shape(0), steps.shape(1), out)));
      case Op.Gemm op when !op.transA() && layout == Layout.NCHW16N ->
          steps.conv16n("gemm", DirectConv.of(op, steps.shape(0), steps.shape(1)));
      case Op.Gemm op when !op.transA() && steps.packsMatrix() ->
          steps.conv16c("gemm", DirectConv.of(op, steps.shape(0), steps.shape(1)), steps.rowsLayout());
      case Op.Gemm op when !op.transA() && op.transB() ->
          steps.gemm("gemm-nchw16n", Layout.NCHW16N, new Gemm16n(steps.shape(0), out).kernel());
      case Op.Gemm op when !op.transA() ->
          steps.gemm("gemm", steps.rowsLayout(), new Gemm16c(steps.shape(0), out, steps.rowsLayout()).kernel());
      case Op.Gemm op when !op.transB() && node.inputs().size() == 2 -> {
        Kernel kernel = new LinearWeightGrad(steps.shape(0), steps.shape(1)).kernel();
        List<Buffer> in = List.of(steps.operand(0, Layout.NCHW16C), steps.operand(1, Layout.NCHW16C));
        lowering.step(value, "nchw16c.gemm-weight-grad", in, Layout.NCHW, (long) out.size() * steps.shape(0).dim(0), NOT_IN_PLACE,
            kernel);
      }
      case Op.ConvWeightGrad op -> Winograd.of(lowering.precision(), op, steps.shape(0), steps.shape(1)).ifPresentOrElse(
          steps::winogradGrad,
          () -> steps.weightGrad(op));
      case Op.MaxPool(var w) -> steps.maxPool(w);
      case Op.AveragePool op -> steps.planes("average-pool", NOT_IN_PLACE, PlanePooling.average(op, steps.shape(0), out, layout));
      case Op.MaxUnpool(var w) -> steps.planes("max-unpool", NOT_IN_PLACE, PlanePooling.unpool(w, out, steps.shape(1), layout));
      case Op.AveragePoolGrad op ->
          steps.planes("average-pool-grad", NOT_IN_PLACE, PlanePooling.averageGrad(op, out, steps.shape(0), layout));
      default -> {
        return steps.lies() && (elementwise(steps, out) || maps(steps, out) || across(steps, out));
      }
    }
    return true;
  }

  private static boolean elementwise(VectorLowering steps, Shape out) {
    long size = steps.size(out);
    switch (steps.node().op()) {
      case Op.Relu _ -> steps.planes("relu", 0, Pointwise.relu(size));
      case Op.LeakyRelu(float slope) -> steps.planes("leaky-relu", 0, Pointwise.leakyRelu(size, slope));
      case Op.Sigmoid _ -> steps.planes("sigmoid", 0, Pointwise.sigmoid(size));
      case Op.Tanh _ -> steps.planes("tanh", 0, Pointwise.tanh(size));
      case Op.ReluGrad _ -> steps.planes("relu-grad", 1, Pointwise.reluGrad(size));
      case Op.LeakyReluGrad(float slope) -> steps.planes("leaky-relu-grad", 1, Pointwise.leakyReluGrad(size, slope));
      case Op.SigmoidGrad _ -> steps.planes("sigmoid-grad", 1, Pointwise.sigmoidGrad(size));
      case Op.TanhGrad _ -> steps.planes("tanh-grad", 1, Pointwise.tanhGrad(size));
      case Op.Clip(float least, float most) -> steps.planes("clip", 0, Pointwise.clip(size, least, most));
      case Op.ClipGrad(float least, float most) -> steps.planes("clip-grad", 1, Pointwise.clipGrad(size, least, most));
      case Op.Add _ when steps.number().isPresent() ->
          steps.alone("add", 0, Pointwise.add(size, steps.number().get()));
      case Op.Mul _ when steps.number().isPresent() ->
          steps.alone("mul", 0, Pointwise.mul(size, steps.number().get()));
      case Op.Add _ when out.equals(steps.shape(1)) -> steps.planes("add", 0, Pointwise.add(size));
      case Op.Mul _ when out.equals(steps.shape(1)) -> steps.planes("mul", 0, Pointwise.mul(size));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** What goes plane by plane, whatever is in the lanes: normalisation, cuts and joins, scaling, adaptive pools. */
  private static boolean maps(VectorLowering steps, Shape out) {
    Layout layout = steps.layout();
    if (steps.size(steps.shape(0)) == 0) {
      return false;
    }
    Shape x = steps.shape(0);
    switch (steps.node().op()) {
      case Op.BatchMean _ -> steps.sum("batch-mean", PlaneNorm.of(layout, x).mean());
      case Op.BatchVariance _ -> steps.sum("batch-variance", PlaneNorm.of(layout, x).variance());
      case Op.BatchNormalizationScaleGrad(float epsilon) ->
          steps.sum("batch-norm-scale-grad", PlaneNorm.of(layout, x).scaleGrad(epsilon));
      case Op.BatchNormalization(float epsilon, _) -> steps.perChannel("batch-norm", PlaneNorm.of(layout, x).forward(epsilon));
      case Op.BatchNormalizationGrad(float epsilon) -> steps.perChannel(
          "batch-norm-grad",
          steps.node().inputs().size() > 3 ? PlaneNorm.of(layout, x).batchGrad(epsilon)
              : PlaneNorm.of(layout, x).scaledGrad(epsilon));
      case Op.Concat _ when PlaneCopy.joins(layout, steps.shapes()) ->
          steps.planes("concat", NOT_IN_PLACE, PlaneCopy.concat(layout, steps.shapes(), out));
      case Op.Slice(int axis, int from, int to) when axis == 1 && PlaneCopy.whole(layout, x, from, to) ->
          steps.planes("slice", NOT_IN_PLACE, PlaneCopy.channels(layout, x, out, from));
      case Op.Slice(int axis, int from, _) when axis > 1 && out.rank() == 4 ->
          steps.planes("slice", NOT_IN_PLACE, PlaneCopy.window(layout, x, out, axis == 2 ? from : 0, axis == 3 ? from : 0));
      case Op.Pad(int axis, int before, _) when axis > 1 && out.rank() == 4 ->
          steps.planes("pad", NOT_IN_PLACE, PlaneCopy.window(layout, x, out, axis == 2 ? -before : 0, axis == 3 ? -before : 0));
      case Op.PadToMultiple _ -> steps.planes("pad", NOT_IN_PLACE, PlaneCopy.window(layout, x, out, 0, 0));
      case Op.Crop(int top, int left) -> steps.alone("crop", NOT_IN_PLACE, PlaneCopy.window(layout, x, out, top, left));
      case Op.Resize(var how, _) -> steps.alone("resize", NOT_IN_PLACE, PlaneResize.of(layout, how, x, out).forward());
      case Op.ResizeGrad(var how, _, _) -> steps.alone("resize-grad", NOT_IN_PLACE, PlaneResize.of(layout, how, out, x).grad());
      case Op.AdaptiveAveragePool _ -> {
        PoolGeometry g = PoolGeometry.adaptive(x, out);
        steps.planes("adaptive-average-pool", NOT_IN_PLACE, PlanePooling.average(g, layout.planes(x), g.scales()));
      }
      case Op.AdaptiveAveragePoolGrad _ -> steps.planes(
          "adaptive-average-pool-grad",
          NOT_IN_PLACE,
          PlanePooling.averageGrad(PoolGeometry.adaptiveBackward(out, x), layout.planes(x),
              PoolGeometry.adaptive(out, x).scales()));
      case Op.AdaptiveMaxPool _ -> steps.planes(
          "adaptive-max-pool", NOT_IN_PLACE, PlanePooling.max(PoolGeometry.adaptive(x, out), layout.planes(x)));
      case Op.AdaptiveMaxPoolGrad _ -> steps.planes(
          "adaptive-max-pool-grad", NOT_IN_PLACE,
          PlanePooling.unpool(PoolGeometry.adaptive(out, steps.shape(1)), layout.planes(x)));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** What meets other numbers than its own. */
  private static boolean across(VectorLowering steps, Shape out) {
    return steps.layout() == Layout.NCHW16N ? acrossLanes(steps, out) : acrossChannels(steps, out);
  }

  private static boolean acrossLanes(VectorLowering steps, Shape out) {
    switch (steps.node().op()) {
      case Op.Dropout op when op.unit() == Op.Unit.ELEMENT -> steps.planes("dropout", 0, Broadcast16n.dropout(op, out));
      case Op.Add _ when Broadcast16n.shared(out, steps.shape(1)) ->
          steps.broadcast("add", Broadcast16n.add(out, steps.shape(1)));
      case Op.Mul _ when Broadcast16n.shared(out, steps.shape(1)) ->
          steps.broadcast("mul", Broadcast16n.mul(out, steps.shape(1)));
      case Op.ChannelSum _ -> {
        int inner = steps.shape(0).sizeFrom(2);
        int[] targets = new int[steps.shape(0).sizeFrom(1)];
        Arrays.setAll(targets, i -> i / inner);
        steps.sum("channel-sum", Broadcast16n.sumTo(steps.shape(0), targets, out.size()));
      }
      case Op.SumTo(Shape to) when Broadcast16n.shared(steps.shape(0), to) -> steps.sum(
          "sum",
          Broadcast16n.sumTo(steps.shape(0), Broadcast16n.partners(steps.shape(0), to), out.size()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean acrossChannels(VectorLowering steps, Shape out) {
    switch (steps.node().op()) {
      case Op.Dropout op when op.unit() == Op.Unit.ELEMENT -> steps.planes("dropout", 0, Broadcast16c.dropout(op, out));
      case Op.Add _ when Broadcast16c.perMap(out, steps.shape(1)) ->
          steps.broadcast("add", Broadcast16c.add(out, steps.shape(1)));
      case Op.Mul _ when Broadcast16c.perMap(out, steps.shape(1)) ->
          steps.broadcast("mul", Broadcast16c.mul(out, steps.shape(1)));
      case Op.ChannelSum _ -> steps.sum("channel-sum", Broadcast16c.sum(steps.shape(0)));
      case Op.SumTo(Shape to) when Broadcast16n.shared(steps.shape(0), to) && to.size() == steps.shape(0).dim(1)
          && Broadcast16c.perMap(steps.shape(0), to) -> steps.sum("sum", Broadcast16c.sum(steps.shape(0)));
      default -> {
        return false;
      }
    }
    return true;
  }
}
