package dev.fovea.cpu.scalar;

import dev.fovea.cpu.compile.Buffer;
import dev.fovea.cpu.compile.KernelSet;
import dev.fovea.cpu.compile.Lowering;
import dev.fovea.cpu.compile.NodeContext;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Elementary;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.PoolGeometry;
import dev.fovea.cpu.kernel.Winograd;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** The scalar kernel of every operator, with all operands in NCHW. */
public final class ScalarKernels implements KernelSet {
  @Override
  public boolean lower(Lowering lowering, Value value, Node node) {
    NodeContext context = new NodeContext(lowering, value, node);
    List<Shape> in = context.shapes();
    Shape out = node.shape();
    long elements = out.size();
    Steps steps = new Steps(context);
    switch (node.op()) {
      case Op.Source s -> {
        if (!(s instanceof Op.Fill(_, float constant))) {
          return false;
        }
        steps.step("fill", elements, Elementwise.fill(out.size(), constant));
      }
      case Op.Conv op -> Winograd.of(lowering.precision(), op, in.getFirst(), out).ifPresentOrElse(
          plan -> steps.winograd("winograd", plan, out.dim(0)),
          () -> conv(steps, "conv", DirectConv.of(op, in.get(0), in.get(1), out), out.dim(0)));
      case Op.ConvTranspose op -> Winograd.of(lowering.precision(), op, in.getFirst(), out).ifPresentOrElse(
          plan -> steps.winograd("winograd-transpose", plan, out.dim(0)),
          () -> conv(steps, "conv-transpose", DirectConv.of(op, in.get(0), in.get(1), out), out.dim(0)));
      case Op.ConvWeightGrad op -> Winograd.of(lowering.precision(), op, in.get(0), in.get(1)).ifPresentOrElse(
          plan -> steps.step(
              "winograd-weight-grad", plan.work() * in.get(1).dim(0),
              new WinogradKernel(plan, in.get(1).dim(0), false).weightGrad()),
          () -> steps.step(
              "conv-weight-grad",
              (long) out.size() * in.get(1).dim(0) * in.get(1).sizeFrom(2),
              new WeightGrad(op.window(), op.groups(), in.get(0), in.get(1)).kernel()));
      case Op.Gemm op -> {
        if (op.transA()) {
          steps.step("gemm", elements * in.get(0).dim(0), TransposedGemm.kernel(op, in.get(0), in.get(1), out));
        } else {
          conv(steps, "gemm", DirectConv.of(op, in.get(0), in.get(1)), out.dim(0));
        }
      }
      case Op.LocalConv(var w) -> steps.step(
          "local-conv", elements * in.get(1).sizeFrom(3), new LocalConv(w, in.getFirst(), out).forward());
      case Op.LocalConvInputGrad(var w, _, _) -> steps.step(
          "local-conv-input-grad", in.getFirst().size() * (long) in.get(1).sizeFrom(3),
          new LocalConv(w, out, in.getFirst()).inputGrad());
      case Op.LocalConvWeightGrad(var w) -> steps.step(
          "local-conv-weight-grad", elements * in.getFirst().dim(0), new LocalConv(w, in.get(0), in.get(1)).weightGrad());
      case Op.MaxPool(var w) -> steps.step(
          "max-pool", elements * w.kernelH() * w.kernelW(), Pooling.max(PoolGeometry.forward(w, in.getFirst(), out)));
      case Op.MaxPick(var w) -> steps.step(
          "max-pick", elements * w.kernelH() * w.kernelW(), Pooling.pick(PoolGeometry.forward(w, in.getFirst(), out)));
      case Op.MaxUnpool(var w) -> steps.step("max-unpool", elements, Pooling.unpool(PoolGeometry.forward(w, out, in.get(1))));
      case Op.AveragePool(var w, boolean counted) -> steps.step("average-pool", elements,
          Pooling.average(PoolGeometry.forward(w, in.getFirst(), out), PoolGeometry.scales(w, counted, in.getFirst(), out)));
      case Op.AveragePoolGrad(var w, boolean counted, _, _) -> steps.step("average-pool-grad", elements,
          Pooling.averageGrad(PoolGeometry.backward(w, out, in.getFirst()), PoolGeometry.scales(w, counted, out, in.getFirst())));
      case Op.AdaptiveMaxPool _ -> steps.step(
          "adaptive-max-pool", in.getFirst().size(), Pooling.max(PoolGeometry.adaptive(in.getFirst(), out)));
      case Op.AdaptiveMaxPoolGrad _ -> steps.step(
          "adaptive-max-pool-grad", elements, Pooling.unpool(PoolGeometry.adaptive(out, in.get(1))));
      case Op.AdaptiveAveragePool _ -> {
        PoolGeometry g = PoolGeometry.adaptive(in.getFirst(), out);
        steps.step("adaptive-average-pool", in.getFirst().size(), Pooling.average(g, g.scales()));
      }
      case Op.AdaptiveAveragePoolGrad _ -> steps.step("adaptive-average-pool-grad", elements,
          Pooling.averageGrad(PoolGeometry.adaptiveBackward(out, in.getFirst()),
              PoolGeometry.adaptive(out, in.getFirst()).scales()));
      case Op.Concat(int axis) -> steps.step("concat", elements, Maps.concat(in, out, axis));
      case Op.Slice slice -> steps.step("slice", elements,
          Maps.shifted(in.getFirst(), out, slice.axis(), -slice.first(in.getFirst().dim(slice.axis()))));
      case Op.Transpose(var perm) -> steps.step("transpose", elements, Indexing.transpose(in.getFirst(), out, perm));
      case Op.Gather(int axis, var indices) -> steps.step("gather", elements, Indexing.gather(in.getFirst(), out, axis, indices));
      case Op.GatherGrad(int axis, var indices, _) ->
          steps.step("gather-grad", elements, Indexing.gatherGrad(in.getFirst(), out, axis, indices));
      case Op.GatherElements(int axis) ->
          steps.step("gather-elements", elements, Indexing.gatherElements(in.getFirst(), out, axis));
      case Op.GatherElementsGrad(int axis, _) ->
          steps.step("gather-elements-grad", elements, Indexing.gatherElementsGrad(in.getFirst(), out, axis));
      case Op.TopK(int axis, int k) -> steps.step("top-k", in.getFirst().size(), Largest.indices(in.getFirst(), axis, k));
      case Op.ReduceMax(int axis) -> steps.step("reduce-max", in.getFirst().size(), Largest.max(in.getFirst(), axis));
      case Op.Pad(int axis, int before, _) -> steps.step("pad", elements, Maps.shifted(in.getFirst(), out, axis, before));
      case Op.PadToMultiple _ -> steps.step("pad", elements, Maps.padded(in.getFirst(), out));
      case Op.Crop(int top, int left) -> steps.step("crop", elements, Maps.crop(in.getFirst(), out, top, left));
      case Op.Resize(var how, _) -> steps.step("resize", elements, Resizing.of(how, in.getFirst(), out).forward());
      case Op.ResizeGrad(var how, _, _) -> steps.step("resize-grad", elements, Resizing.of(how, out, in.getFirst()).grad());
      case Op.Maxout(int pieces) -> steps.step("maxout", elements, Maps.maxout(in.getFirst(), out, pieces));
      case Op.MaxoutGrad(int pieces) -> steps.step("maxout-grad", elements, Maps.maxoutGrad(out, in.get(1), pieces));
      case Op.OneHot _ -> steps.step("one-hot", elements, Maps.oneHot(out));
      case Op.ExponentialRace(String name) -> steps.inPlace("race", elements, Elementwise.race(name, out.size()));
      case Op.Flatten _, Op.Reshape _ -> {
        return false; // the lowering gives the same memory another shape
      }
      case Op.MatMul _ -> steps.step(
          "matmul", elements * in.getFirst().dim(in.getFirst().rank() - 1), MatrixProducts.of(in.get(0), in.get(1), out));
      case Op.Add _ -> steps.broadcast("add", Elementwise.add(in.get(0), in.get(1), out));
      case Op.Mul _ -> steps.broadcast("mul", Elementwise.mul(in.get(0), in.get(1), out));
      case Op.Div _ -> steps.broadcast("div", Elementwise.zip(in.get(0), in.get(1), out, (a, b) -> a / b));
      case Op.Max _ -> steps.broadcast("max", Elementwise.zip(in.get(0), in.get(1), out, Math::max));
      case Op.Less _ -> steps.broadcast("less", Elementwise.zip(in.get(0), in.get(1), out, (a, b) -> a < b ? 1 : 0));
      case Op.Where _ -> steps.broadcast("where", Elementwise.where(in, out));
      case Op.Relu _ -> steps.inPlace("relu", elements, Elementwise.map(out.size(), x -> Math.max(x, 0)));
      case Op.LeakyRelu(float slope) ->
          steps.inPlace("leaky-relu", elements, Elementwise.map(out.size(), x -> x > 0 ? x : slope * x));
      case Op.Sigmoid _ -> steps.inPlace("sigmoid", elements, Elementwise.map(out.size(), Elementary::sigmoid));
      case Op.Tanh _ -> steps.inPlace("tanh", elements, Elementwise.map(out.size(), Elementary::tanh));
      case Op.Clip(float min, float max) ->
          steps.inPlace("clip", elements, Elementwise.map(out.size(), x -> Math.max(min, Math.min(max, x))));
      case Op.ClipGrad(float min, float max) ->
          steps.inPlace("clip-grad", elements, Elementwise.zip(out.size(), (x, dy) -> x > min && x < max ? dy : 0));
      case Op.Elu(float alpha) ->
          steps.inPlace("elu", elements, Elementwise.map(out.size(), x -> x > 0 ? x : alpha * Elementary.expm1(x)));
      case Op.EluGrad(float alpha) ->
          steps.inPlace("elu-grad", elements, Elementwise.zip(out.size(), (y, dy) -> y > 0 ? dy : dy * (y + alpha)));
      case Op.Softplus _ -> steps.inPlace("softplus", elements, Elementwise.map(out.size(), Elementary::softplus));
      case Op.Erf _ -> steps.inPlace("erf", elements, Elementwise.map(out.size(), Elementary::erf));
      case Op.Log _ -> steps.inPlace("log", elements, Elementwise.map(out.size(), Elementary::log));
      case Op.Sin _ -> steps.inPlace("sin", elements, Elementwise.map(out.size(), x -> (float) StrictMath.sin(x)));
      case Op.Cos _ -> steps.inPlace("cos", elements, Elementwise.map(out.size(), x -> (float) StrictMath.cos(x)));
      case Op.Floor _ -> steps.inPlace("floor", elements, Elementwise.map(out.size(), x -> (float) Math.floor(x)));
      case Op.Round _ -> steps.inPlace("round", elements, Elementwise.map(out.size(), x -> (float) Math.rint(x)));
      case Op.Exp _ -> steps.inPlace("exp", elements, Elementwise.map(out.size(), Elementary::exp));
      case Op.Pow(float exponent) ->
          steps.inPlace("pow", elements, Elementwise.map(out.size(), x -> Elementary.pow(x, exponent)));
      case Op.ReluGrad _ -> steps.inPlace("relu-grad", elements, Elementwise.zip(out.size(), (y, dy) -> y > 0 ? dy : 0));
      case Op.LeakyReluGrad(float slope) ->
          steps.inPlace("leaky-relu-grad", elements, Elementwise.zip(out.size(), (y, dy) -> y > 0 ? dy : slope * dy));
      case Op.SigmoidGrad _ -> steps.inPlace("sigmoid-grad", elements, Elementwise.zip(out.size(), (y, dy) -> dy * y * (1 - y)));
      case Op.TanhGrad _ -> steps.inPlace("tanh-grad", elements, Elementwise.zip(out.size(), (y, dy) -> dy * Math.fma(-y, y, 1)));
      case Op.Dropout op -> steps.inPlace("dropout", elements, Elementwise.dropout(op, out));
      case Op.Softmax(int axis) -> steps.step("softmax", elements, Softmax.softmax(out, axis));
      case Op.LogSoftmax(int axis) -> steps.step("log-softmax", elements, Softmax.logSoftmax(out, axis));
      case Op.SoftmaxGrad(int axis) -> steps.step("softmax-grad", elements, Softmax.softmaxGrad(out, axis));
      case Op.LogSoftmaxGrad(int axis) -> steps.step("log-softmax-grad", elements, Softmax.logSoftmaxGrad(out, axis));
      case Op.SoftmaxCrossEntropyLoss(float smoothing, int ignored) -> steps.step(
          "softmax-loss", in.getFirst().size(), new SoftmaxLoss(smoothing, ignored, in.getFirst()).forward());
      case Op.SoftmaxCrossEntropyGrad(float smoothing, int ignored) ->
          steps.step("softmax-loss-grad", elements, new SoftmaxLoss(smoothing, ignored, out).grad());
      case Op.SigmoidCrossEntropyLoss _ -> steps.step("sigmoid-loss", in.getFirst().size(), Losses.sigmoid(in.getFirst().size()));
      case Op.SigmoidCrossEntropyGrad _ -> steps.step("sigmoid-loss-grad", elements, Losses.sigmoidGrad(out.size()));
      case Op.Mean _ -> steps.step("mean", in.getFirst().size(), Losses.mean(in.getFirst().size()));
      case Op.Sum(int axis) -> steps.step("sum", in.getFirst().size(),
          axis == 0 ? Sum.to(in.getFirst(), out) : Sum.along(in.getFirst(), axis));
      case Op.Lrn lrn -> steps.step("lrn", elements * lrn.size(), new ResponseNorm(lrn, out).forward());
      case Op.LrnGrad(int size, float alpha, float beta, float k) ->
          steps.step("lrn-grad", elements * size, new ResponseNorm(new Op.Lrn(size, alpha, beta, k), out).grad());
      case Op.RowNormalization(int axis, int groups, float epsilon) ->
          steps.step("row-norm", elements, RowNorm.of(out, axis, groups, epsilon).forward());
      case Op.RowNormalizationGrad(int axis, int groups, float epsilon) ->
          steps.step("row-norm-grad", elements, RowNorm.of(out, axis, groups, epsilon).grad());
      case Op.BatchMean _ -> steps.step("batch-mean", in.getFirst().size(), BatchNorm.of(in.getFirst()).mean());
      case Op.BatchVariance _ -> steps.step("batch-variance", in.getFirst().size(), BatchNorm.of(in.getFirst()).variance());
      case Op.BatchNormalization(float epsilon, _) -> steps.step("batch-norm", elements, BatchNorm.of(out).forward(epsilon));
      case Op.BatchNormalizationScaleGrad(float epsilon) ->
          steps.step("batch-norm-scale-grad", in.getFirst().size(), BatchNorm.of(in.getFirst()).scaleGrad(epsilon));
      case Op.BatchNormalizationGrad(float epsilon) ->
          steps.step("batch-norm-grad", elements, BatchNorm.of(out).grad(epsilon, in.size() > 3));
      case Op.SumTo(Shape target) -> steps.step("sum", in.getFirst().size(), Sum.to(in.getFirst(), target));
      case Op.ChannelSum _ -> steps.step("channel-sum", in.getFirst().size(), Sum.channels(in.getFirst()));
    }
    return true;
  }

