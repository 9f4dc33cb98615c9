package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Op;
import dev.fovea.graph.Rewrite;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Operators, and the same spelt out in others: both give the same values. */
class SameValuesTest {
  /** Of the largest value: sums of up to a hundred products in float32, in another order. */
  private static final double TOLERANCE = 1e-5;

  /** The outputs y and z are equal. */
  private static void same(Nets net) {
    same(net, ReadOptions.none());
  }

  private static void same(Nets net, ReadOptions options) {
    Map<String, float[]> outputs = outputs(net.output("y", "z").read(options));
    float[] y = Objects.requireNonNull(outputs.get("y"));
    float[] z = Objects.requireNonNull(outputs.get("z"));
    double largest = 0;
    for (float value : z) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(largest).isPositive();
    assertThat(y).hasSameSizeAs(z);
    for (int i = 0; i < z.length; i++) {
      assertThat(y[i] / largest).as("element %d", i).isCloseTo(z[i] / largest, within(TOLERANCE));
    }
  }

  /** The outputs for inputs that their names seed. */
  private static Map<String, float[]> outputs(Imported net) {
    Map<String, float[]> inputs = new HashMap<>();
    for (Op.Input input : net.graph().inputs()) {
      inputs.put(input.name(), Nets.values(input.name(), input.shape().size()));
    }
    return OnnxCase.run(net.graph(), net.parameters(), inputs);
  }

  /** Scaled dot-product attention of q, k and v, each {@code [2, 5, 12]}, in three heads. */
  private static Nets heads(Nets net, String mask) {
    net.longs("split", 2, 5, 3, 4).longs("joined", 2, 5, 12).floats("half", Shape.of(), 0.5f);
    for (String part : new String[] {"q", "k", "v"}) {
      net.node(part + "4 = Reshape " + part + " split");
    }
    return net.node("qh = Transpose q4", "perm", new int[] {0, 2, 1, 3})
        .node("kh = Transpose k4", "perm", new int[] {0, 2, 3, 1}).node("vh = Transpose v4", "perm", new int[] {0, 2, 1, 3})
        .node("products = MatMul qh kh").node("scaled = Mul products half").node("scores = Add scaled " + mask)
        .node("weights = Softmax scores", "axis", -1).node("all = MatMul weights vh")
        .node("rows = Transpose all", "perm", new int[] {0, 2, 1, 3}).node("z = Reshape rows joined");
  }

  @Test
  void attentionOfOneProduct() {
    Nets net = new Nets(13).input("x", 2, 5, 8).weight("w", 8, 36).weight("b", 36).weight("mask", 1, 3, 5, 5)
        .node("y = com.microsoft.Attention x w b - - mask", "num_heads", 3)
        .node("xw = MatMul x w").node("sum = Add xw b").node("q,k,v = Split sum", "axis", 2);
    same(heads(net, "mask"));
  }

  @Test
  void attentionOfThreeProductsWithABiasForAll() {
    Nets net = new Nets(13).input("a", 2, 5, 12).input("c", 2, 5, 12).input("e", 2, 5, 12).weight("bias", 36)
        .floats("mask", Shape.of(5, 5), causal())
        .node("y = com.microsoft.MultiHeadAttention a c e bias", "num_heads", 3, "scale", 0.5f, "unidirectional", 1)
        .node("ba,bc,be = Split bias", "axis", 0).node("q = Add a ba").node("k = Add c bc").node("v = Add e be");
    same(heads(net, "mask"));
  }

