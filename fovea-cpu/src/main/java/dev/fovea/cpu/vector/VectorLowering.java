package dev.fovea.cpu.vector;

import static dev.fovea.cpu.compile.NodeContext.NOT_IN_PLACE;

import dev.fovea.cpu.compile.Buffer;
import dev.fovea.cpu.compile.NodeContext;
import dev.fovea.cpu.kernel.DirectConv;
import dev.fovea.cpu.kernel.Kernel;
import dev.fovea.cpu.kernel.Layout;
import dev.fovea.cpu.kernel.Winograd;
import dev.fovea.cpu.vector.depthwise.DepthwiseConv;
import dev.fovea.cpu.vector.linear.BatchedGemm;
import dev.fovea.cpu.vector.nchw16c.DirectConv16c;
import dev.fovea.cpu.vector.nchw16c.FewFiltersConv16c;
import dev.fovea.cpu.vector.nchw16c.SmallMapConv16c;
import dev.fovea.cpu.vector.nchw16c.WeightGrad16c;
import dev.fovea.cpu.vector.nchw16c.WeightGradNchw;
import dev.fovea.cpu.vector.nchw16n.DirectConv16n;
import dev.fovea.cpu.vector.nchw16n.WeightGrad16n;
import dev.fovea.cpu.vector.packing.ValidWindows;
import dev.fovea.cpu.vector.plane.OperandLoop;
import dev.fovea.cpu.vector.plane.Permutation;
import dev.fovea.cpu.vector.plane.PlaneCopy;
import dev.fovea.cpu.vector.plane.PlanePooling;
import dev.fovea.cpu.vector.plane.RowBroadcast;
import dev.fovea.cpu.vector.plane.ScalarOperands;
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
 * Emits the steps of vector kernels for a node: reorders operands to the layout that a kernel reads, packs weights, and splits
 * operators that take several steps.
 *
 * @param layout the layout of the graph's images, NCHW16N or NCHW16C
 */
record VectorLowering(NodeContext context, Layout layout) {
  /** The maximum number of elements of a matrix of which inference keeps a packed copy: 8 MiB. */
  private static final int MAX_PACKED = 1 << 21;

  /** The same for a product with this number of rows or more, which takes several times as long without one: 32 MiB. */
  private static final int MAX_PACKED_FOR_ROWS = 1 << 23;

  private static final int MANY_ROWS = 32;

  Node node() {
    return context.node();
  }

  Shape shape(int input) {
    return context.shape(input);
  }

  Buffer operand(int input, Layout wanted) {
    return context.operand(input, wanted);
  }

  /** The number of floats in {@link #layout}, or 0 if the shape has too few axes for it. */
  long size(Shape shape) {
    int axes = switch (layout) {
      case NCHW -> 0;
      case NCHW16N -> 1;
      case NCHW16C -> 2;
    };
    return shape.rank() < axes ? 0 : layout.size(shape);
  }

  /** Whether some operand is already in {@link #layout}, or is an input of the graph, images or their rows. */
  boolean anyOperandInLayout() {
    return node().inputs().stream().anyMatch(v -> {
      Shape shape = context.lowering().shape(v);
      boolean images = context.lowering().isInput(v) && (shape.rank() == 2 || shape.rank() == 4);
      return size(shape) > 0 && (images || context.lowering().hasLayout(v, layout));
    });
  }

  /** The same node with its operands and its result in another layout. */
  VectorLowering in(Layout other) {
    return new VectorLowering(context, other);
  }

  /**
   * Whether kernels may read whole vectors of every operand in NCHW, beyond its end: the parameters are one after the other, without
   * gaps.
   */
  boolean allWholeVectors() {
    return node().shape().size() % Layout.BLOCK == 0
        || node().inputs().stream().noneMatch(v -> context.lowering().isParameter(v));
  }

  /** Whether an element may be infinite, or not a number: not in the padding of NCHW16N, which is multiplied by zeros. */
  boolean mayBeInfinite() {
    return layout != Layout.NCHW16N;
  }

  /** Whether each operand has the result's shape or is a scalar constant, and not all are scalars. */
  boolean isPointwise(Shape out) {
    List<Optional<Float>> scalars = scalars();
    boolean some = false;
    for (int i = 0; i < scalars.size(); i++) {
      boolean same = scalars.get(i).isEmpty();
      if (same && !shape(i).equals(out)) {
        return false;
      }
      some |= same;
    }
    return some;
  }

  /** The operands that are scalar constants of the graph. */
  List<Optional<Float>> scalars() {
    return node().inputs().stream().map(context.lowering()::scalar).toList();
  }

