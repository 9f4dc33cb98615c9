package dev.fovea.formats.onnx.constant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.formats.onnx.proto.OnnxAttribute;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.tensor.FoveaException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Arithmetic on shapes and weights, with ONNX's rules, and the limits on its results. */
class FoldingTest {
  private static List<Array> fold(String type, Map<String, OnnxAttribute> attributes, int outputs, Array... operands) {
    List<String> names = IntStream.range(0, outputs).mapToObj(i -> "y" + i).toList();
    OnnxNode node = new OnnxNode("n", type, List.of(), names, attributes);
    return Folding.fold(new Operation(node, 18, Arrays.asList(operands), new Limits(1000))).orElseThrow();
  }

  private static Array one(String type, Array... operands) {
    return fold(type, Map.of(), 1, operands).getFirst();
  }

  private static Array floats(double... values) {
    return Array.reals(OnnxType.FLOAT, new int[] {values.length}, values);
  }

  private static Array number(long value) {
    return Array.integers(OnnxType.INT64, new int[0], value);
  }

  @Test
  void integersAreExactAndDivisionCutsOff() {
    assertThat(one("Div", Array.vector(7, -7, 9007199254740993L), number(2)).integers()).containsExactly(3, -3,
        4503599627370496L);
    assertThat(one("Mod", Array.vector(7, -7), number(3)).integers()).containsExactly(1, 2);
    assertThatThrownBy(() -> one("Div", Array.vector(1), number(0))).isInstanceOf(FoveaException.class);
  }

  @Test
  void bytesWrapAround() {
    Array x = Array.integers(OnnxType.UINT8, new int[] {2}, 250, 3);
    assertThat(one("Add", x, Array.integers(OnnxType.UINT8, new int[] {1}, 10)).integers()).containsExactly(4, 13);
  }

  @Test
  void shapesAreComputed() {
    Array shape = one("Shape", Array.uniform(new int[] {2, 3, 4}, floats(0)));
    assertThat(shape.integers()).containsExactly(2, 3, 4);
    assertThat(one("Gather", shape, Array.vector(0, -1)).integers()).containsExactly(2, 4);
    assertThat(fold("Concat", Map.of("axis", new OnnxAttribute.IntValue(0)), 1, Array.vector(1), Array.vector(5, 6)).getFirst()
        .integers())
        .containsExactly(1, 5, 6);
    assertThat(one("ReduceProd", shape).integers()).containsExactly(24);
  }

  @Test
  void slicesWithNegativeStepsAndEndsBeyond() {
    Array x = Array.vector(0, 1, 2, 3, 4);
    assertThat(one("Slice", x, Array.vector(-1), Array.vector(Long.MIN_VALUE), Array.vector(0), Array.vector(-2)).integers())
        .containsExactly(4, 2, 0);
    assertThat(one("Slice", x, Array.vector(3), Array.vector(Long.MAX_VALUE)).integers()).containsExactly(3, 4);
    assertThat(one("Slice", x, Array.vector(9), Array.vector(10)).size()).isZero();
  }

  @Test
  void elementsAreMoved() {
    Array x = Array.vector(1, 2, 3, 4, 5, 6).reshaped(2, 3);
    assertThat(one("Transpose", x).integers()).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(one("Tile", x, Array.vector(1, 2)).integers()).containsExactly(1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6);
    assertThat(one("Expand", Array.vector(1, 2).reshaped(2, 1), Array.vector(2, 2)).integers()).containsExactly(1, 1, 2, 2);
    assertThat(fold("Split", Map.of("axis", new OnnxAttribute.IntValue(1)), 2, x, Array.vector(1, 2)).get(1).integers())
        .containsExactly(2, 3, 5, 6);
  }

  @Test
  void weightsAreDequantisedUnderTheirName() {
    Array q = Array.integers(OnnxType.INT8, new int[] {2, 2}, -3, 5, 7, 1).named("w");
    Array w = fold("DequantizeLinear", Map.of("axis", new OnnxAttribute.IntValue(0)), 1, q, floats(0.5, 2),
        Array.integers(OnnxType.INT8, new int[] {2}, 1, 0)).getFirst();
    assertThat(w.name()).isEqualTo("w");
    assertThat(new double[] {w.real(0), w.real(1), w.real(2), w.real(3)}).containsExactly(-2, 2, 14, 2);
  }

  @Test
  void halvesAreRoundedToEven() {
    assertThat(one("Round", floats(0.5, 1.5, -2.5)).real(1)).isEqualTo(2);
    assertThat(one("Round", floats(0.5, 1.5, -2.5)).real(2)).isEqualTo(-2);
    Array q = one("QuantizeLinear", floats(0.5, 1.5, 300), floats(1), Array.integers(OnnxType.UINT8, new int[0], 0));
    assertThat(q.integers()).containsExactly(0, 2, 255);
  }

  @Test
  void aSmallFileDoesNotAskForMuchMemory() {
    assertThatThrownBy(() -> one("Range", number(0), number(1L << 40), number(1))).isInstanceOf(FoveaException.class);
    assertThatThrownBy(() -> one("Expand", Array.vector(1, 2).reshaped(2, 1), Array.vector(2, 1 << 29)))
        .isInstanceOf(FoveaException.class);
    assertThatThrownBy(() -> one("ConstantOfShape", Array.vector(1L << 20, 1L << 20))).isInstanceOf(FoveaException.class);
    // equal elements take no memory until they are parameters
    assertThat(one("ConstantOfShape", Array.vector(1 << 14, 1 << 13)).size()).isEqualTo(1 << 27);
  }
}
