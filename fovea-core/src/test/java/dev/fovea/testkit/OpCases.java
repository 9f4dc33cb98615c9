package dev.fovea.testkit;

import dev.fovea.graph.Op;
import dev.fovea.graph.Window;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The declared cases of every operator. A new operator adds its list here; a test finds operators without a case. */
public final class OpCases {
  /** The system property that sets the seed of {@link #random}. */
  public static final String SEED = "fovea.seed";

  private static final List<OpCase> FORWARD = declared();
  private static final List<OpCase> ADJOINT =
      Stream.concat(AdjointCases.of(FORWARD).stream(), NormCases.ofTraining().stream()).distinct().toList();

  private OpCases() {}

  /** The cases of the operators that layers append. */
  public static List<OpCase> forward() {
    return FORWARD;
  }

  /** The cases of the operators that only gradients append, at the sizes of the gradients of {@link #forward()}. */
  public static List<OpCase> adjoint() {
    return ADJOINT;
  }

  public static List<OpCase> all() {
    List<OpCase> all = new ArrayList<>(FORWARD);
    all.addAll(ADJOINT);
    return List.copyOf(all);
  }

  /** Convolutions and their transposes that are large enough for Winograd's transforms. */
  public static List<OpCase> winograd() {
    return WindowCases.winograd();
  }

  /** Zeros of both signs, infinities and NaN, which have bits but no tolerance. */
  public static List<OpCase> edges() {
    return Stream.concat(ElementwiseCases.edges().stream(), TensorCases.edges().stream()).toList();
  }

  /** The cases of one operator. */
  public static List<OpCase> of(Class<? extends Op> op) {
    return all().stream().filter(c -> op.isInstance(c.op())).toList();
  }

  /** {@code count} cases drawn from the seed; a failure should report the seed. */
  public static List<OpCase> random(long seed, int count) {
    return RandomCases.of(seed, count);
  }

  /** A random convolution, a function of seed and index. */
  public static OpCase convolution(long seed, long index) {
    return RandomCases.convolution(seed, index);
  }

  /** The value of {@code -Dfovea.seed}, by default the date, so that each day tests other cases and a failure can be repeated. */
  public static long seed() {
    return Long.getLong(SEED, LocalDate.now(ZoneOffset.UTC).toEpochDay());
  }

  /** Layers of well-known networks at their real sizes, one image, for measuring; too large for the reference. */
  public static List<OpCase> speed() {
    Window same = Window.of(3).padding(1);
    return List.of(
        conv(28, 1, 6, Window.of(5).padding(2)),
        conv(14, 6, 16, Window.of(5)),
        conv(224, 3, 64, same),
        conv(112, 64, 128, same),
        conv(56, 128, 256, same),
        conv(28, 256, 512, same),
        conv(14, 512, 512, same),
        conv(224, 3, 64, Window.of(7).stride(2).padding(3)),
        conv(56, 64, 64, same),
        conv(56, 64, 128, same.stride(2)),
        conv(56, 64, 256, Window.of(1)),
        conv(227, 3, 96, Window.of(11).stride(4)),
        conv(27, 96, 256, Window.of(5).padding(2)),
        OpCase.of(new Op.Gemm(false, true), Operand.of(64, 784), Operand.of(128, 784), Operand.of(128)),
        OpCase.of(new Op.Gemm(false, true), Operand.of(1, 9216), Operand.of(4096, 9216), Operand.of(4096)),
        OpCase.of(new Op.MaxPool(Window.of(2).stride(2)), Operand.of(1, 64, 224, 224)),
        OpCase.of(new Op.MaxPool(Window.of(3).stride(2).padding(1)), Operand.of(1, 64, 112, 112)),
        OpCase.of(new Op.AveragePool(Window.of(7), false), Operand.of(1, 512, 7, 7)),
        OpCase.of(new Op.Relu(), Operand.of(1, 64, 224, 224)),
        OpCase.of(new Op.Softmax(), Operand.of(64, 1000)));
  }

  private static OpCase conv(int size, int c, int k, Window w) {
    return OpCase.of(
        new Op.Conv(w, 1), Operand.of(1, c, size, size), Operand.of(k, c, w.kernelH(), w.kernelW()), Operand.of(k));
  }

  private static List<OpCase> declared() {
    List<OpCase> cases = new ArrayList<>();
    cases.addAll(WindowCases.conv());
    cases.addAll(WindowCases.convTranspose());
    cases.addAll(WindowCases.maxPool());
    cases.addAll(WindowCases.averagePool());
    cases.addAll(DenseCases.gemm());
    cases.addAll(DenseCases.flatten());
    cases.addAll(DenseCases.broadcast(new Op.Add()));
    cases.addAll(DenseCases.broadcast(new Op.Mul()));
    cases.addAll(ElementwiseCases.relu());
    cases.addAll(ElementwiseCases.leakyRelu());
    cases.addAll(ElementwiseCases.sigmoid());
    cases.addAll(ElementwiseCases.tanh());
    cases.addAll(ElementwiseCases.dropout());
    cases.addAll(ElementwiseCases.softmax(new Op.Softmax()));
    cases.addAll(ElementwiseCases.softmax(new Op.LogSoftmax()));
    cases.addAll(ElementwiseCases.softmaxLoss());
    cases.addAll(ElementwiseCases.sigmoidLoss());
    cases.addAll(MapCases.all());
    cases.addAll(NormCases.all());
    cases.addAll(TensorCases.all());
    return List.copyOf(cases);
  }
}