  private static void conv(Steps steps, String name, DirectConv conv, int images) {
    steps.step(name, conv.work() * images, new DirectConvKernel(conv, images).kernel(steps.context.hasBias()));
  }

  /** Adds the step of a node, with all operands in NCHW. */
  private record Steps(NodeContext context) {
    void step(String name, long work, Kernel kernel) {
      add(name, work, NodeContext.NOT_IN_PLACE, kernel);
    }

    void inPlace(String name, long work, Kernel kernel) {
      add(name, work, 0, kernel);
    }

    /** An elementwise step, which can overwrite its first operand only if no element of that is read for several of the result. */
    void broadcast(String name, Kernel kernel) {
      Shape out = context.node().shape();
      add(name, out.size(), context.shape(0).size() == out.size() ? 0 : NodeContext.NOT_IN_PLACE, kernel);
    }

    void winograd(String name, Winograd plan, int images) {
      List<Buffer> in = new ArrayList<>(context.operands(Layout.NCHW));
      WinogradKernel kernel = new WinogradKernel(plan, images, context.hasBias());
      in.set(1, context.lowering().packed(context.value(), in.get(1), kernel.packedSize(), kernel.pack()));
      add(name, in, plan.work() * images, NodeContext.NOT_IN_PLACE, kernel.forward());
    }

    private void add(String name, long work, int inPlace, Kernel kernel) {
      add(name, context.operands(Layout.NCHW), work, inPlace, kernel);
    }

    private void add(String name, List<Buffer> in, long work, int inPlace, Kernel kernel) {
      context.lowering().step(context.value(), "scalar." + name, in, Layout.NCHW, work, inPlace, kernel);
    }
  }
}
