package dev.fovea.testkit;

import dev.fovea.graph.Op;
import dev.fovea.graph.Shapes;
import dev.fovea.graph.Window;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Operand.Kind;
import java.util.List;
import java.util.stream.IntStream;

/** Cases drawn from a seed: small shapes, any window that fits, every forward operator. Each depends only on seed and index. */
final class RandomCases {
  private final Rng random;
  private long drawn;

  private RandomCases(Rng random) {
    this.random = random;
  }

  static List<OpCase> of(long seed, int count) {
    return IntStream.range(0, count).mapToObj(i -> new RandomCases(Rng.of(seed).at("cases").at(i)).draw()).toList();
  }

  /** A convolution, or a transposed one, of up to 65 channels; one in fifty is large enough for Winograd's transforms. */
  static OpCase convolution(long seed, long index) {
    return new RandomCases(Rng.of(seed).at("convolutions").at(index)).convolution();
  }

  private OpCase convolution() {
    int kind = between(0, 99);
    if (kind < 2) {
      return winograd();
    }
    if (kind < 17) {
      return convTranspose();
    }
    if (kind < 50) {
      return conv();
    }
    Window w = window(5, 2, 3);
    int channels = oneOf(1, 3, 4, 8, 12, 16, 17, 24, 31, 32, 33, 48, 65);
    int filters = oneOf(1, 2, 8, 15, 16, 17, 31, 32, 33, 47, 48, 64, 65);
    Operand x = Operand.of(oneOf(1, 1, 1, 2, 3, 17), channels, height(w), width(w));
    return bounded(
        OpCase.of(new Op.Conv(w, 1), x, Operand.of(filters, channels, w.kernelH(), w.kernelW()), Operand.of(filters)));
  }

  private OpCase winograd() {
    Window w = Window.of(3).padding(between(0, 2), between(0, 2), between(0, 2), between(0, 2));
    int channels = between(16, 40);
    int filters = between(16, 40);
    Operand x = Operand.of(oneOf(1, 1, 2), channels, between(10, 18), between(10, 18));
    return coin()
        ? OpCase.of(new Op.Conv(w, 1), x, Operand.of(filters, channels, 3, 3))
        : OpCase.of(new Op.ConvTranspose(w, 1, 0, 0), x, Operand.of(channels, filters, 3, 3));
  }

  private OpCase draw() {
    return switch (between(0, 27)) {
      case 0, 1, 2, 3, 4 -> conv();
      case 5, 6 -> convTranspose();
      case 7, 8 -> pool(true);
      case 9, 10 -> pool(false);
      case 11, 12 -> gemm();
      case 13 -> broadcast();
      case 14, 15 -> activation();
      case 16, 17 -> loss();
      case 18 -> new RandomMaps(this).winner();
      case 19 -> new RandomMaps(this).adaptive();
      case 20 -> new RandomMaps(this).cut();
      case 21 -> new RandomMaps(this).resized();
      case 22 -> coin() ? new RandomMaps(this).localConv() : new RandomMaps(this).folded();
      case 23, 24 -> new RandomTensors(this).moved();
      case 25 -> new RandomTensors(this).matMul();
      case 26 -> new RandomTensors(this).alongAxis();
      default -> normalization();
    };
  }

  private OpCase conv() {
    Window w = window(4, 3, 3);
    int groups = groups();
    int perGroup = channels(groups);
    int k = groups * (groups > 4 ? between(1, 2) : channels(groups));
    Operand x = Operand.of(batch(), groups * perGroup, height(w), width(w));
    Operand weight = Operand.of(k, perGroup, w.kernelH(), w.kernelW());
    Op op = new Op.Conv(w, groups);
    return bounded(coin() ? OpCase.of(op, x, weight, Operand.of(k)) : OpCase.of(op, x, weight));
  }

  private OpCase convTranspose() {
    Window w = window(4, 3, 2);
    int groups = groups();
    int perGroup = groups > 4 ? 1 : between(1, 3);
    int k = groups * (groups > 4 ? 1 : between(1, 3));
    int h = between(1, 6) + Math.ceilDiv(Math.max(0, w.top() + w.bottom() + 1 - w.extentH()), w.strideH());
    int wide = between(1, 6) + Math.ceilDiv(Math.max(0, w.left() + w.right() + 1 - w.extentW()), w.strideW());
    Op op = new Op.ConvTranspose(w, groups, between(0, w.strideH() - 1), between(0, w.strideW() - 1));
    Operand x = Operand.of(between(1, 3), k, h, wide);
    Operand weight = Operand.of(k, perGroup, w.kernelH(), w.kernelW());
    return coin() ? OpCase.of(op, x, weight, Operand.of(perGroup * groups)) : OpCase.of(op, x, weight);
  }

