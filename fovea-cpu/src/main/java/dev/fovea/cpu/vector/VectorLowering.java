package dev.fovea.cpu.vector;

import static dev.fovea.cpu.compile.NodeLowering.NOT_IN_PLACE;

import dev.fovea.cpu.compile.Buffer;
import dev.fovea.cpu.compile.NodeLowering;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Winograd;
import dev.fovea.cpu.vector.depthwise.DepthwiseConv;
import dev.fovea.cpu.vector.nchw16c.DirectConv16c;
import dev.fovea.cpu.vector.nchw16c.FewFiltersConv16c;
import dev.fovea.cpu.vector.nchw16c.SmallMapConv16c;
import dev.fovea.cpu.vector.nchw16c.WeightGrad16c;
import dev.fovea.cpu.vector.nchw16c.WeightGradNchw;
import dev.fovea.cpu.vector.nchw16n.DirectConv16n;
import dev.fovea.cpu.vector.nchw16n.WeightGrad16n;
import dev.fovea.cpu.vector.packing.CoveredWindows;
import dev.fovea.cpu.vector.plane.PlaneCopy;
import dev.fovea.cpu.vector.plane.PlanePooling;
import dev.fovea.cpu.vector.winograd.WinogradConv;
import dev.fovea.cpu.vector.winograd.WinogradMaps;
import dev.fovea.cpu.vector.winograd.WinogradOuterProducts;
import dev.fovea.cpu.vector.winograd.WinogradProducts;
import dev.fovea.cpu.vector.winograd.WinogradWeightGrad;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes the steps of vector kernels for a node: brings operands into the layout that a kernel reads, packs weights, and splits what goes
 * in several steps.
 *
 * @param layout how the graph's images lie
 */
record VectorLowering(NodeLowering site, Layout layout) {
  /** The numbers of a matrix of which prediction keeps a second copy, as its product reads it: 8 MiB. */
  private static final int PACKED = 1 << 21;

  Node node() {
    return site.node();
  }

  Shape shape(int input) {
    return site.shape(input);
  }

  Buffer operand(int input, Layout wanted) {
    return site.operand(input, wanted);
  }

  long size(Shape shape) {
    return shape.rank() < (layout == Layout.LANES ? 1 : 2) ? 0 : layout.size(shape);
  }

  /** Whether some operand lies in lanes already, or comes straight from outside. */
  boolean lies() {
    return node().inputs().stream()
        .anyMatch(v -> size(site.to().shape(v)) > 0 && (site.to().has(v, layout) || site.to().entersAt(v)));
  }

  private String name(String kernel) {
    return layout.name().toLowerCase(Locale.ROOT) + "." + kernel;
  }

  /** A step whose operands and result lie in lanes. */
  void planes(String kernel, int inPlace, Kernel binder) {
    List<Buffer> in = site.operands(layout);
    site.to().step(site.value(), name(kernel), in, layout, size(node().shape()), inPlace, binder);
  }

  /** By columns and then by rows where that is much the shorter way; a maximum is the same in any order. */
  void maxPool(Window w) {
    Shape x = shape(0);
    Shape y = node().shape();
    Shape half = y.with(2, x.dim(2));
    double whole = (double) y.dim(2) * w.kernelH() * w.kernelW();
    double halves = (double) x.dim(2) * w.kernelW() + (double) y.dim(2) * w.kernelH();
    if (whole < 2 * halves) {
      planes("max-pool", NOT_IN_PLACE, PlanePooling.max(w, x, y, layout));
      return;
    }
    Buffer columns =
        site.to().between(site.value(), name("max-pool-columns"), List.of(operand(0, layout)), size(half), size(half),
            PlanePooling.max(w.columns(), x, half, layout));
    site.to().step(site.value(), name("max-pool-rows"), List.of(columns), layout, size(y), NOT_IN_PLACE,
        PlanePooling.max(w.rows(), half, y, layout));
  }

  /** A step whose second operand is smaller. */
  void broadcast(String kernel, Kernel binder) {
    List<Buffer> in = List.of(operand(0, layout), operand(1, Layout.PLAIN));
    site.to().step(site.value(), name(kernel), in, layout, size(node().shape()), 0, binder);
  }

  /** A step whose operands of a map's shape lie in lanes, the others plain; and so does what comes out. */
  void perChannel(String kernel, Kernel binder) {
    site.to().step(site.value(), name(kernel), mapsInLanes(), layout, size(node().shape()), 0, binder);
  }

