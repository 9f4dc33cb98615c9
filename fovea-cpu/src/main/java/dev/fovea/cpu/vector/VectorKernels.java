package dev.fovea.cpu.vector;

import dev.fovea.cpu.Binder;
import dev.fovea.cpu.Buffer;
import dev.fovea.cpu.Gather;
import dev.fovea.cpu.Kernels;
import dev.fovea.cpu.Layout;
import dev.fovea.cpu.Lowering;
import dev.fovea.cpu.MemoryPlan;
import dev.fovea.cpu.PoolGeometry;
import dev.fovea.cpu.Winograd;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The table: which operators have a vector kernel. What it leaves is done by the scalar ones. A graph's pictures lie in one of two
 * layouts, {@link Layout#LANES} or {@link Layout#CHANNELS}; kernels that go number by number or plane by plane serve both.
 */
public final class VectorKernels implements Kernels {
  /** The numbers of a matrix of which prediction keeps a second copy, as its product reads it: 8 MiB. */
  private static final int PACKED = 1 << 21;

  private final Layout layout;

  /** Kernels for pictures in that layout: LANES or CHANNELS. */
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
    return ChannelTile.multiplyAddsPerSecond();
  }

  @Override
  public boolean lower(Lowering to, Value value, Node node) {
    Site site = new Site(to, value, node, layout);
    Shape out = node.shape();
    MemoryPlan.requireArray(site.size(out));
    switch (node.op()) {
      case Op.Conv op -> Winograd.of(to.precision(), op, site.shape(0), out).ifPresentOrElse(
          plan -> site.winograd("winograd", plan),
          () -> site.convolution("conv", Gather.of(op, site.shape(0), site.shape(1), out)));
      case Op.ConvTranspose op -> Winograd.of(to.precision(), op, site.shape(0), out).ifPresentOrElse(
          plan -> site.winograd("winograd-transpose", plan),
          () -> site.convolution("conv-transpose", Gather.of(op, site.shape(0), site.shape(1), out)));
      case Op.Gemm op when !op.transA() && layout == Layout.LANES ->
          site.lanesGather("gemm", Gather.of(op, site.shape(0), site.shape(1)));
      case Op.Gemm op when !op.transA() && site.packsMatrix() ->
          site.channelsGather("gemm", Gather.of(op, site.shape(0), site.shape(1)), site.rowsLayout());
      case Op.Gemm op when !op.transA() && op.transB() ->
          site.gemm("lanes-gemm", Layout.LANES, new LaneGemm(site.shape(0), out).binder());
      case Op.Gemm op when !op.transA() ->
          site.gemm("gemm", site.rowsLayout(), new ChannelGemm(site.shape(0), out, site.rowsLayout()).binder());
      case Op.Gemm op when !op.transB() && node.inputs().size() == 2 -> {
        Binder binder = new RowsGemm(site.shape(0), site.shape(1)).binder();
        List<Buffer> in = List.of(site.operand(0, Layout.CHANNELS), site.operand(1, Layout.CHANNELS));
        to.step(value, "rows.gemm", in, Layout.PLAIN, (long) out.size() * site.shape(0).dim(0), -1, binder);
      }
      case Op.ConvWeightGrad op -> Winograd.of(to.precision(), op, site.shape(0), site.shape(1)).ifPresentOrElse(
          site::winogradGrad,
          () -> site.weightGrad(op));
      case Op.MaxPool(var w) -> site.maxPool(w);
      case Op.AveragePool op -> site.planes("average-pool", -1, LanePools.average(op, site.shape(0), out, layout));
      case Op.MaxUnpool(var w) -> site.planes("max-unpool", -1, LanePools.unpool(w, out, site.shape(1), layout));
      case Op.AveragePoolGrad op -> site.planes("average-pool-grad", -1, LanePools.averageGrad(op, out, site.shape(0), layout));
      default -> {
        return site.lies() && (elementwise(site, out) || maps(site, out) || across(site, out));
      }
    }
    return true;
  }

  private static boolean elementwise(Site site, Shape out) {
    long size = site.size(out);
    switch (site.node.op()) {
      case Op.Relu _ -> site.planes("relu", 0, LaneElementwise.relu(size));
      case Op.LeakyRelu(float slope) -> site.planes("leaky-relu", 0, LaneElementwise.leakyRelu(size, slope));
      case Op.Sigmoid _ -> site.planes("sigmoid", 0, LaneElementwise.sigmoid(size));
      case Op.Tanh _ -> site.planes("tanh", 0, LaneElementwise.tanh(size));
      case Op.ReluGrad _ -> site.planes("relu-grad", 1, LaneElementwise.reluGrad(size));
      case Op.LeakyReluGrad(float slope) -> site.planes("leaky-relu-grad", 1, LaneElementwise.leakyReluGrad(size, slope));
      case Op.SigmoidGrad _ -> site.planes("sigmoid-grad", 1, LaneElementwise.sigmoidGrad(size));
      case Op.TanhGrad _ -> site.planes("tanh-grad", 1, LaneElementwise.tanhGrad(size));
      case Op.Clip(float least, float most) -> site.planes("clip", 0, LaneElementwise.clip(size, least, most));
      case Op.ClipGrad(float least, float most) -> site.planes("clip-grad", 1, LaneElementwise.clipGrad(size, least, most));
      case Op.Add _ when site.number().isPresent() ->
          site.alone("add", 0, LaneElementwise.add(size, site.number().get()));
      case Op.Mul _ when site.number().isPresent() ->
          site.alone("mul", 0, LaneElementwise.mul(size, site.number().get()));
      case Op.Add _ when out.equals(site.shape(1)) -> site.planes("add", 0, LaneElementwise.add(size));
      case Op.Mul _ when out.equals(site.shape(1)) -> site.planes("mul", 0, LaneElementwise.mul(size));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** What goes plane by plane, whatever is in the lanes: normalisation, cuts and joins, scaling, adaptive pools. */
  private static boolean maps(Site site, Shape out) {
    Layout layout = site.layout;
    if (site.size(site.shape(0)) == 0) {
      return false;
    }
    Shape x = site.shape(0);
    switch (site.node.op()) {
      case Op.BatchMean _ -> site.sum("batch-mean", PlaneNorm.of(layout, x).mean());
      case Op.BatchVariance _ -> site.sum("batch-variance", PlaneNorm.of(layout, x).variance());
      case Op.BatchNormalizationScaleGrad(float epsilon) ->
          site.sum("batch-norm-scale-grad", PlaneNorm.of(layout, x).scaleGrad(epsilon));
      case Op.BatchNormalization(float epsilon, _) -> site.perChannel("batch-norm", PlaneNorm.of(layout, x).forward(epsilon));
      case Op.BatchNormalizationGrad(float epsilon) -> site.perChannel(
          "batch-norm-grad",
          site.node.inputs().size() > 3 ? PlaneNorm.of(layout, x).batchGrad(epsilon)
              : PlaneNorm.of(layout, x).scaledGrad(epsilon));
      case Op.Concat _ when PlaneCopy.joins(layout, site.shapes()) ->
          site.planes("concat", -1, PlaneCopy.concat(layout, site.shapes(), out));
      case Op.Slice(int axis, int from, int to) when axis == 1 && PlaneCopy.whole(layout, x, from, to) ->
          site.planes("slice", -1, PlaneCopy.channels(layout, x, out, from));
      case Op.Slice(int axis, int from, _) when axis > 1 && out.rank() == 4 ->
          site.planes("slice", -1, PlaneCopy.window(layout, x, out, axis == 2 ? from : 0, axis == 3 ? from : 0));
      case Op.Pad(int axis, int before, _) when axis > 1 && out.rank() == 4 ->
          site.planes("pad", -1, PlaneCopy.window(layout, x, out, axis == 2 ? -before : 0, axis == 3 ? -before : 0));
      case Op.PadToMultiple _ -> site.planes("pad", -1, PlaneCopy.window(layout, x, out, 0, 0));
      case Op.Crop(int top, int left) -> site.alone("crop", -1, PlaneCopy.window(layout, x, out, top, left));
      case Op.Resize(var how, _) -> site.alone("resize", -1, PlaneResize.of(layout, how, x, out).forward());
      case Op.ResizeGrad(var how, _, _) -> site.alone("resize-grad", -1, PlaneResize.of(layout, how, out, x).grad());
      case Op.AdaptiveAveragePool _ -> {
        PoolGeometry g = PoolGeometry.adaptive(x, out);
        site.planes("adaptive-average-pool", -1, LanePools.average(g, layout.planes(x), g.shares()));
      }
      case Op.AdaptiveAveragePoolGrad _ -> site.planes(
          "adaptive-average-pool-grad",
          -1,
          LanePools.averageGrad(PoolGeometry.adaptiveBackward(out, x), layout.planes(x), PoolGeometry.adaptive(out, x).shares()));
      case Op.AdaptiveMaxPool _ -> site.planes(
          "adaptive-max-pool", -1, LanePools.max(PoolGeometry.adaptive(x, out), layout.planes(x)));
      case Op.AdaptiveMaxPoolGrad _ -> site.planes(
          "adaptive-max-pool-grad", -1, LanePools.unpool(PoolGeometry.adaptive(out, site.shape(1)), layout.planes(x)));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** What meets other numbers than its own. */
  private static boolean across(Site site, Shape out) {
    return site.layout == Layout.LANES ? acrossLanes(site, out) : acrossChannels(site, out);
  }

  private static boolean acrossLanes(Site site, Shape out) {
    switch (site.node.op()) {
      case Op.Dropout op when op.unit() == Op.Unit.ELEMENT -> site.planes("dropout", 0, LaneBroadcast.dropout(op, out));
      case Op.Add _ when LaneBroadcast.shared(out, site.shape(1)) -> site.broadcast("add", LaneBroadcast.add(out, site.shape(1)));
      case Op.Mul _ when LaneBroadcast.shared(out, site.shape(1)) -> site.broadcast("mul", LaneBroadcast.mul(out, site.shape(1)));
      case Op.ChannelSum _ -> {
        int inner = site.shape(0).sizeFrom(2);
        int[] targets = new int[site.shape(0).sizeFrom(1)];
        Arrays.setAll(targets, i -> i / inner);
        site.sum("channel-sum", LaneBroadcast.sumTo(site.shape(0), targets, out.size()));
      }
      case Op.SumTo(Shape to) when LaneBroadcast.shared(site.shape(0), to) -> site.sum(
          "sum",
          LaneBroadcast.sumTo(site.shape(0), LaneBroadcast.partners(site.shape(0), to), out.size()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean acrossChannels(Site site, Shape out) {
    switch (site.node.op()) {
      case Op.Dropout op when op.unit() == Op.Unit.ELEMENT -> site.planes("dropout", 0, ChannelBroadcast.dropout(op, out));
      case Op.Add _ when ChannelBroadcast.perMap(out, site.shape(1)) ->
          site.broadcast("add", ChannelBroadcast.add(out, site.shape(1)));
      case Op.Mul _ when ChannelBroadcast.perMap(out, site.shape(1)) ->
          site.broadcast("mul", ChannelBroadcast.mul(out, site.shape(1)));
      case Op.ChannelSum _ -> site.sum("channel-sum", ChannelBroadcast.sum(site.shape(0)));
      case Op.SumTo(Shape to) when LaneBroadcast.shared(site.shape(0), to) && to.size() == site.shape(0).dim(1)
          && ChannelBroadcast.perMap(site.shape(0), to) -> site.sum("sum", ChannelBroadcast.sum(site.shape(0)));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** A node whose steps are to be written, and how pictures lie. */
  private record Site(Lowering to, Value value, Node node, Layout layout) {
    Shape shape(int index) {
      return to.shape(node.inputs().get(index));
    }

    Buffer operand(int index, Layout wanted) {
      return to.operand(node.inputs().get(index), wanted);
    }

    long size(Shape shape) {
      return shape.rank() < (layout == Layout.LANES ? 1 : 2) ? 0 : layout.size(shape);
    }

    /** Whether some operand lies in lanes already, or comes straight from outside. */
    boolean lies() {
      return node.inputs().stream().anyMatch(v -> size(to.shape(v)) > 0 && (to.has(v, layout) || to.entersAt(v)));
    }

    private String name(String kernel) {
      return layout.name().toLowerCase(Locale.ROOT) + "." + kernel;
    }

    /** A step whose operands and result lie in lanes. */
    void planes(String kernel, int inPlace, Binder binder) {
      List<Buffer> in = node.inputs().stream().map(v -> to.operand(v, layout)).toList();
      to.step(value, name(kernel), in, layout, size(node.shape()), inPlace, binder);
    }

    /** By columns and then by rows where that is much the shorter way; a maximum is the same in any order. */
    void maxPool(Window w) {
      Shape x = shape(0);
      Shape y = node.shape();
      Shape half = y.with(2, x.dim(2));
      double whole = (double) y.dim(2) * w.kernelH() * w.kernelW();
      double halves = (double) x.dim(2) * w.kernelW() + (double) y.dim(2) * w.kernelH();
      if (whole < 2 * halves) {
        planes("max-pool", -1, LanePools.max(w, x, y, layout));
        return;
      }
      Buffer columns = to.between(value, name("max-pool-columns"), List.of(operand(0, layout)), size(half), size(half),
          LanePools.max(w.columns(), x, half, layout));
      to.step(value, name("max-pool-rows"), List.of(columns), layout, size(y), -1, LanePools.max(w.rows(), half, y, layout));
    }

    /** A step whose second operand is smaller. */
    void broadcast(String kernel, Binder binder) {
      List<Buffer> in = List.of(operand(0, layout), operand(1, Layout.PLAIN));
      to.step(value, name(kernel), in, layout, size(node.shape()), 0, binder);
    }

    /** A step whose operands of a map's shape lie in lanes, the others plain; and so does what comes out. */
    void perChannel(String kernel, Binder binder) {
      to.step(value, name(kernel), mapsInLanes(), layout, size(node.shape()), 0, binder);
    }

    /** A sum over maps that lie in lanes, one number a channel. */
    void sum(String kernel, Binder binder) {
      to.step(value, name(kernel), mapsInLanes(), Layout.PLAIN, size(shape(0)), -1, binder);
    }

    private List<Buffer> mapsInLanes() {
      Shape map = shape(0);
      return node.inputs().stream().map(v -> to.operand(v, to.shape(v).equals(map) ? layout : Layout.PLAIN)).toList();
    }

    /** A step that reads its first operand alone; of the other only the shape counts, or it is a number that the kernel knows. */
    void alone(String kernel, int inPlace, Binder binder) {
      to.step(value, name(kernel), List.of(operand(0, layout)), layout, size(node.shape()), inPlace, binder);
    }

    /** The second operand, where that is one number which the graph itself gives. */
    Optional<Float> number() {
      return to.number(node.inputs().get(1));
    }

    List<Shape> shapes() {
      return node.inputs().stream().map(to::shape).toList();
    }

    void convolution(String kernel, Gather gather) {
      if (layout == Layout.LANES) {
        lanesGather(kernel, gather);
      } else {
        channelsGather(kernel, gather, input(0));
      }
    }

    void lanesGather(String kernel, Gather gather) {
      long packedSize = (long) gather.groups() * gather.filters() * gather.taps();
      Buffer packed = packedWeights(packedSize, LaneGather.pack(gather));
      int blocks = Layout.blocks(node.shape());
      Binder binder = new LaneGather(gather, blocks, hasBias()).binder();
      List<Buffer> in = operands(operand(0, Layout.LANES), packed);
      to.step(value, "lanes." + kernel, in, Layout.LANES, gather.work() * blocks * Layout.BLOCK, -1, binder);
    }

    /** Depthwise convolutions read by channels alone, others as they are told. */
    void channelsGather(String kernel, Gather gather, Layout from) {
      int images = node.shape().dim(0);
      boolean bias = hasBias();
      if (ChannelDepthwise.fits(gather)) {
        Buffer packed =
            packedWeights(ChannelDepthwise.packedSize(gather), ChannelDepthwise.pack(gather));
        gather("depthwise", gather, operands(operand(0, layout), packed), ChannelDepthwise.gather(gather, images, bias));
      } else if (from == Layout.PLAIN && FewFilters.suits(gather, images)) {
        Buffer packed = packedWeights(FewFilters.packedSize(gather), FewFilters.pack(gather));
        gather(kernel, gather, operands(operand(0, from), packed), new FewFilters(gather, images, bias).binder());
      } else {
        Buffer packed = packedWeights(ChannelGather.packedSize(gather), ChannelGather.pack(gather));
        Binder binder = from == layout && ChannelElements.suits(gather, images)
            ? new ChannelElements(gather, images, bias).binder()
            : new ChannelGather(gather, images, bias, from).binder();
        gather(kernel, gather, operands(operand(0, from), packed), binder);
      }
    }

    private void gather(String kernel, Gather gather, List<Buffer> in, Binder binder) {
      to.step(value, name(kernel), in, layout, gather.work() * node.shape().dim(0), -1, binder);
    }

    /** By channels in either layout: the images it suits do not fit a cache sixteen at a time. */
    void winograd(String kernel, Winograd plan) {
      int images = node.shape().dim(0);
      Buffer packed = packedWeights(ChannelWinograd.packedSize(plan), ChannelWinograd.pack(plan));
      List<Buffer> in = operands(operand(0, Layout.CHANNELS), packed);
      Binder binder = new ChannelWinograd(plan, images, hasBias()).binder();
      long work = plan.work() * images;
      if (PointProducts.suits(plan, images)) {
        PointProducts all = new PointProducts(plan, images);
        List<Buffer> factors = List.of(patches(all.in(), in.getFirst()), packed);
        Buffer products = to.between(value, "channels." + kernel + "-products", factors, all.out().size(), work, all.binder());
        in = operands(products);
        binder = all.out().outputs(hasBias());
        work = node.shape().size();
      }
      to.step(value, "channels." + kernel, in, Layout.CHANNELS, work, -1, binder);
    }

    private Buffer patches(WinogradMaps maps, Buffer images) {
      return to.between(value, "channels.winograd-patches", List.of(images), maps.size(), maps.size(), maps.patches());
    }

    private Buffer packedWeights(long size, Binder pack) {
      return to.packed(value, operand(1, Layout.PLAIN), size, pack);
    }

    void winogradGrad(Winograd plan) {
      int images = shape(0).dim(0);
      List<Buffer> in = List.of(operand(0, Layout.CHANNELS), operand(1, Layout.CHANNELS));
      Binder binder = new ChannelWinogradGrad(plan, images).binder();
      long work = plan.work() * images;
      if (PointOuterProducts.suits(plan, images)) {
        PointOuterProducts all = new PointOuterProducts(plan, images);
        WinogradMaps out = all.out();
        Buffer patches = patches(all.in(), in.getFirst());
        Buffer gradients = to.between(
            value, "channels.winograd-gradients", in.subList(1, 2), out.size(), out.size(), out.gradients());
        in = List.of(to.between(
            value, "channels.winograd-sums", List.of(patches, gradients), all.size(), work, all.sums()));
        binder = all.windows();
        work = node.shape().size();
      }
      to.step(value, "channels.winograd-weight-grad", in, Layout.PLAIN, work, -1, binder);
    }

    /** Whether a product's matrix is worth a second copy: it never changes, and is no large part of the memory. */
    boolean packsMatrix() {
      return to.isConstant(node.inputs().get(1)) && shape(1).size() <= PACKED;
    }

    /** Rows are read by channels where they lie so, else as they lie. */
    Layout rowsLayout() {
      return to.has(node.inputs().getFirst(), layout) ? layout : Layout.PLAIN;
    }

    /** A product of rows that lie so with a matrix that lies plain. */
    void gemm(String kernel, Layout from, Binder binder) {
      List<Buffer> in = operands(operand(0, from), operand(1, Layout.PLAIN));
      to.step(value, name(kernel), in, layout, (long) node.shape().size() * shape(0).dim(1), -1, binder);
    }

    /** How an input of few channels is best read: as it lies, if it does not lie by channels. */
    private Layout input(int index) {
      boolean few = shape(index).dim(1) < Layout.BLOCK / 2;
      return few && !to.has(node.inputs().get(index), layout) ? Layout.PLAIN : layout;
    }

    void weightGrad(Op.ConvWeightGrad op) {
      Shape x = shape(0);
      Shape dy = shape(1);
      if (layout == Layout.LANES) {
        coveredWeightGrad(op, layout);
      } else if (op.groups() == x.dim(1) && op.groups() == dy.dim(1)) {
        weightGrad(operand(0, layout), dy, ChannelDepthwise.weightGrad(op.window(), x, dy));
      } else if (input(0) == Layout.PLAIN) {
        coveredWeightGrad(op, Layout.PLAIN);
      } else {
        weightGrad(operand(0, layout), dy, new ChannelWeightGrad(op.window(), op.groups(), x, dy).binder());
      }
    }

    /** Kernels that want all windows inside the images get those filled up. */
    private void coveredWeightGrad(Op.ConvWeightGrad op, Layout from) {
      Window window = op.window();
      Shape x = shape(0);
      Shape dy = shape(1);
      Buffer images = operand(0, from);
      if (!CoveredWindows.inside(window, x, dy)) {
        Shape covered = CoveredWindows.covered(window, x, dy);
        images = to.packed(
            value, images, from.size(covered), PlaneCopy.window(from, x, covered, -window.top(), -window.left()));
        x = covered;
      }
      weightGrad(images, dy, from == Layout.LANES
          ? new LaneWeightGrad(window, op.groups(), x, dy).binder()
          : new PlainWeightGrad(window, op.groups(), x, dy).binder());
    }

    private void weightGrad(Buffer images, Shape dy, Binder binder) {
      long work = (long) node.shape().size() * dy.dim(0) * dy.sizeFrom(2);
      to.step(value, name("conv-weight-grad"), List.of(images, operand(1, layout)), Layout.PLAIN, work, -1, binder);
    }

    private boolean hasBias() {
      return node.inputs().size() == 3;
    }

    private List<Buffer> operands(Buffer... others) {
      List<Buffer> in = new ArrayList<>(List.of(others));
      if (hasBias()) {
        in.add(operand(2, Layout.PLAIN));
      }
      return in;
    }
  }
}