  private OpCase pool(boolean max) {
    Window w = poolWindow();
    Operand x = Operand.of(batch(), oneOf(1, 2, 3, 5, 16, 17), height(w), width(w));
    return bounded(
        max
            ? OpCase.of(new Op.MaxPool(w), x.kind(coin() ? Kind.SPACED : Kind.TIED))
            : OpCase.of(new Op.AveragePool(w, coin()), x));
  }

  /** Padding stays below the kernel, and a dilated window has none, so that no window is inside the padding. */
  Window poolWindow() {
    Window plain = window(4, 1, 0);
    Window padded =
        plain.padding(
            between(0, plain.kernelH() - 1), between(0, plain.kernelW() - 1), between(0, plain.kernelH() - 1),
            between(0, plain.kernelW() - 1));
    return (coin() ? padded : plain.dilation(between(1, 3), between(1, 3))).ceil(coin());
  }

  private OpCase gemm() {
    int m = between(1, 40);
    int inner = between(1, 70);
    int n = between(1, 40);
    boolean transA = coin();
    boolean transB = coin();
    Operand a = transA ? Operand.of(inner, m) : Operand.of(m, inner);
    Operand b = transB ? Operand.of(n, inner) : Operand.of(inner, n);
    Op op = new Op.Gemm(transA, transB);
    return coin() ? OpCase.of(op, a, b, Operand.of(n)) : OpCase.of(op, a, b);
  }

  private OpCase broadcast() {
    Shape x = anyShape(between(0, 4));
    int[] second = x.dims().stream().skip(between(0, x.rank())).mapToInt(d -> coin() ? d : 1).toArray();
    int[] first = x.dims().stream().mapToInt(d -> coin() ? d : 1).toArray();
    Operand a = coin() ? new Operand(x, Kind.SIGNED) : Operand.of(first);
    Operand b = Operand.of(second);
    return switch (between(0, 6)) {
      case 0 -> OpCase.of(new Op.Add(), a, b);
      case 1 -> OpCase.of(new Op.Mul(), a, b);
      case 2 -> OpCase.of(new Op.Add(), b, a);
      case 3 -> OpCase.of(new Op.Div(), a, b.kind(Kind.POSITIVE));
      case 4 -> OpCase.of(new Op.Max(), a.kind(Kind.TIED), b.kind(Kind.TIED));
      case 5 -> OpCase.of(new Op.Less(), a, b);
      default -> OpCase.of(new Op.Where(), b.kind(Kind.RECTIFIED), a, b);
    };
  }

  private OpCase activation() {
    Shape shape = anyShape(between(1, 4));
    Kind smooth = coin() ? Kind.SIGNED : Kind.WIDE;
    return switch (between(0, 15)) {
      case 0 -> OpCase.of(new Op.Relu(), new Operand(shape, Kind.SPACED));
      case 1 -> OpCase.of(new Op.LeakyRelu(uniform()), new Operand(shape, Kind.SPACED));
      case 2 -> OpCase.of(new Op.Sigmoid(), new Operand(shape, smooth));
      case 3 -> OpCase.of(new Op.Tanh(), new Operand(shape, smooth));
      case 4 -> OpCase.of(new Op.Softplus(), new Operand(shape, smooth));
      case 5 -> OpCase.of(new Op.Erf(), new Operand(shape, smooth));
      case 6 -> OpCase.of(new Op.Exp(), new Operand(shape, smooth));
      case 7 -> OpCase.of(new Op.Elu(uniform()), new Operand(shape, Kind.SPACED));
      case 8 -> clip(shape);
      case 9 -> OpCase.of(new Op.Pow(between(1, 4)), new Operand(shape, Kind.SIGNED));
      case 10 -> OpCase.of(new Op.Pow(4 * uniform() - 2), new Operand(shape, Kind.POSITIVE));
      case 11 -> dropout(shape);
      case 12 -> OpCase.of(new Op.Log(), new Operand(shape, Kind.POSITIVE));
      case 13 -> OpCase.of(coin() ? new Op.Floor() : new Op.Round(), new Operand(shape, coin() ? Kind.WIDE : Kind.TIED));
      case 14 -> OpCase.of(coin() ? new Op.Sin() : new Op.Cos(), new Operand(shape, smooth));
      default -> OpCase.of(new Op.Flatten(), new Operand(shape, Kind.SIGNED));
    };
  }

  /** Random bounds may be on or next to a value, so finite differences are not used there; no value of the others is near 0. */
  private OpCase clip(Shape shape) {
    float min = uniform() - 1;
    return coin()
        ? OpCase.of(new Op.Clip(min, min + 2 * uniform()), new Operand(shape, Kind.TIED))
        : OpCase.of(coin() ? new Op.Clip(0, 2) : new Op.Clip(-2, 0), new Operand(shape, Kind.SPACED));
  }