  private static float[] causal() {
    float[] mask = new float[25];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % 5 > i / 5 ? -1e9f : 0;
    }
    return mask;
  }

  @Test
  void headsThatDoNotDivideAreRefused() {
    Nets net = new Nets(13).input("x", 2, 5, 8).weight("w", 8, 36)
        .node("y = com.microsoft.Attention x w", "num_heads", 5).output("y");
    assertThatThrownBy(net::read).isInstanceOf(FoveaException.class)
        .hasMessage("net.onnx: node 'n_y' (com.microsoft.Attention): expects heads that divide the last axis, got 5 of 2x5x12");
  }

  /** Bytes as floats, which the reader takes for integers. */
  private static Nets bytes(Nets net) {
    float[] bytes = new float[24];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = i * 37 % 255 - 127;
    }
    return net.floats("bytes", Shape.of(6, 4), bytes).node("w = Cast bytes", "to", 3)
        .floats("scale", Shape.of(4), 0.5f, 1, 2, 0.1f)
        .floats("zeros", Shape.of(4), 1, 2, 3, 4).node("zero = Cast zeros", "to", 3).weight("bias", 4);
  }

  @Test
  void productOfQuantisedRows() {
    same(bytes(new Nets(13).input("x", 3, 6))
        .node("y = com.microsoft.DynamicQuantizeMatMul x w scale zero bias")
        .node("q,s,o = DynamicQuantizeLinear x").node("sums = MatMulInteger q w o zero").node("real = Cast sums", "to", 1)
        .node("factors = Mul scale s").node("scaled = Mul real factors").node("z = Add scaled bias"));
  }

  @Test
  void productOfIntegersAsReals() {
    same(bytes(new Nets(13).input("x", 3, 6)).node("q,s,o = DynamicQuantizeLinear x")
        .node("y = com.microsoft.MatMulIntegerToFloat q w s scale o zero bias")
        .node("sums = MatMulInteger q w o zero").node("real = Cast sums", "to", 1)
        .node("factors = Mul scale s").node("scaled = Mul real factors").node("z = Add scaled bias"));
  }

  @Test
  void quantisedChoice() {
    same(new Nets(13).input("x", 3, 6).floats("o", Shape.of(), 0).node("which = Greater x o")
        .node("q,s,n = DynamicQuantizeLinear x")
        .floats("half", Shape.of(), 0.5f).node("r = Mul x half").node("q2,s2,n2 = DynamicQuantizeLinear r")
        .node("y = com.microsoft.QLinearWhere which q s n q2 s2 n2 s n")
        .node("d = DequantizeLinear q s n").node("d2 = DequantizeLinear q2 s2 n2").node("w = Where which d d2")
        .node("z = QuantizeLinear w s n"));
  }

  @Test
  void gridOfPixelCentresIsTheImage() {
    float[] grid = new float[40];
    for (int i = 0; i < 20; i++) {
      grid[2 * i] = (2 * (i % 5) + 1) / 5f - 1;
      grid[2 * i + 1] = (2 * (i / 5) + 1) / 4f - 1;
    }
    for (String mode : new String[] {"linear", "nearest", "cubic"}) {
      for (String padding : new String[] {"zeros", "border", "reflection"}) {
        same(new Nets(20).input("x", 1, 3, 4, 5).floats("grid", Shape.of(1, 4, 5, 2), grid).node("z = Identity x")
            .node("y = GridSample x grid", "mode", mode, "padding_mode", padding));
      }
    }
  }

  /** Half a pixel to the left of each centre: the mean of two neighbours, the first of which lies outside in the first column. */
  @Test
  void gridBetweenPixelsIsTheirMean() {
    float[] grid = new float[40];
    for (int i = 0; i < 20; i++) {
      grid[2 * i] = 2 * (i % 5) / 5f - 1;
      grid[2 * i + 1] = (2 * (i / 5) + 1) / 4f - 1;
    }
    String[][] pads = {{"zeros", "constant"}, {"border", "edge"}, {"reflection", "edge"}};
    for (String[] pad : pads) {
      same(new Nets(20).input("x", 1, 3, 4, 5).floats("grid", Shape.of(1, 4, 5, 2), grid)
          .node("y = GridSample x grid", "mode", "linear", "padding_mode", pad[0])
          .longs("left", 0, 0, 0, 1, 0, 0, 0, 0).node("p = Pad x left", "mode", pad[1])
          .longs("zero", 0).longs("five", 5).longs("axis", 3).node("before = Slice p zero five axis")
          .node("z = Mean before x"));
    }
  }

  @Test
  void affineGridOfTheIdentityKeepsTheImage() {
    for (int corners = 0; corners < 2; corners++) {
      same(new Nets(20).input("x", "N", 3, 4, 5).floats("map", Shape.of(1, 2, 3), 1, 0, 0, 0, 1, 0).node("size = Shape x")
          .node("grid = AffineGrid map size", "align_corners", corners).node("y = GridSample x grid", "align_corners", corners)
          .node("z = Identity x"), ReadOptions.none().shape("x", Shape.of(1, 3, 4, 5)));
    }
  }

  @Test
  void columnsOfAnImageGiveItBack() {
    same(new Nets(18).input("x", 2, 3, 4, 6).longs("parts", 2, 3, 2, 2, 3, 2).longs("columns", 2, 12, 6).longs("image", 4, 6)
        .longs("block", 2, 2).node("p = Reshape x parts").node("t = Transpose p", "perm", new int[] {0, 1, 3, 5, 2, 4})
        .node("c = Reshape t columns").node("y = Col2Im c image block", "strides", new int[] {2, 2}).node("z = Identity x"));
  }

  @Test
  void columnsThatAreNotTheWindowsOfTheImageAreRefused() {
    Nets net = new Nets(18).input("x", 2, 12, 6).longs("image", 4, 7).longs("block", 2, 2).node("y = Col2Im x image block")
        .output("y");
    assertThatThrownBy(net::read).isInstanceOf(FoveaException.class)
        .hasMessage("net.onnx: node 'n_y' (Col2Im): expects a column for each of [3, 6] windows, got 2x12x6");
  }

  @Test
  void updatesOfAnotherSizeAreRefused() {
    Nets net =
        new Nets(16).input("x", 4, 5).input("u", 2, 4).longs("flat", 1, 2).longs("block", 2, 1).node("at = Reshape flat block")
            .node("y = ScatterND x at u").output("y");
    assertThatThrownBy(net::read).isInstanceOf(FoveaException.class).hasMessageContaining("(ScatterND): expects updates for")
        .hasMessageEndingWith("got 2x4");
  }

  /** {@code x[:, 1:3, 2:] = updates}, where the positions are written out. */
  @Test
  void blockThatIsWrittenIsNotPickedElementByElement() {
    long[] positions = new long[2 * 2 * 3 * 3];
    for (int i = 0; i < 12; i++) {
      positions[3 * i] = i / 6;
      positions[3 * i + 1] = 1L + i / 3 % 2;
      positions[3 * i + 2] = 2L + i % 3;
    }
    Nets net = new Nets(16).input("x", 2, 4, 5).input("u", 2, 2, 3).longs("flat", positions).longs("block", 2, 2, 3, 3)
        .node("at = Reshape flat block").node("y = ScatterND x at u")
        .longs("zero", 0).longs("one", 1).longs("two", 2).longs("three", 3).longs("many", 9).longs("rows", 1)
        .node("top = Slice x zero one rows").node("middle = Slice x one three rows").node("bottom = Slice x three many rows")
        .node("left = Slice middle zero two two").node("band = Concat left u", "axis", 2)
        .node("z = Concat top band bottom", "axis", 1);
    same(net);
    assertThat(net.read().graph().nodes()).noneMatch(node -> node.op() instanceof Op.Gather);
  }

  @Test
  void blockThatEndsBeyondItsAxisIsRefused() {
    Nets net = new Nets(16).input("x", 4).input("u", 2).longs("flat", 3, 4).longs("block", 2, 1).node("at = Reshape flat block")
        .node("y = ScatterND x at u").output("y");
    assertThatThrownBy(net::read).isInstanceOf(FoveaException.class)
        .hasMessage("net.onnx: node 'n_y' (ScatterND): writes to index 4 of axis 0, whose size is 4");
  }

  @Test
  void eachImageHasItsOwnPositions() {
    Nets net = new Nets(13).input("scores", 2, 7).input("x", 2, 7, 3).longs("k", 4).longs("last", 2).longs("all", 2, 4, 3)
        .node("best,i = TopK scores k").node("at = Unsqueeze i last").node("y = GatherND x at", "batch_dims", 1)
        .node("e = Expand at all").node("z = GatherElements x e", "axis", 1);
    same(net);
    assertThat(Rewrite.withBatch(net.read().graph(), 5).outputShape("y")).isEqualTo(Shape.of(5, 4, 3));
  }
}