  /** A sum over maps that lie in lanes, one number a channel. */
  void sum(String kernel, Kernel binder) {
    site.to().step(site.value(), name(kernel), mapsInLanes(), Layout.PLAIN, size(shape(0)), NOT_IN_PLACE, binder);
  }

  private List<Buffer> mapsInLanes() {
    Shape map = shape(0);
    return node().inputs().stream().map(v -> site.to().operand(v, site.to().shape(v).equals(map) ? layout : Layout.PLAIN))
        .toList();
  }

  /** A step that reads its first operand alone; of the other only the shape counts, or it is a number that the kernel knows. */
  void alone(String kernel, int inPlace, Kernel binder) {
    site.to().step(site.value(), name(kernel), List.of(operand(0, layout)), layout, size(node().shape()), inPlace, binder);
  }

  /** The second operand, where that is one number which the graph itself gives. */
  Optional<Float> number() {
    return site.number(1);
  }

  List<Shape> shapes() {
    return site.shapes();
  }

  void convolution(String kernel, DirectConv gather) {
    if (layout == Layout.LANES) {
      lanesGather(kernel, gather);
    } else {
      channelsGather(kernel, gather, input(0));
    }
  }

  void lanesGather(String kernel, DirectConv gather) {
    long packedSize = (long) gather.groups() * gather.filters() * gather.taps();
    Buffer packed = packedWeights(packedSize, DirectConv16n.pack(gather));
    int blocks = Layout.blocks(node().shape());
    Kernel binder = new DirectConv16n(gather, blocks, site.hasBias()).binder();
    List<Buffer> in = operands(operand(0, Layout.LANES), packed);
    site.to().step(site.value(), "lanes." + kernel, in, Layout.LANES, gather.work() * blocks * Layout.BLOCK, NOT_IN_PLACE,
        binder);
  }

  /** Depthwise convolutions read by channels alone, others as they are told. */
  void channelsGather(String kernel, DirectConv gather, Layout from) {
    int images = node().shape().dim(0);
    boolean bias = site.hasBias();
    if (DepthwiseConv.fits(gather)) {
      Buffer packed =
          packedWeights(DepthwiseConv.packedSize(gather), DepthwiseConv.pack(gather));
      gather("depthwise", gather, operands(operand(0, layout), packed), DepthwiseConv.gather(gather, images, bias));
    } else if (from == Layout.PLAIN && FewFiltersConv16c.suits(gather, images)) {
      Buffer packed = packedWeights(FewFiltersConv16c.packedSize(gather), FewFiltersConv16c.pack(gather));
      gather(kernel, gather, operands(operand(0, from), packed), new FewFiltersConv16c(gather, images, bias).binder());
    } else {
      Buffer packed = packedWeights(DirectConv16c.packedSize(gather), DirectConv16c.pack(gather));
      Kernel binder = from == layout && SmallMapConv16c.suits(gather, images)
          ? new SmallMapConv16c(gather, images, bias).binder()
          : new DirectConv16c(gather, images, bias, from).binder();
      gather(kernel, gather, operands(operand(0, from), packed), binder);
    }
  }

  private void gather(String kernel, DirectConv gather, List<Buffer> in, Kernel binder) {
    site.to().step(site.value(), name(kernel), in, layout, gather.work() * node().shape().dim(0), NOT_IN_PLACE, binder);
  }

  /** By channels in either layout: the images it suits do not fit a cache sixteen at a time. */
  void winograd(String kernel, Winograd plan) {
    int images = node().shape().dim(0);
    Buffer packed = packedWeights(WinogradConv.packedSize(plan), WinogradConv.pack(plan));
    List<Buffer> in = operands(operand(0, Layout.CHANNELS), packed);
    Kernel binder = new WinogradConv(plan, images, site.hasBias()).binder();
    long work = plan.work() * images;
    if (WinogradProducts.suits(plan, images)) {
      WinogradProducts all = new WinogradProducts(plan, images);
      List<Buffer> factors = List.of(patches(all.in(), in.getFirst()), packed);
      Buffer products =
          site.to().between(site.value(), "channels." + kernel + "-products", factors, all.out().size(), work, all.binder());
      in = operands(products);
      binder = all.out().outputs(site.hasBias());
      work = node().shape().size();
    }
    site.to().step(site.value(), "channels." + kernel, in, Layout.CHANNELS, work, NOT_IN_PLACE, binder);
  }

