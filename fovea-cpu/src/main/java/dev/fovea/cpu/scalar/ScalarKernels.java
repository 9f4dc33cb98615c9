package dev.fovea.cpu.scalar;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Buffer;
import dev.fovea.cpu.Elementary;
import dev.fovea.cpu.Gather;
import dev.fovea.cpu.Kernels;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Lowering;
import dev.fovea.cpu.PoolGeometry;
import dev.fovea.cpu.Winograd;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** The table: a kernel for every operator, everything in plain layout. */
public final class ScalarKernels implements Kernels {
  @Override
  public boolean lower(Lowering to, Value value, Node node) {
    List<Shape> in = node.inputs().stream().map(to::shape).toList();
    Shape out = node.shape();
    long elements = out.size();
    Site site = new Site(to, value, node);
    switch (node.op()) {
      case Op.Source s -> {
        if (!(s instanceof Op.Fill(_, float number))) {
          return false;
        }
        site.step("fill", elements, Elementwise.fill(out.size(), number));
      }
      case Op.Conv op -> Winograd.of(to.precision(), op, in.getFirst(), out).ifPresentOrElse(
          plan -> site.winograd("winograd", plan, out.dim(0)),
          () -> gather(site, "conv", Gather.of(op, in.get(0), in.get(1), out), out.dim(0)));
      case Op.ConvTranspose op -> Winograd.of(to.precision(), op, in.getFirst(), out).ifPresentOrElse(
          plan -> site.winograd("winograd-transpose", plan, out.dim(0)),
          () -> gather(site, "conv-transpose", Gather.of(op, in.get(0), in.get(1), out), out.dim(0)));
      case Op.ConvWeightGrad op -> Winograd.of(to.precision(), op, in.get(0), in.get(1)).ifPresentOrElse(
          plan -> site.step(
              "winograd-weight-grad", plan.work() * in.get(1).dim(0),
              new WinogradKernel(plan, in.get(1).dim(0), false).weightGrad()),
          () -> site.step(
              "conv-weight-grad",
              (long) out.size() * in.get(1).dim(0) * in.get(1).sizeFrom(2),
              new WeightGrad(op.window(), op.groups(), in.get(0), in.get(1)).binder()));
      case Op.Gemm op -> {
        if (op.transA()) {
          site.step("gemm", elements * in.get(0).dim(0), TransposedGemm.binder(op, in.get(0), in.get(1), out));
        } else {
          gather(site, "gemm", Gather.of(op, in.get(0), in.get(1)), out.dim(0));
        }
      }
      case Op.LocalConv(var w) -> site.step(
          "local-conv", elements * in.get(1).sizeFrom(3), new LocalConv(w, in.getFirst(), out).forward());
      case Op.LocalConvInputGrad(var w, _, _) -> site.step(
          "local-conv-input-grad", in.getFirst().size() * (long) in.get(1).sizeFrom(3),
          new LocalConv(w, out, in.getFirst()).inputGrad());
      case Op.LocalConvWeightGrad(var w) -> site.step(
          "local-conv-weight-grad", elements * in.getFirst().dim(0), new LocalConv(w, in.get(0), in.get(1)).weightGrad());
      case Op.MaxPool(var w) -> site.step(
          "max-pool", elements * w.kernelH() * w.kernelW(), Pools.max(PoolGeometry.forward(w, in.getFirst(), out)));
      case Op.MaxPick(var w) -> site.step(
          "max-pick", elements * w.kernelH() * w.kernelW(), Pools.pick(PoolGeometry.forward(w, in.getFirst(), out)));
      case Op.MaxUnpool(var w) -> site.step("max-unpool", elements, Pools.unpool(PoolGeometry.forward(w, out, in.get(1))));
      case Op.AveragePool(var w, boolean counted) -> site.step("average-pool", elements,
          Pools.average(PoolGeometry.forward(w, in.getFirst(), out), PoolGeometry.shares(w, counted, in.getFirst(), out)));
      case Op.AveragePoolGrad(var w, boolean counted, _, _) -> site.step("average-pool-grad", elements,
          Pools.averageGrad(PoolGeometry.backward(w, out, in.getFirst()), PoolGeometry.shares(w, counted, out, in.getFirst())));
      case Op.AdaptiveMaxPool _ -> site.step(
          "adaptive-max-pool", in.getFirst().size(), Pools.max(PoolGeometry.adaptive(in.getFirst(), out)));
      case Op.AdaptiveMaxPoolGrad _ -> site.step(
          "adaptive-max-pool-grad", elements, Pools.unpool(PoolGeometry.adaptive(out, in.get(1))));
      case Op.AdaptiveAveragePool _ -> {
        PoolGeometry g = PoolGeometry.adaptive(in.getFirst(), out);
        site.step("adaptive-average-pool", in.getFirst().size(), Pools.average(g, g.shares()));
      }
      case Op.AdaptiveAveragePoolGrad _ -> site.step("adaptive-average-pool-grad", elements,
          Pools.averageGrad(PoolGeometry.adaptiveBackward(out, in.getFirst()),
              PoolGeometry.adaptive(out, in.getFirst()).shares()));
      case Op.Concat _ -> site.step("concat", elements, Maps.concat(in, out));
      case Op.Slice(int axis, int from, _) -> site.step("slice", elements, Maps.moved(in.getFirst(), out, axis, -from));
      case Op.Pad(int axis, int before, _) -> site.step("pad", elements, Maps.moved(in.getFirst(), out, axis, before));
      case Op.PadToMultiple _ -> site.step("pad", elements, Maps.enlarged(in.getFirst(), out));
      case Op.Crop(int top, int left) -> site.step("crop", elements, Maps.crop(in.getFirst(), out, top, left));
      case Op.Resize(var how, _) -> site.step("resize", elements, Resizing.of(how, in.getFirst(), out).forward());
      case Op.ResizeGrad(var how, _, _) -> site.step("resize-grad", elements, Resizing.of(how, out, in.getFirst()).grad());
      case Op.Maxout(int pieces) -> site.step("maxout", elements, Maps.maxout(in.getFirst(), out, pieces));
      case Op.MaxoutGrad(int pieces) -> site.step("maxout-grad", elements, Maps.maxoutGrad(out, in.get(1), pieces));
      case Op.OneHot _ -> site.step("one-hot", elements, Maps.oneHot(out));
      case Op.Race(String name) -> site.inPlace("race", elements, Elementwise.race(name, out.size()));
      case Op.Flatten _, Op.Reshape _ -> {
        return false; // the lowering gives the same memory another shape
      }
      case Op.Add _ -> site.inPlace("add", elements, Elementwise.add(out, in.get(1)));
      case Op.Mul _ -> site.inPlace("mul", elements, Elementwise.mul(out, in.get(1)));
      case Op.Relu _ -> site.inPlace("relu", elements, Elementwise.map(out.size(), x -> Math.max(x, 0)));
      case Op.LeakyRelu(float slope) ->
          site.inPlace("leaky-relu", elements, Elementwise.map(out.size(), x -> x > 0 ? x : slope * x));
      case Op.Sigmoid _ -> site.inPlace("sigmoid", elements, Elementwise.map(out.size(), Elementary::sigmoid));
      case Op.Tanh _ -> site.inPlace("tanh", elements, Elementwise.map(out.size(), Elementary::tanh));
      case Op.Clip(float least, float most) ->
          site.inPlace("clip", elements, Elementwise.map(out.size(), x -> Math.max(least, Math.min(most, x))));
      case Op.ClipGrad(float least, float most) ->
          site.inPlace("clip-grad", elements, Elementwise.zip(out.size(), (x, dy) -> x > least && x < most ? dy : 0));
      case Op.Elu(float alpha) ->
          site.inPlace("elu", elements, Elementwise.map(out.size(), x -> x > 0 ? x : alpha * Elementary.expm1(x)));
      case Op.EluGrad(float alpha) ->
          site.inPlace("elu-grad", elements, Elementwise.zip(out.size(), (y, dy) -> y > 0 ? dy : dy * (y + alpha)));
      case Op.Softplus _ -> site.inPlace("softplus", elements, Elementwise.map(out.size(), Elementary::softplus));
      case Op.Erf _ -> site.inPlace("erf", elements, Elementwise.map(out.size(), Elementary::erf));
      case Op.Exp _ -> site.inPlace("exp", elements, Elementwise.map(out.size(), Elementary::exp));
      case Op.Pow(float exponent) ->
          site.inPlace("pow", elements, Elementwise.map(out.size(), x -> Elementary.pow(x, exponent)));
      case Op.ReluGrad _ -> site.inPlace("relu-grad", elements, Elementwise.zip(out.size(), (y, dy) -> y > 0 ? dy : 0));
      case Op.LeakyReluGrad(float slope) ->
          site.inPlace("leaky-relu-grad", elements, Elementwise.zip(out.size(), (y, dy) -> y > 0 ? dy : slope * dy));
      case Op.SigmoidGrad _ -> site.inPlace("sigmoid-grad", elements, Elementwise.zip(out.size(), (y, dy) -> dy * y * (1 - y)));
      case Op.TanhGrad _ -> site.inPlace("tanh-grad", elements, Elementwise.zip(out.size(), (y, dy) -> dy * Math.fma(-y, y, 1)));
      case Op.Dropout op -> site.inPlace("dropout", elements, Elementwise.dropout(op, out));
      case Op.Softmax _ -> site.step("softmax", elements, Classes.softmax(out));
      case Op.LogSoftmax _ -> site.step("log-softmax", elements, Classes.logSoftmax(out));
      case Op.SoftmaxGrad _ -> site.step("softmax-grad", elements, Classes.softmaxGrad(out));
      case Op.LogSoftmaxGrad _ -> site.step("log-softmax-grad", elements, Classes.logSoftmaxGrad(out));
      case Op.SoftmaxCrossEntropyLoss(float smoothing, int ignored) -> site.step(
          "softmax-loss", in.getFirst().size(), new SoftmaxLoss(smoothing, ignored, in.getFirst()).forward());
      case Op.SoftmaxCrossEntropyGrad(float smoothing, int ignored) ->
          site.step("softmax-loss-grad", elements, new SoftmaxLoss(smoothing, ignored, out).grad());
      case Op.SigmoidCrossEntropyLoss _ -> site.step("sigmoid-loss", in.getFirst().size(), Losses.sigmoid(in.getFirst().size()));
      case Op.SigmoidCrossEntropyGrad _ -> site.step("sigmoid-loss-grad", elements, Losses.sigmoidGrad(out.size()));
      case Op.Mean _ -> site.step("mean", in.getFirst().size(), Losses.mean(in.getFirst().size()));
      case Op.Sum _ -> site.step("sum", in.getFirst().size(), Sum.to(in.getFirst(), out));
      case Op.Lrn lrn -> site.step("lrn", elements * lrn.size(), new ResponseNorm(lrn, out).forward());
      case Op.LrnGrad(int size, float alpha, float beta, float k) ->
          site.step("lrn-grad", elements * size, new ResponseNorm(new Op.Lrn(size, alpha, beta, k), out).grad());
      case Op.RowNormalization(int axis, int groups, float epsilon) ->
          site.step("row-norm", elements, RowNorm.of(out, axis, groups, epsilon).forward());
      case Op.RowNormalizationGrad(int axis, int groups, float epsilon) ->
          site.step("row-norm-grad", elements, RowNorm.of(out, axis, groups, epsilon).grad());
      case Op.BatchMean _ -> site.step("batch-mean", in.getFirst().size(), BatchNorm.of(in.getFirst()).mean());
      case Op.BatchVariance _ -> site.step("batch-variance", in.getFirst().size(), BatchNorm.of(in.getFirst()).variance());
      case Op.BatchNormalization(float epsilon, _) -> site.step("batch-norm", elements, BatchNorm.of(out).forward(epsilon));
      case Op.BatchNormalizationScaleGrad(float epsilon) ->
          site.step("batch-norm-scale-grad", in.getFirst().size(), BatchNorm.of(in.getFirst()).scaleGrad(epsilon));
      case Op.BatchNormalizationGrad(float epsilon) ->
          site.step("batch-norm-grad", elements, BatchNorm.of(out).grad(epsilon, in.size() > 3));
      case Op.SumTo(Shape target) -> site.step("sum", in.getFirst().size(), Sum.to(in.getFirst(), target));
      case Op.ChannelSum _ -> site.step("channel-sum", in.getFirst().size(), Sum.channels(in.getFirst()));
    }
    return true;
  }