  /** Emits an elementwise step whose operands broadcast mutually. */
  void emitRows(String name, OperandLoop loop) {
    int inPlace = shape(0).equals(node().shape()) ? 0 : NOT_IN_PLACE;
    emit(name, inPlace, RowBroadcast.of(shapes(), node().shape(), loop));
  }

  /** Emits an elementwise step that reads the operands that are not scalar constants. */
  void emitPointwise(String name, OperandLoop loop) {
    List<Optional<Float>> scalars = scalars();
    List<Buffer> in = new ArrayList<>();
    for (int i = 0; i < scalars.size(); i++) {
      if (scalars.get(i).isEmpty()) {
        in.add(operand(i, layout));
      }
    }
    long size = size(node().shape());
    context.lowering().step(context.value(), prefixed(name), in, layout, size, 0, new ScalarOperands(size, scalars, loop));
  }

  private String prefixed(String name) {
    return layout.name().toLowerCase(Locale.ROOT) + "." + name;
  }

  /** Emits a step whose operands and result are all in {@link #layout}. */
  void emit(String name, int inPlace, Kernel kernel) {
    List<Buffer> in = context.operands(layout);
    context.lowering().step(context.value(), prefixed(name), in, layout, size(node().shape()), inPlace, kernel);
  }

  /** Emits max pooling, separated into columns and rows if that is much cheaper; a maximum is the same in any order. */
  void emitMaxPool(Window w) {
    Shape x = shape(0);
    Shape y = node().shape();
    Shape columnsShape = y.with(2, x.dim(2));
    double direct = (double) y.dim(2) * w.kernelH() * w.kernelW();
    double separable = (double) x.dim(2) * w.kernelW() + (double) y.dim(2) * w.kernelH();
    if (direct < 2 * separable) {
      emit("max-pool", NOT_IN_PLACE, PlanePooling.max(w, x, y, layout));
      return;
    }
    Buffer columns =
        context.lowering().intermediate(context.value(), prefixed("max-pool-columns"), List.of(operand(0, layout)),
            size(columnsShape),
            size(columnsShape),
            PlanePooling.max(w.columns(), x, columnsShape, layout));
    context.lowering().step(context.value(), prefixed("max-pool-rows"), List.of(columns), layout, size(y), NOT_IN_PLACE,
        PlanePooling.max(w.rows(), columnsShape, y, layout));
  }

  /** Emits a step whose second operand is smaller, and in NCHW. */
  void emitBroadcast(String name, Kernel kernel) {
    List<Buffer> in = List.of(operand(0, layout), operand(1, Layout.NCHW));
    context.lowering().step(context.value(), prefixed(name), in, layout, size(node().shape()), 0, kernel);
  }

  /** Emits a step on maps in {@link #layout} with parameters per channel, in NCHW. */
  void emitPerChannel(String name, Kernel kernel) {
    context.lowering().step(context.value(), prefixed(name), mapOperands(), layout, size(node().shape()), 0, kernel);
  }

  /** Emits a sum over maps in {@link #layout}; the result, usually one value per channel, is in NCHW. */
  void emitReduction(String name, Kernel kernel) {
    context.lowering().step(context.value(), prefixed(name), mapOperands(), Layout.NCHW, size(shape(0)), NOT_IN_PLACE, kernel);
  }

  /** The operands: those of the first one's shape in {@link #layout}, the others in NCHW. */
  private List<Buffer> mapOperands() {
    Shape map = shape(0);
    return node().inputs().stream()
        .map(v -> context.lowering().operand(v, context.lowering().shape(v).equals(map) ? layout : Layout.NCHW))
        .toList();
  }

  /**
   * Emits a step that reads only its first operand; of the others it needs only the shape, or they are scalars known to the
   * kernel.
   */
  void emitUnary(String name, int inPlace, Kernel kernel) {
    context.lowering().step(context.value(), prefixed(name), List.of(operand(0, layout)), layout, size(node().shape()), inPlace,
        kernel);
  }

  /** The second operand, if it is a scalar constant of the graph. */
  Optional<Float> scalar() {
    return context.scalar(1);
  }

  /** Whether nothing is broadcast. */
  boolean operandsHaveShape(Shape shape) {
    return shapes().stream().allMatch(shape::equals);
  }

  List<Shape> shapes() {
    return context.shapes();
  }

  void emitConv(String name, DirectConv conv) {
    if (layout == Layout.NCHW16N) {
      emitConv16n(name, conv);
    } else {
      emitConv16c(name, conv, imageLayout(0));
    }
  }

