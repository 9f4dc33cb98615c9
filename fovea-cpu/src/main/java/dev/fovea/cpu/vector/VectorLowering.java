package dev.fovea.cpu.vector;

import static dev.fovea.cpu.compile.NodeContext.NOT_IN_PLACE;

import dev.fovea.cpu.compile.Buffer;
import dev.fovea.cpu.compile.NodeContext;
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
record VectorLowering(NodeContext context, Layout layout) {
  /** The numbers of a matrix of which prediction keeps a second copy, as its product reads it: 8 MiB. */
  private static final int PACKED = 1 << 21;

  Node node() {
    return context.node();
  }

  Shape shape(int input) {
    return context.shape(input);
  }

  Buffer operand(int input, Layout wanted) {
    return context.operand(input, wanted);
  }

  long size(Shape shape) {
    return shape.rank() < (layout == Layout.NCHW16N ? 1 : 2) ? 0 : layout.size(shape);
  }

  /** Whether some operand lies in lanes already, or comes straight from outside. */
  boolean lies() {
    return node().inputs().stream()
        .anyMatch(
            v -> size(context.lowering().shape(v)) > 0
                && (context.lowering().hasLayout(v, layout) || context.lowering().isInput(v)));
  }

  private String name(String name) {
    return layout.name().toLowerCase(Locale.ROOT) + "." + name;
  }

  /** A step whose operands and result lie in lanes. */
  void planes(String name, int inPlace, Kernel kernel) {
    List<Buffer> in = context.operands(layout);
    context.lowering().step(context.value(), name(name), in, layout, size(node().shape()), inPlace, kernel);
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
        context.lowering().intermediate(context.value(), name("max-pool-columns"), List.of(operand(0, layout)), size(half),
            size(half),
            PlanePooling.max(w.columns(), x, half, layout));
    context.lowering().step(context.value(), name("max-pool-rows"), List.of(columns), layout, size(y), NOT_IN_PLACE,
        PlanePooling.max(w.rows(), half, y, layout));
  }

  /** A step whose second operand is smaller. */
  void broadcast(String name, Kernel kernel) {
    List<Buffer> in = List.of(operand(0, layout), operand(1, Layout.NCHW));
    context.lowering().step(context.value(), name(name), in, layout, size(node().shape()), 0, kernel);
  }

  /** A step whose operands of a map's shape lie in lanes, the others plain; and so does what comes out. */
  void perChannel(String name, Kernel kernel) {
    context.lowering().step(context.value(), name(name), mapsInLanes(), layout, size(node().shape()), 0, kernel);
  }

  /** A sum over maps that lie in lanes, one number a channel. */
  void sum(String name, Kernel kernel) {
    context.lowering().step(context.value(), name(name), mapsInLanes(), Layout.NCHW, size(shape(0)), NOT_IN_PLACE, kernel);
  }

  private List<Buffer> mapsInLanes() {
    Shape map = shape(0);
    return node().inputs().stream()
        .map(v -> context.lowering().operand(v, context.lowering().shape(v).equals(map) ? layout : Layout.NCHW))
        .toList();
  }

  /** A step that reads its first operand alone; of the other only the shape counts, or it is a number that the kernel knows. */
  void alone(String name, int inPlace, Kernel kernel) {
    context.lowering().step(context.value(), name(name), List.of(operand(0, layout)), layout, size(node().shape()), inPlace,
        kernel);
  }

  /** The second operand, where that is one number which the graph itself gives. */
  Optional<Float> number() {
    return context.scalar(1);
  }

  List<Shape> shapes() {
    return context.shapes();
  }

  void convolution(String name, DirectConv conv) {
    if (layout == Layout.NCHW16N) {
      conv16n(name, conv);
    } else {
      conv16c(name, conv, input(0));
    }
  }

  void conv16n(String name, DirectConv conv) {
    long packedSize = (long) conv.groups() * conv.filters() * conv.taps();
    Buffer packed = packedWeights(packedSize, DirectConv16n.pack(conv));
    int blocks = Layout.imageBlocks(node().shape());
    Kernel kernel = new DirectConv16n(conv, blocks, context.hasBias()).kernel();
    List<Buffer> in = operands(operand(0, Layout.NCHW16N), packed);
    context.lowering().step(context.value(), "nchw16n." + name, in, Layout.NCHW16N, conv.work() * blocks * Layout.BLOCK,
        NOT_IN_PLACE,
        kernel);
  }

  /** Depthwise convolutions read by channels alone, others as they are told. */
  void conv16c(String name, DirectConv conv, Layout from) {
    int images = node().shape().dim(0);
    boolean bias = context.hasBias();
    if (DepthwiseConv.fits(conv)) {
      Buffer packed =
          packedWeights(DepthwiseConv.packedSize(conv), DepthwiseConv.pack(conv));
      conv("depthwise", conv, operands(operand(0, layout), packed), DepthwiseConv.conv(conv, images, bias));
    } else if (from == Layout.NCHW && FewFiltersConv16c.suits(conv, images)) {
      Buffer packed = packedWeights(FewFiltersConv16c.packedSize(conv), FewFiltersConv16c.pack(conv));
      conv(name, conv, operands(operand(0, from), packed), new FewFiltersConv16c(conv, images, bias).kernel());
    } else {
      Buffer packed = packedWeights(DirectConv16c.packedSize(conv), DirectConv16c.pack(conv));
      Kernel kernel = from == layout && SmallMapConv16c.suits(conv, images)
          ? new SmallMapConv16c(conv, images, bias).kernel()
          : new DirectConv16c(conv, images, bias, from).kernel();
      conv(name, conv, operands(operand(0, from), packed), kernel);
    }
  }