  private static void gather(Site site, String kernel, Gather gather, int images) {
    site.step(kernel, gather.work() * images, new GatherKernel(gather, images).binder(site.node.inputs().size() == 3));
  }

  /** A node whose step is to be written, every operand in plain layout. */
  private record Site(Lowering to, Value value, Node node) {
    void step(String kernel, long work, Binder binder) {
      write(kernel, work, -1, binder);
    }

    void inPlace(String kernel, long work, Binder binder) {
      write(kernel, work, 0, binder);
    }

    void winograd(String kernel, Winograd plan, int images) {
      List<Buffer> in = new ArrayList<>(node.inputs().stream().map(v -> to.operand(v, Layout.PLAIN)).toList());
      WinogradKernel made = new WinogradKernel(plan, images, in.size() == 3);
      in.set(1, to.packed(value, in.get(1), made.packedSize(), made.pack()));
      to.step(value, "scalar." + kernel, in, Layout.PLAIN, plan.work() * images, -1, made.forward());
    }

    private void write(String kernel, long work, int inPlace, Binder binder) {
      List<Buffer> in = node.inputs().stream().map(v -> to.operand(v, Layout.PLAIN)).toList();
      to.step(value, "scalar." + kernel, in, Layout.PLAIN, work, inPlace, binder);
    }
  }
}