  void emitConv16n(String name, DirectConv conv) {
    long packedSize = (long) conv.groups() * conv.filters() * conv.taps();
    Buffer packed = packedWeights(packedSize, DirectConv16n.pack(conv));
    int blocks = Layout.imageBlocks(node().shape());
    Kernel kernel = new DirectConv16n(conv, blocks, context.hasBias()).kernel();
    List<Buffer> in = operands(operand(0, Layout.NCHW16N), packed);
    context.lowering().step(context.value(), "nchw16n." + name, in, Layout.NCHW16N, conv.work() * blocks * Layout.BLOCK,
        NOT_IN_PLACE,
        kernel);
  }

  /** Emits a convolution in NCHW16c whose input is in layout {@code from}; depthwise convolutions always read NCHW16c. */
  void emitConv16c(String name, DirectConv conv, Layout from) {
    int images = node().shape().dim(0);
    boolean bias = context.hasBias();
    if (DepthwiseConv.fits(conv)) {
      Buffer packed =
          packedWeights(DepthwiseConv.packedSize(conv), DepthwiseConv.pack(conv));
      emitConv("depthwise", conv, operands(operand(0, layout), packed), DepthwiseConv.conv(conv, images, bias));
    } else if (from == Layout.NCHW && FewFiltersConv16c.isApplicable(conv, images)) {
      Buffer packed = packedWeights(FewFiltersConv16c.packedSize(conv), FewFiltersConv16c.pack(conv));
      emitConv(name, conv, operands(operand(0, from), packed), new FewFiltersConv16c(conv, images, bias).kernel());
    } else {
      Buffer packed = packedWeights(DirectConv16c.packedSize(conv), DirectConv16c.pack(conv));
      Kernel kernel = from == layout && SmallMapConv16c.isApplicable(conv, images)
          ? new SmallMapConv16c(conv, images, bias).kernel()
          : new DirectConv16c(conv, images, bias, from).kernel();
      emitConv(name, conv, operands(operand(0, from), packed), kernel);
    }
  }

  private void emitConv(String name, DirectConv conv, List<Buffer> in, Kernel kernel) {
    context.lowering().step(context.value(), prefixed(name), in, layout, conv.work() * node().shape().dim(0), NOT_IN_PLACE,
        kernel);
  }

  /** Emits Winograd's convolution, always in NCHW16c: sixteen images of the sizes that it suits do not fit a cache. */
  void emitWinograd(String name, Winograd plan) {
    int images = node().shape().dim(0);
    Buffer packed = packedWeights(WinogradConv.packedSize(plan), WinogradConv.pack(plan));
    List<Buffer> in = operands(operand(0, Layout.NCHW16C), packed);
    Kernel kernel = new WinogradConv(plan, images, context.hasBias()).kernel();
    long work = plan.work() * images;
    if (WinogradProducts.isApplicable(plan, images)) {
      WinogradProducts all = new WinogradProducts(plan, images);
      List<Buffer> factors = List.of(emitPatches(all.in(), in.getFirst()), packed);
      Buffer products =
          context.lowering().intermediate(context.value(), "nchw16c." + name + "-products", factors, all.out().size(), work,
              all.kernel());
      in = operands(products);
      kernel = all.out().outputs(context.hasBias());
      work = node().shape().size();
    }
    context.lowering().step(context.value(), "nchw16c." + name, in, Layout.NCHW16C, work, NOT_IN_PLACE, kernel);
  }

  private Buffer emitPatches(WinogradMaps maps, Buffer images) {
    return context.lowering().intermediate(context.value(), "nchw16c.winograd-patches", List.of(images), maps.size(), maps.size(),
        maps.patches());
  }

  private Buffer packedWeights(long size, Kernel pack) {
    return context.lowering().packed(context.value(), operand(1, Layout.NCHW), size, pack);
  }