  private OpCase dropout(Shape shape) {
    Op.Unit unit = shape.rank() < 2 ? Op.Unit.ELEMENT : List.of(Op.Unit.values()).get(between(0, 2));
    return OpCase.of(new Op.Dropout("layer" + between(0, 9), uniform(), unit), new Operand(shape, Kind.SIGNED));
  }

  private OpCase loss() {
    Operand x = new Operand(anyShape(between(2, 4)), oneOf(Kind.SIGNED, Kind.WIDE, Kind.HUGE));
    Operand labels = new Operand(Shapes.labelsOf(x.shape()), Kind.LABELS);
    int classes = x.shape().dim(1);
    return switch (between(0, 5)) {
      case 0 -> OpCase.of(new Op.Softmax(), x);
      case 1 -> OpCase.of(new Op.LogSoftmax(), x);
      case 2 -> OpCase.of(new Op.SoftmaxCrossEntropyLoss(), x, labels);
      case 3 -> OpCase.of(new Op.SoftmaxCrossEntropyLoss(coin() ? 0 : uniform(), between(-1, classes - 1)), x, labels);
      case 4 -> OpCase.of(
          new Op.SoftmaxCrossEntropyLoss(coin() ? 0 : uniform(), between(-1, classes - 1)), x, labels,
          Operand.of(classes).kind(Kind.POSITIVE));
      default -> OpCase.of(new Op.SigmoidCrossEntropyLoss(), x, x.kind(Kind.UNIT));
    };
  }

  /** With a small epsilon, rows of few, close values are too nonlinear for finite differences. */
  private OpCase normalization() {
    Shape shape = anyShape(between(2, 4));
    Operand x = new Operand(shape, coin() ? Kind.SIGNED : Kind.WIDE);
    Operand c = Operand.of(shape.dim(1));
    int axis = between(1, shape.rank() - 1);
    int groups = coin() ? 1 : shape.dim(axis);
    float epsilon = shape.sizeFrom(axis) / groups < 8 ? 0.5f : 1e-3f;
    return switch (between(0, 2)) {
      case 0 -> OpCase.of(new Op.BatchNormalization(1e-3f, uniform()), x, c, c, c, c.kind(Kind.UNIT));
      case 1 -> OpCase.of(new Op.RowNormalization(axis, groups, epsilon), x);
      default -> OpCase.of(new Op.Lrn(between(1, 7), uniform(), oneOf(0.5f, 0.75f, 1), between(1, 2)), x);
    };
  }

  Window window(int kernel, int dilation, int padding) {
    Window w = Window.of(between(1, kernel), between(1, kernel)).stride(between(1, 4), between(1, 4));
    return w.dilation(between(1, dilation), between(1, dilation))
        .padding(between(0, padding), between(0, padding), between(0, padding), between(0, padding));
  }

  int height(Window w) {
    return Math.max(1, w.extentH() - w.top() - w.bottom()) + between(0, 8);
  }

  int width(Window w) {
    return Math.max(1, w.extentW() - w.left() - w.right()) + oneOf(0, 1, 2, 5, 11, 16);
  }

  /** The case, reduced to one image if it would be large. */
  static OpCase bounded(OpCase c) {
    if (c.operands().getFirst().shape().size() <= 4096 && c.resultShape().size() <= 4096) {
      return c;
    }
    List<Operand> one =
        IntStream.range(0, c.operands().size())
            .mapToObj(i -> i == 0 ? new Operand(c.operands().get(i).shape().with(0, 1), c.operands().get(i).kind())
                : c.operands().get(i))
            .toList();
    return new OpCase(c.op(), one);
  }

  Shape anyShape(int rank) {
    return Shape.of(IntStream.range(0, rank).map(_ -> oneOf(1, 2, 3, 5, 7, 9)).toArray());
  }

  int batch() {
    return oneOf(1, 1, 2, 3, 16, 17);
  }

  private int groups() {
    return oneOf(1, 1, 1, 2, 3, 17);
  }

  private int channels(int groups) {
    return groups > 4 ? 1 : oneOf(1, 2, 3, 5, 16, 17);
  }

  boolean coin() {
    return between(0, 1) == 1;
  }

  int between(int min, int max) {
    return min + random.below(drawn++, max - min + 1);
  }

  int oneOf(int... choices) {
    return choices[between(0, choices.length - 1)];
  }

  private float oneOf(float... choices) {
    return choices[between(0, choices.length - 1)];
  }

  /** In [0, 1). */
  private float uniform() {
    return random.uniform(drawn++);
  }

  private Kind oneOf(Kind... choices) {
    return choices[between(0, choices.length - 1)];
  }
}
