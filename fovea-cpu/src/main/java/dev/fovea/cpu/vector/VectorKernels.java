package dev.fovea.cpu.vector;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Buffer;
import dev.fovea.cpu.Gather;
import dev.fovea.cpu.Kernels;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Lowering;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The table: which operators have a vector kernel, and in which layout. What it leaves is done by the scalar ones. */
public final class VectorKernels implements Kernels {
  /** Floats in one of this machine's vectors. */
  public static int lanes() {
    return Lanes.COUNT;
  }

  @Override
  public boolean lower(Lowering to, Value value, Node node) {
    Site site = new Site(to, value, node);
    Shape out = node.shape();
    switch (node.op()) {
      case Op.Conv op -> site.gather("conv", Gather.of(op, site.shape(0), site.shape(1), out));
      case Op.ConvTranspose op -> site.gather("conv-transpose", Gather.of(op, site.shape(0), site.shape(1), out));
      case Op.Gemm op when !op.transA() -> site.gather("gemm", Gather.of(op, site.shape(0), site.shape(1)));
      case Op.Gemm op when !op.transB() && node.inputs().size() == 2 -> {
        Binder binder = new RowsGemm(site.shape(0), site.shape(1)).binder();
        List<Buffer> in = List.of(site.operand(0, Layout.ROWS), site.operand(1, Layout.ROWS));
        to.step(value, "rows.gemm", in, Layout.PLAIN, (long) out.size() * site.shape(0).dim(0), -1, binder);
      }
      case Op.ConvWeightGrad op -> {
        Shape x = site.shape(0);
        Shape dy = site.shape(1);
        Binder binder = new LaneWeightGrad(op.window(), op.groups(), x, dy).binder();
        List<Buffer> in = List.of(site.operand(0, Layout.LANES), site.operand(1, Layout.LANES));
        to.step(value, "lanes.conv-weight-grad", in, Layout.PLAIN, (long) out.size() * dy.dim(0) * dy.sizeFrom(2), -1, binder);
      }
      case Op.MaxPool(var w) -> site.lanes("max-pool", -1, LanePools.max(w, site.shape(0), out));
      case Op.AveragePool op -> site.lanes("average-pool", -1, LanePools.average(op, site.shape(0), out));
      case Op.MaxUnpool(var w) -> site.lanes("max-unpool", -1, LanePools.unpool(w, out, site.shape(1)));
      case Op.AveragePoolGrad op -> site.lanes("average-pool-grad", -1, LanePools.averageGrad(op, out, site.shape(0)));
      default -> {
        return site.inLanes() && elementwise(site, out);
      }
    }
    return true;
  }

  private static boolean elementwise(Site site, Shape out) {
    long size = out.rank() == 0 ? 0 : Layout.LANES.size(out);
    switch (site.node.op()) {
      case Op.Relu _ -> site.lanes("relu", 0, LaneElementwise.relu(size));
      case Op.LeakyRelu(float slope) -> site.lanes("leaky-relu", 0, LaneElementwise.leakyRelu(size, slope));
      case Op.Sigmoid _ -> site.lanes("sigmoid", 0, LaneElementwise.sigmoid(size));
      case Op.Tanh _ -> site.lanes("tanh", 0, LaneElementwise.tanh(size));
      case Op.ReluGrad _ -> site.lanes("relu-grad", 1, LaneElementwise.reluGrad(size));
      case Op.LeakyReluGrad(float slope) -> site.lanes("leaky-relu-grad", 1, LaneElementwise.leakyReluGrad(size, slope));
      case Op.SigmoidGrad _ -> site.lanes("sigmoid-grad", 1, LaneElementwise.sigmoidGrad(size));
      case Op.TanhGrad _ -> site.lanes("tanh-grad", 1, LaneElementwise.tanhGrad(size));
      case Op.Dropout op when op.unit() == Op.Unit.ELEMENT -> site.lanes("dropout", 0, LaneBroadcast.dropout(op, out));
      case Op.Add _ when out.equals(site.shape(1)) -> site.lanes("add", 0, LaneElementwise.add(size));
      case Op.Mul _ when out.equals(site.shape(1)) -> site.lanes("mul", 0, LaneElementwise.mul(size));
      case Op.Add _ when LaneBroadcast.shared(out, site.shape(1)) -> site.shared("add", LaneBroadcast.add(out, site.shape(1)));
      case Op.Mul _ when LaneBroadcast.shared(out, site.shape(1)) -> site.shared("mul", LaneBroadcast.mul(out, site.shape(1)));
      case Op.ChannelSum _ -> {
        int inner = site.shape(0).sizeFrom(2);
        int[] targets = new int[site.shape(0).sizeFrom(1)];
        Arrays.setAll(targets, i -> i / inner);
        site.sum("channel-sum", targets);
      }
      case Op.SumTo(Shape target) when LaneBroadcast.shared(site.shape(0), target) ->
          site.sum("sum", LaneBroadcast.partners(site.shape(0), target));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** A node whose steps are to be written. */
  private record Site(Lowering to, Value value, Node node) {
    Shape shape(int index) {
      return to.shape(node.inputs().get(index));
    }

    Buffer operand(int index, Layout layout) {
      return to.operand(node.inputs().get(index), layout);
    }

    /** Whether some operand has the images in its lanes already, or comes straight from outside. */
    boolean inLanes() {
      return node.inputs().stream().anyMatch(v -> to.shape(v).rank() > 0 && (to.has(v, Layout.LANES) || to.entersAt(v)));
    }

    /** A step whose operands and result have the images in the lanes. */
    void lanes(String kernel, int inPlace, Binder binder) {
      List<Buffer> in = node.inputs().stream().map(v -> to.operand(v, Layout.LANES)).toList();
      to.step(value, "lanes." + kernel, in, Layout.LANES, Layout.LANES.size(node.shape()), inPlace, binder);
    }

    /** A step whose second operand is the same for every image. */
    void shared(String kernel, Binder binder) {
      List<Buffer> in = List.of(operand(0, Layout.LANES), operand(1, Layout.PLAIN));
      to.step(value, "lanes." + kernel, in, Layout.LANES, Layout.LANES.size(node.shape()), 0, binder);
    }

    void sum(String kernel, int[] targets) {
      Binder binder = LaneBroadcast.sumTo(shape(0), targets, node.shape().size());
      List<Buffer> in = List.of(operand(0, Layout.LANES));
      to.step(value, "lanes." + kernel, in, Layout.PLAIN, Layout.LANES.size(shape(0)), -1, binder);
    }

    void gather(String kernel, Gather gather) {
      long packedSize = (long) gather.groups() * gather.filters() * gather.taps();
      Buffer packed = to.kept(value, "pack", operand(1, Layout.PLAIN), packedSize, LaneGather.pack(gather));
      boolean bias = node.inputs().size() == 3;
      List<Buffer> in = new ArrayList<>(List.of(operand(0, Layout.LANES), packed));
      if (bias) {
        in.add(operand(2, Layout.PLAIN));
      }
      int blocks = Layout.blocks(node.shape());
      Binder binder = new LaneGather(gather, blocks, bias).binder();
      to.step(value, "lanes." + kernel, in, Layout.LANES, gather.work() * blocks * Layout.BLOCK, -1, binder);
    }
  }
}
