package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.formats.onnx.constant.Array;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Elementwise operators and reductions where an element is zero, negative, infinite, no number, or beyond its type. */
class ArithmeticEdgesTest {
  private static final float NAN = Float.NaN;
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  /** What a node computes of x, and of y where it has two operands. */
  private static float[] of(String node, float[] x, float... y) {
    Nets net = new Nets(28).input("x", x.length).node("z = " + node).output("z");
    if (y.length == 0) {
      return net.result(Map.of("x", x));
    }
    return net.input("y", y.length).result(Map.of("x", x, "y", y));
  }

  private static float[] integers(OnnxType type, String node, Object value, float... x) {
    return new Nets(17).input("x", x.length).node("i = Cast x", "to", type.number()).node("z = " + node, "to", value).output("z")
        .result(Map.of("x", x));
  }

  @Test
  void powersOfNegativeNumbersAndOfZero() {
    float[] powers = of("Pow x y", new float[] {-2, -2, 0, 0, -3, 2, -2}, 3, 2, 0, 2, -1, 0.5f, 0.5f);
    float[] expected = {-8, 4, 1, 0, -1f / 3, (float) Math.sqrt(2)};
    assertThat(powers[6]).isNaN();
    for (int i = 0; i < expected.length; i++) {
      // exp(b log a): errors of a few roundings of b log a, which is below 2.1
      assertThat(powers[i]).isCloseTo(expected[i], within(Math.abs(expected[i]) * 0x1p-20f));
    }
  }

  @Test
  void powersOfIntegersAreIntegers() {
    Nets net = new Nets(17).input("x", 3).input("y", 3).node("i = Cast x", "to", OnnxType.INT32.number())
        .node("z = Pow i y").output("z");
    assertThat(net.result(Map.of("x", new float[] {3, -3, 10}, "y", new float[] {6, 5, 0.5f})))
        .containsExactly(729, -243, 3);
  }

  @Test
  void restsOfInfiniteDivisors() {
    float[] x = {-3, 3, 0, 3, INFINITY, -7};
    float[] y = {INFINITY, INFINITY, INFINITY, -INFINITY, 2, 3};
    assertThat(of("Mod x y", x, y)).containsExactly(INFINITY, 3, 0, -INFINITY, NAN, 2);
    Nets constant = new Nets(28).floats("x", Shape.of(6), x).floats("y", Shape.of(6), y).input("u", 6).node("m = Mod x y")
        .node("z = Add m u").output("z");
    assertThat(constant.result(Map.of("u", new float[6]))).containsExactly(INFINITY, 3, 0, -INFINITY, NAN, 2);
  }

  @Test
  void whatIsNoNumberEqualsNothing() {
    float[] x = {NAN, 1, INFINITY, INFINITY, 2};
    float[] y = {1, NAN, INFINITY, -INFINITY, 2};
    assertThat(of("Equal x y", x, y)).containsExactly(0, 0, 1, 0, 1);
    assertThat(of("LessOrEqual x y", x, y)).containsExactly(0, 0, 1, 0, 1);
    assertThat(of("GreaterOrEqual x y", x, y)).containsExactly(0, 0, 1, 1, 1);
  }

  @Test
  void integersStayInTheirType() {
    assertThat(integers(OnnxType.INT32, "Cast i", OnnxType.UINT8.number(), 300, -1, 255)).containsExactly(44, 255, 255);
    assertThat(integers(OnnxType.UINT8, "Cast i", OnnxType.INT8.number(), 200, 127)).containsExactly(-56, 127);
    assertThat(integers(OnnxType.INT32, "Cast i", OnnxType.INT4.number(), 8, -9, 7)).containsExactly(-8, 7, 7);
    Nets sum = new Nets(17).input("x", 2).node("i = Cast x", "to", OnnxType.UINT8.number()).node("z = Add i i").output("z");
    assertThat(sum.result(Map.of("x", new float[] {200, 3}))).containsExactly(144, 6);
    assertThat(integers(OnnxType.INT32, "ReduceMean i", 0, -1, -2)).containsExactly(-1);
  }

  @Test
  void sumsOfExponentialsOfInfinities() {
    float low = -INFINITY;
    Nets net = new Nets(13).input("x", 3, 2).node("y = ReduceLogSumExp x", "axes", new int[] {1}, "keepdims", 0).output("y");
    assertThat(net.result(Map.of("x", new float[] {low, low, low, 1, INFINITY, 1}))).containsExactly(low, 1, INFINITY);
  }

  @Test
  void roundingToFloatsOfAByteIsRefused() {
    assertThatThrownBy(
        () -> new Nets(19).input("x", 2).node("y = Cast x", "to", OnnxType.FLOAT8E4M3FN.number()).output("y").read())
        .isInstanceOf(FoveaException.class)
        .hasMessage("net.onnx: node 'n_y' (Cast): elements of type FLOAT8E4M3FN are not supported");
  }

  @Test
  void aReductionOverNoAxesStillSquares() {
    float[] x = {-2, 3};
    assertThat(
        new Nets(18).input("x", 2).node("z = ReduceSumSquare x", "noop_with_empty_axes", 1).output("z").result(Map.of("x", x)))
        .containsExactly(4, 9);
    assertThat(new Nets(18).input("u", 2).floats("x", Shape.of(2), x).node("r = ReduceL1 x", "noop_with_empty_axes", 1)
        .node("z = Add r u").output("z").result(Map.of("u", new float[2]))).containsExactly(2, 3);
  }

  @Test
  void anExtremeOfNoIntegersIsTheTypesOwn() {
    Nets net = new Nets(20).input("u", 2).node("i = ReduceMax e", "keepdims", 0).node("c = Cast i", "to", 1).node("z = Add c u")
        .output("z");
    ReadOptions empty = ReadOptions.none().value("e", Array.integers(OnnxType.INT8, new int[] {0}));
    Imported read = net.input("e", 0).read(empty);
    assertThat(OnnxCase.run(read.graph(), read.parameters(), Map.of("u", new float[2])).get("z")).containsExactly(-128, -128);
  }

  @Test
  void anglesOfLargeTangentsAndHyperbolicFunctionsOfLargeNumbers() {
    float right = (float) (Math.PI / 2);
    for (float[] angles : new float[][] {of("Atan x", new float[] {1e30f, -INFINITY}), of("Asin x", new float[] {1, -1})}) {
      assertThat(angles[0]).isCloseTo(right, within(2 * Math.ulp(right)));
      assertThat(angles[1]).isEqualTo(-angles[0]);
    }
    float[] logarithms = of("Asinh x", new float[] {1e30f, -1e30f});
    float expected = (float) (Math.log(2) + 30 * Math.log(10));
    assertThat(logarithms[0]).isCloseTo(expected, within(2 * Math.ulp(expected)));
    assertThat(logarithms[1]).isEqualTo(-logarithms[0]);
  }
}