  void emitWinogradWeightGrad(Winograd plan) {
    int images = shape(0).dim(0);
    List<Buffer> in = List.of(operand(0, Layout.NCHW16C), operand(1, Layout.NCHW16C));
    Kernel kernel = new WinogradWeightGrad(plan, images).kernel();
    long work = plan.work() * images;
    if (WinogradOuterProducts.isApplicable(plan, images)) {
      WinogradOuterProducts all = new WinogradOuterProducts(plan, images);
      WinogradMaps out = all.out();
      Buffer patches = emitPatches(all.in(), in.getFirst());
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

  /** Whether to pack a product's matrix: it is constant, and the copy is small. */
  boolean packsMatrix() {
    int max = shape(0).dim(0) < MANY_ROWS ? MAX_PACKED : MAX_PACKED_FOR_ROWS;
    return context.lowering().isConstant(node().inputs().get(1)) && shape(1).size() <= max;
  }

  /** The layout in which a matrix product reads its first operand: {@link #layout} if it is already in that, else NCHW. */
  Layout inputLayout() {
    return context.lowering().hasLayout(node().inputs().getFirst(), layout) ? layout : Layout.NCHW;
  }

  /** Emits the product of rows in layout {@code from} with a matrix in its own layout. */
  void emitGemm(String name, Layout from, Kernel kernel) {
    List<Buffer> in = operands(operand(0, from), operand(1, Layout.NCHW));
    context.lowering().step(context.value(), prefixed(name), in, layout, (long) node().shape().size() * shape(0).dim(1),
        NOT_IN_PLACE,
        kernel);
  }

  void emitMatMul(BatchedGemm products) {
    List<Buffer> in = context.operands(Layout.NCHW);
    long work = (long) node().shape().size() * shape(0).dim(shape(0).rank() - 1);
    context.lowering().step(context.value(), "nchw.matmul", in, Layout.NCHW, work, NOT_IN_PLACE, products.kernel());
  }

  /** Emits a transposition; of maps in NCHW16c to channels last, and back, without a reorder. */
  void emitTranspose(List<Integer> perm) {
    Shape y = node().shape();
    boolean maps = layout == Layout.NCHW16C;
    if (maps && Permutation.isChannelsLast(perm) && context.lowering().hasLayout(node().inputs().getFirst(), layout)) {
      List<Buffer> in = List.of(operand(0, layout));
      context.lowering().step(context.value(), "nchw16c.channels-last", in, Layout.NCHW, y.size(), NOT_IN_PLACE,
          Permutation.toChannelsLast(shape(0)));
    } else if (maps && Permutation.isChannelsFirst(perm) && y.rank() == 4) {
      List<Buffer> in = List.of(operand(0, Layout.NCHW));
      context.lowering().step(context.value(), "nchw16c.channels-first", in, layout, size(y), NOT_IN_PLACE,
          Permutation.fromChannelsLast(y));
    } else {
      context.lowering().step(context.value(), "nchw.transpose", context.operands(Layout.NCHW), Layout.NCHW, y.size(),
          NOT_IN_PLACE,
          Permutation.of(shape(0), perm));
    }
  }

  /** The layout in which a convolution reads its images: NCHW if they have few channels and are not in {@link #layout} already. */
  private Layout imageLayout(int index) {
    boolean few = shape(index).dim(1) < Layout.BLOCK / 2;
    return few && !context.lowering().hasLayout(node().inputs().get(index), layout) ? Layout.NCHW : layout;
  }

  void emitWeightGrad(Op.ConvWeightGrad op) {
    Shape x = shape(0);
    Shape dy = shape(1);
    if (layout == Layout.NCHW16N) {
      emitCoveredWeightGrad(op, layout);
    } else if (op.groups() == x.dim(1) && op.groups() == dy.dim(1)) {
      emitWeightGrad(operand(0, layout), dy, DepthwiseConv.weightGrad(op.window(), x, dy));
    } else if (imageLayout(0) == Layout.NCHW) {
      emitCoveredWeightGrad(op, Layout.NCHW);
    } else {
      emitWeightGrad(operand(0, layout), dy, new WeightGrad16c(op.window(), op.groups(), x, dy).kernel());
    }
  }

  /** Emits a weight gradient by a kernel that needs all windows inside the images, which are padded for that. */
  private void emitCoveredWeightGrad(Op.ConvWeightGrad op, Layout from) {
    Window window = op.window();
    Shape x = shape(0);
    Shape dy = shape(1);
    Buffer images = operand(0, from);
    if (!ValidWindows.inside(window, x, dy)) {
      Shape covered = ValidWindows.coveredShape(window, x, dy);
      images = context.lowering().packed(context.value(), images, from.size(covered),
          PlaneCopy.window(from, x, covered, -window.top(), -window.left()));
      x = covered;
    }
    emitWeightGrad(images, dy, from == Layout.NCHW16N
        ? new WeightGrad16n(window, op.groups(), x, dy).kernel()
        : new WeightGradNchw(window, op.groups(), x, dy).kernel());
  }

  private void emitWeightGrad(Buffer images, Shape dy, Kernel kernel) {
    long work = (long) node().shape().size() * dy.dim(0) * dy.sizeFrom(2);
    context.lowering().step(context.value(), prefixed("conv-weight-grad"), List.of(images, operand(1, layout)), Layout.NCHW, work,
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
