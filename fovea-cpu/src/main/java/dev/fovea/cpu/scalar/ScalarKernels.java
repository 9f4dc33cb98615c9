package dev.fovea.cpu.scalar;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Buffer;
import dev.fovea.cpu.Elementary;
import dev.fovea.cpu.Gather;
import dev.fovea.cpu.Kernels;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Lowering;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
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
      case Op.Conv op -> gather(site, "conv", Gather.of(op, in.get(0), in.get(1), out), out.dim(0));
      case Op.ConvTranspose op -> gather(site, "conv-transpose", Gather.of(op, in.get(0), in.get(1), out), out.dim(0));
      case Op.ConvWeightGrad op -> site.step(
          "conv-weight-grad",
          (long) out.size() * in.get(1).dim(0) * in.get(1).sizeFrom(2),
          new WeightGrad(op.window(), op.groups(), in.get(0), in.get(1)).binder());
      case Op.Gemm op -> {
        if (op.transA()) {
          site.step("gemm", elements * in.get(0).dim(0), TransposedGemm.binder(op, in.get(0), in.get(1), out));
        } else {
          gather(site, "gemm", Gather.of(op, in.get(0), in.get(1)), out.dim(0));
        }
      }
      case Op.MaxPool(var w) -> site.step("max-pool", elements * w.kernelH() * w.kernelW(), Pools.max(w, in.getFirst(), out));
      case Op.AveragePool op -> site.step("average-pool", elements, Pools.average(op, in.getFirst(), out));
      case Op.MaxPoolGrad(var w) -> site.step("max-pool-grad", elements, Pools.maxGrad(w, out, in.get(1)));
      case Op.AveragePoolGrad op -> site.step("average-pool-grad", elements, Pools.averageGrad(op, out, in.getFirst()));
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
      case Op.ReluGrad _ -> site.inPlace("relu-grad", elements, Elementwise.zip(out.size(), (y, dy) -> y > 0 ? dy : 0));
      case Op.LeakyReluGrad(float slope) ->
          site.inPlace("leaky-relu-grad", elements, Elementwise.zip(out.size(), (y, dy) -> y > 0 ? dy : slope * dy));
      case Op.SigmoidGrad _ -> site.inPlace("sigmoid-grad", elements, Elementwise.zip(out.size(), (y, dy) -> dy * y * (1 - y)));
      case Op.TanhGrad _ -> site.inPlace("tanh-grad", elements, Elementwise.zip(out.size(), (y, dy) -> dy * Math.fma(-y, y, 1)));
      case Op.Dropout op -> site.inPlace("dropout", elements, Elementwise.dropout(op, out.size()));
      case Op.Softmax _ -> site.step("softmax", elements, Classes.softmax(out));
      case Op.LogSoftmax _ -> site.step("log-softmax", elements, Classes.logSoftmax(out));
      case Op.SoftmaxGrad _ -> site.step("softmax-grad", elements, Classes.softmaxGrad(out));
      case Op.LogSoftmaxGrad _ -> site.step("log-softmax-grad", elements, Classes.logSoftmaxGrad(out));
      case Op.SoftmaxCrossEntropyLoss _ -> site.step("softmax-loss", in.getFirst().size(), Losses.softmax(in.getFirst()));
      case Op.SoftmaxCrossEntropyGrad _ -> site.step("softmax-loss-grad", elements, Losses.softmaxGrad(out));
      case Op.SigmoidCrossEntropyLoss _ -> site.step("sigmoid-loss", in.getFirst().size(), Losses.sigmoid(in.getFirst().size()));
      case Op.SigmoidCrossEntropyGrad _ -> site.step("sigmoid-loss-grad", elements, Losses.sigmoidGrad(out.size()));
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

    private void write(String kernel, long work, int inPlace, Binder binder) {
      List<Buffer> in = node.inputs().stream().map(v -> to.operand(v, Layout.PLAIN)).toList();
      to.step(value, "scalar." + kernel, in, Layout.PLAIN, work, inPlace, binder);
    }
  }
}