  private Buffer patches(WinogradMaps maps, Buffer images) {
    return site.to().between(site.value(), "channels.winograd-patches", List.of(images), maps.size(), maps.size(),
        maps.patches());
  }

  private Buffer packedWeights(long size, Kernel pack) {
    return site.to().packed(site.value(), operand(1, Layout.PLAIN), size, pack);
  }

  void winogradGrad(Winograd plan) {
    int images = shape(0).dim(0);
    List<Buffer> in = List.of(operand(0, Layout.CHANNELS), operand(1, Layout.CHANNELS));
    Kernel binder = new WinogradWeightGrad(plan, images).binder();
    long work = plan.work() * images;
    if (WinogradOuterProducts.suits(plan, images)) {
      WinogradOuterProducts all = new WinogradOuterProducts(plan, images);
      WinogradMaps out = all.out();
      Buffer patches = patches(all.in(), in.getFirst());
      Buffer gradients = site.to().between(site.value(), "channels.winograd-gradients", in.subList(1, 2), out.size(), out.size(),
          out.gradients());
      in = List.of(
          site.to().between(site.value(), "channels.winograd-sums", List.of(patches, gradients), all.size(), work, all.sums()));
      binder = all.windows();
      work = node().shape().size();
    }
    site.to().step(site.value(), "channels.winograd-weight-grad", in, Layout.PLAIN, work, NOT_IN_PLACE, binder);
  }

  /** Whether a product's matrix is worth a second copy: it never changes, and is no large part of the memory. */
  boolean packsMatrix() {
    return site.to().isConstant(node().inputs().get(1)) && shape(1).size() <= PACKED;
  }

  /** Rows are read by channels where they lie so, else as they lie. */
  Layout rowsLayout() {
    return site.to().has(node().inputs().getFirst(), layout) ? layout : Layout.PLAIN;
  }

  /** A product of rows that lie so with a matrix that lies plain. */
  void gemm(String kernel, Layout from, Kernel binder) {
    List<Buffer> in = operands(operand(0, from), operand(1, Layout.PLAIN));
    site.to().step(site.value(), name(kernel), in, layout, (long) node().shape().size() * shape(0).dim(1), NOT_IN_PLACE, binder);
  }

  /** How an input of few channels is best read: as it lies, if it does not lie by channels. */
  private Layout input(int index) {
    boolean few = shape(index).dim(1) < Layout.BLOCK / 2;
    return few && !site.to().has(node().inputs().get(index), layout) ? Layout.PLAIN : layout;
  }

  void weightGrad(Op.ConvWeightGrad op) {
    Shape x = shape(0);
    Shape dy = shape(1);
    if (layout == Layout.LANES) {
      coveredWeightGrad(op, layout);
    } else if (op.groups() == x.dim(1) && op.groups() == dy.dim(1)) {
      weightGrad(operand(0, layout), dy, DepthwiseConv.weightGrad(op.window(), x, dy));
    } else if (input(0) == Layout.PLAIN) {
      coveredWeightGrad(op, Layout.PLAIN);
    } else {
      weightGrad(operand(0, layout), dy, new WeightGrad16c(op.window(), op.groups(), x, dy).binder());
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
      images = site.to().packed(site.value(), images, from.size(covered),
          PlaneCopy.window(from, x, covered, -window.top(), -window.left()));
      x = covered;
    }
    weightGrad(images, dy, from == Layout.LANES
        ? new WeightGrad16n(window, op.groups(), x, dy).binder()
        : new WeightGradNchw(window, op.groups(), x, dy).binder());
  }

  private void weightGrad(Buffer images, Shape dy, Kernel binder) {
    long work = (long) node().shape().size() * dy.dim(0) * dy.sizeFrom(2);
    site.to().step(site.value(), name("conv-weight-grad"), List.of(images, operand(1, layout)), Layout.PLAIN, work, NOT_IN_PLACE,
        binder);
  }

  private List<Buffer> operands(Buffer... others) {
    List<Buffer> in = new ArrayList<>(List.of(others));
    if (site.hasBias()) {
      in.add(operand(2, Layout.PLAIN));
    }
    return in;
  }
}
