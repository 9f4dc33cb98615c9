package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.formats.onnx.proto.OnnxAttribute;
import dev.fovea.formats.onnx.proto.OnnxGraph;
import dev.fovea.formats.onnx.proto.OnnxModel;
import dev.fovea.formats.onnx.proto.OnnxNode;
import dev.fovea.formats.onnx.proto.OnnxTensor;
import dev.fovea.formats.onnx.proto.OnnxType;
import dev.fovea.formats.onnx.proto.OnnxValue;
import dev.fovea.tensor.FoveaException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Small files that ask for gigabytes: equal elements take no memory until an operator writes them out one by one. */
class SmallFilesTest {
  private static final long MANY = 1 << 28;
  private static final long HUGE = Integer.MAX_VALUE;

  /** A file with an input x of those sizes, and c, which is many zeros. */
  private static void refused(String message, List<Long> sizes, OnnxNode node) {
    OnnxNode zeros = new OnnxNode("", "ConstantOfShape", List.of("size"), List.of("c"), Map.of());
    OnnxValue x = new OnnxValue("x", OnnxType.FLOAT, sizes.stream().<OnnxValue.Dim>map(OnnxValue.Dim.Size::new).toList());
    OnnxGraph graph =
        new OnnxGraph("g", List.of(zeros, node), List.of(OnnxTensor.longs("size", MANY), OnnxTensor.longs("one", 1),
            OnnxTensor.longs("scalar", List.of(), 1), OnnxTensor.longs("two", 1, 2),
            OnnxTensor.longs("matrix", List.of(1, 1), 1)),
            List.of(x), List.of(new OnnxValue("y", OnnxType.FLOAT, List.of())), List.of());
    OnnxModel model = new OnnxModel(8, "", Map.of("", 18L), graph, List.of(), Map.of());
    assertThatThrownBy(() -> OnnxReader.read(model, "f", ReadOptions.none())).isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("f: ").hasMessageContaining(message);
  }

  private static OnnxNode node(String type, String... inputs) {
    return new OnnxNode("n", type, List.of(inputs), List.of("y"), Map.of());
  }

  @Test
  void shapeOfManyElements() {
    refused("expects at most 4194304 elements that are all equal, got FLOAT of 268435456", List.of(1L, 4L),
        node("Expand", "x", "c"));
  }

  @Test
  void splitHasAsManyOutputsAsItSays() {
    OnnxNode split =
        new OnnxNode("n", "Split", List.of("x"), List.of("y"), Map.of("num_outputs", new OnnxAttribute.IntValue(HUGE)));
    refused("has 1 outputs, num_outputs is 2147483647", List.of(1L, 4L), split);
  }

  @Test
  void indicesAlongALongAxis() {
    refused("needs 2147483647 constant numbers, which is too large", List.of(1L, HUGE), node("Hardmax", "x"));
  }

  @Test
  void picksAlongALongAxis() {
    String message = "needs 16777216 indices; this file may need 262144 in all";
    refused(message, List.of(1L, 1L << 24), node("GroupNormalization", "x", "one", "one"));
    refused(message, List.of(1L, 1L << 24, 1L, 1L),
        new OnnxNode("n", "LRN", List.of("x"), List.of("y"), Map.of("size", new OnnxAttribute.IntValue(4))));
    refused(message, List.of(1L, 1L << 24), new OnnxNode("n", "ArgMax", List.of("x"), List.of("y"),
        Map.of("axis", new OnnxAttribute.IntValue(1), "select_last_index", new OnnxAttribute.IntValue(1))));
  }

  @Test
  void reductionOfManyElements() {
    refused("computes constants that are much larger than the file", List.of(1L, 4L), node("ReduceMax", "c"));
  }

  /** Many rows of no element. */
  @Test
  void reductionOfAnEmptyArray() {
    OnnxNode zeros = new OnnxNode("", "ConstantOfShape", List.of("size"), List.of("c"), Map.of());
    OnnxNode sum = new OnnxNode("n", "ReduceSum", List.of("c", "one"), List.of("y"), Map.of());
    OnnxGraph graph =
        new OnnxGraph("g", List.of(zeros, sum), List.of(OnnxTensor.longs("size", MANY, 0), OnnxTensor.longs("one", 1)),
            List.of(), List.of(new OnnxValue("y", OnnxType.FLOAT, List.of())), List.of());
    OnnxModel model = new OnnxModel(8, "", Map.of("", 18L), graph, List.of(), Map.of());
    assertThatThrownBy(() -> OnnxReader.read(model, "f", ReadOptions.none())).isInstanceOf(FoveaException.class)
        .hasMessageStartingWith("f: ").hasMessageContaining("computes constants that are much larger than the file");
  }

  @Test
  void quantisedConstantOfManyElements() {
    refused("computes constants that are much larger than the file", List.of(1L, 4L), node("DequantizeLinear", "c", "c"));
    refused("computes constants that are much larger than the file", List.of(1L, 4L), node("QuantizeLinear", "c", "one"));
  }

  @Test
  void operandsOfTooFewAxes() {
    refused("0-D windows are not supported, 1-D and 2-D ones are", List.of(1L, 1L), node("Conv", "x", "matrix"));
    refused("expects", List.of(1L),
        new OnnxNode("n", "LRN", List.of("x"), List.of("y"), Map.of("size", new OnnxAttribute.IntValue(4))));
    refused("expects images unless it has axes, got 1", List.of(1L), node("MeanVarianceNormalization", "x"));
    refused("expects one zero point, or one for each slice of axis -1", List.of(1L, 4L),
        node("MatMulInteger", "x", "scalar", "", "two"));
    refused("expects", List.of(1L, 4L), node("ConvInteger", "scalar", "x", "scalar"));
  }
}
