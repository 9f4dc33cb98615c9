package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Quantised operators where scales and zeros are several, or none can be told from the values. */
class QuantisedEdgesTest {
  private static final float[] A = {1, 2, 3, 4, 5, 6};
  private static final float[] B = {1, 0, 2, 0, 1, 2};

  private static float[] result(Nets net, Map<String, float[]> inputs) {
    return net.result(inputs);
  }

  @Test
  void theLeftFactorHasAZeroForEachRow() {
    // [1 2 3; 4 5 6] minus (1, 2), times [1 0; 2 0; 1 2] minus (0, 1)
    float[] expected = {4, 1, 12, -1};
    for (Shape rows : new Shape[] {Shape.of(2), Shape.of(2, 1)}) {
      Nets computed = new Nets(17).input("a", 2, 3).floats("b", Shape.of(3, 2), B).floats("p", rows, 1, 2)
          .floats("q", Shape.of(2), 0, 1).node("y = MatMulInteger a b p q").output("y");
      assertThat(result(computed, Map.of("a", A))).containsExactly(expected);
      Nets constant = new Nets(17).input("b", 3, 2).floats("a", Shape.of(2, 3), A).floats("p", rows, 1, 2)
          .floats("q", Shape.of(2), 0, 1).node("y = MatMulInteger a b p q").output("y");
      assertThat(result(constant, Map.of("b", B))).containsExactly(expected);
    }
  }

  @Test
  void theLeftFactorHasAScaleForEachRow() {
    Nets net = new Nets(17).input("a", 2, 3).floats("b", Shape.of(3, 2), B).floats("s", Shape.of(2), 1, 10)
        .floats("t", Shape.of(2), 1, 100).floats("u", Shape.of(), 1).node("p = Constant", "value_float", 0f)
        .node("z = Cast p", "to", OnnxType.INT16.number())
        .node("y = QLinearMatMul a s z b t z u z").output("y");
    assertThat(result(net, Map.of("a", A))).containsExactly(8, 600, 200, 12000);
  }

  /** In exact arithmetic 0.1 * 0.1 / 0.02 times an odd number is half of a step; as floats the factor is a little more. */
  @Test
  void theScalesOfAProductAreOneFactor() {
    Nets net = new Nets(17).input("a", 3, 1).floats("b", Shape.of(1, 1), 1).floats("s", Shape.of(), 0.1f)
        .floats("u", Shape.of(), 0.02f).node("h = Constant", "value_float", 0f).node("z = Cast h", "to", OnnxType.UINT8.number())
        .node("y = QLinearMatMul a s z b s z u z").output("y");
    assertThat(result(net, Map.of("a", new float[] {5, 17, 25}))).containsExactly(3, 9, 13);
  }

  @Test
  void zerosAloneHaveTheScaleOne() {
    Nets net = new Nets(17).input("x", 2, 2).node("q,s,z = DynamicQuantizeLinear x").output("q", "s", "z");
    Map<String, float[]> results = net.run(Map.of("x", new float[4]));
    assertThat(results.get("q")).containsExactly(0, 0, 0, 0);
    assertThat(results.get("s")).containsExactly(1);
    assertThat(results.get("z")).containsExactly(0);
  }

  /** Where the sum is half of a step, roundings decide: those of the spelt out form, which are ONNX Runtime's. */
  @Test
  void aSumOfBytesIsThatOfItsSpeltOutForm() {
    float[] bytes = new float[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = i;
    }
    for (float scale : new float[] {0.03f, 0.017f, 0.05f}) {
      Map<String, float[]> inputs = Map.of("x", bytes);
      assertThat(result(sum(scale).node("y = com.microsoft.QLinearAdd q s z q t z t z").output("y"), inputs))
          .containsExactly(result(sum(scale).node("a = DequantizeLinear q s z").node("b = DequantizeLinear q t z")
              .node("c = Add a b").node("y = QuantizeLinear c t z").output("y"), inputs));
    }
  }

  @Test
  void aPoolOfBytesWithChannelsLastIsPaddedAlongItsHeightAndWidth() {
    // windows of two of four rows need no padding
    Nets net = new Nets(17).input("x", 1, 4, 1, 2).floats("s", Shape.of(), 1).node("h = Constant", "value_float", 0f)
        .node("z = Cast h", "to", OnnxType.UINT8.number()).node("q = Cast x", "to", OnnxType.UINT8.number())
        .node("y = com.microsoft.QLinearAveragePool q s z s z", "channels_last", 1, "kernel_shape", new int[] {2, 1}, "strides",
            new int[] {2, 1}, "auto_pad", "SAME_LOWER")
        .output("y");
    assertThat(result(net, Map.of("x", new float[] {1, 10, 3, 30, 5, 50, 7, 70})))
        .containsExactly(2, 20, 6, 60);
  }

  @Test
  void formsThatAreNotSupportedAreRefused() {
    Nets net = new Nets(17).input("x", 2, 2, 2);
    assertThatThrownBy(() -> net.node("y = com.microsoft.FusedMatMul x x", "transBatchA", 1).output("y").read())
        .isInstanceOf(FoveaException.class).hasMessageContaining("'n_y' (com.microsoft.FusedMatMul): batches inside of matrices");
    Nets old = new Nets(17).input("x", 2, 2, 2).floats("s", Shape.of(), 1).node("q = Cast x", "to", OnnxType.UINT8.number());
    assertThatThrownBy(() -> old.node("y = com.microsoft.QLinearSoftmax q s - s", "axis", 1, "opset", 12).output("y").read())
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("'n_y' (com.microsoft.QLinearSoftmax): a softmax along several axes");
  }

  private static Nets sum(float scale) {
    return new Nets(17).input("x", 256).floats("s", Shape.of(), scale).floats("t", Shape.of(), 0.05f)
        .node("h = Constant", "value_float", 117f).node("z = Cast h", "to", OnnxType.UINT8.number())
        .node("q = Cast x", "to", OnnxType.UINT8.number());
  }
}