  private void conv(String name, DirectConv conv, List<Buffer> in, Kernel kernel) {
    context.lowering().step(context.value(), name(name), in, layout, conv.work() * node().shape().dim(0), NOT_IN_PLACE, kernel);
  }

  /** By channels in either layout: the images it suits do not fit a cache sixteen at a time. */
  void winograd(String name, Winograd plan) {
    int images = node().shape().dim(0);
    Buffer packed = packedWeights(WinogradConv.packedSize(plan), WinogradConv.pack(plan));
    List<Buffer> in = operands(operand(0, Layout.NCHW16C), packed);
    Kernel kernel = new WinogradConv(plan, images, context.hasBias()).kernel();
    long work = plan.work() * images;
    if (WinogradProducts.suits(plan, images)) {
      WinogradProducts all = new WinogradProducts(plan, images);
      List<Buffer> factors = List.of(patches(all.in(), in.getFirst()), packed);
      Buffer products =
          context.lowering().intermediate(context.value(), "nchw16c." + name + "-products", factors, all.out().size(), work,
              all.kernel());
      in = operands(products);
      kernel = all.out().outputs(context.hasBias());
      work = node().shape().size();
    }
    context.lowering().step(context.value(), "nchw16c." + name, in, Layout.NCHW16C, work, NOT_IN_PLACE, kernel);
  }

  private Buffer patches(WinogradMaps maps, Buffer images) {
    return context.lowering().intermediate(context.value(), "nchw16c.winograd-patches", List.of(images), maps.size(), maps.size(),
        maps.patches());
  }

  private Buffer packedWeights(long size, Kernel pack) {
    return context.lowering().packed(context.value(), operand(1, Layout.NCHW), size, pack);
  }

  void winogradGrad(Winograd plan) {
    int images = shape(0).dim(0);
    List<Buffer> in = List.of(operand(0, Layout.NCHW16C), operand(1, Layout.NCHW16C));
    Kernel kernel = new WinogradWeightGrad(plan, images).kernel();
    long work = plan.work() * images;
    if (WinogradOuterProducts.suits(plan, images)) {
      WinogradOuterProducts all = new WinogradOuterProducts(plan, images);
      WinogradMaps out = all.out();
      Buffer patches = patches(all.in(), in.getFirst());
      Buffer gradients =
          context.lowering().intermediate(context.value(), "nchw16c.winograd-gradients", in.subList(1, 2), out.size(), out.size(),
              out.gradients());
      in = List.of(
          context.lowering().intermediate(context.value(), "nchw16c.winograd-sums", List.of(patches, gradients), all.size(), work,
              all.sums()));
      kernel = all.windows();
      work = node().shape().size();
    }
    context.lowering().step(context.value(), "nchw16c.winograd-weight-grad", in, Layout.NCHW, work, NOT_IN_PLACE, kernel);
  }

  /** Whether a product's matrix is worth a second copy: it never changes, and is no large part of the memory. */
  boolean packsMatrix() {
    return context.lowering().isConstant(node().inputs().get(1)) && shape(1).size() <= PACKED;
  }

  /** Rows are read by channels where they lie so, else as they lie. */
  Layout rowsLayout() {
    return context.lowering().hasLayout(node().inputs().getFirst(), layout) ? layout : Layout.NCHW;
  }

  /** A product of rows that lie so with a matrix that lies plain. */
  void gemm(String name, Layout from, Kernel kernel) {
    List<Buffer> in = operands(operand(0, from), operand(1, Layout.NCHW));
    context.lowering().step(context.value(), name(name), in, layout, (long) node().shape().size() * shape(0).dim(1), NOT_IN_PLACE,
        kernel);
  }

  /** How an input of few channels is best read: as it lies, if it does not lie by channels. */
  private Layout input(int index) {
    boolean few = shape(index).dim(1) < Layout.BLOCK / 2;
    return few && !context.lowering().hasLayout(node().inputs().get(index), layout) ? Layout.NCHW : layout;
  }

  void weightGrad(Op.ConvWeightGrad op) {
    Shape x = shape(0);
    Shape dy = shape(1);
    if (layout == Layout.NCHW16N) {
      coveredWeightGrad(op, layout);
    } else if (op.groups() == x.dim(1) && op.groups() == dy.dim(1)) {
      weightGrad(operand(0, layout), dy, DepthwiseConv.weightGrad(op.window(), x, dy));
    } else if (input(0) == Layout.NCHW) {
      coveredWeightGrad(op, Layout.NCHW);
    } else {
      weightGrad(operand(0, layout), dy, new WeightGrad16c(op.window(), op.groups(), x, dy).kernel());
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
      images = context.lowering().packed(context.value(), images, from.size(covered),
          PlaneCopy.window(from, x, covered, -window.top(), -window.left()));
      x = covered;
    }
    weightGrad(images, dy, from == Layout.NCHW16N
        ? new WeightGrad16n(window, op.groups(), x, dy).kernel()
        : new WeightGradNchw(window, op.groups(), x, dy).kernel());
  }

  private void weightGrad(Buffer images, Shape dy, Kernel kernel) {
    long work = (long) node().shape().size() * dy.dim(0) * dy.sizeFrom(2);
    context.lowering().step(context.value(), name("conv-weight-grad"), List.of(images, operand(1, layout)), Layout.NCHW, work,
        NOT_IN_PLACE,
        kernel);
  }

  private List<Buffer> operands(Buffer... others) {
    List<Buffer> in = new ArrayList<>(List.of(others));
    if (context.hasBias()) {
      in.add(operand(2, Layout.NCHW));
    }
    return in;
  }
}
