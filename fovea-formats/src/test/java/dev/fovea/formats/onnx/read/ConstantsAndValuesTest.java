package dev.fovea.formats.onnx.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * An operator on constants is evaluated as the file is read, on values it becomes a part of the graph: two implementations, which must
 * agree.
 */
class ConstantsAndValuesTest {
  /** Of values up to some ten, in float32 on one side and in double, rounded once, on the other. */
  private static final float TOLERANCE = 1e-5f;

  private static final int OPSET = 18;

  /** A node with its attributes; its operands are x of 2 x 3 x 4, y of 3 x 1, and the constants of {@link #net}. */
  private record Case(String node, Object... attributes) {
    @Override
    public String toString() {
      return node + " " + Stream.of(attributes).map(a -> a instanceof int[] list ? Arrays.toString(list) : a.toString()).toList();
    }
  }

  private static Case of(String node, Object... attributes) {
    return new Case(node, attributes);
  }

  private static final List<Case> CASES = List.of(
      of("z = Neg x"), of("z = Abs x"), of("z = Sign x"), of("z = Exp x"), of("z = Floor x"), of("z = Ceil x"), of("z = Round x"),
      of("z = Sin x"), of("z = Cos x"),
      of("z = Tanh x"), of("z = Sigmoid x"), of("z = Relu x"),
      of("z = Reciprocal x"), of("z = Identity x"),
      of("z = Add x y"), of("z = Sub x y"), of("z = Mul x y"), of("z = Div x y"), of("z = Max x y y"), of("z = Min x y"),
      of("z = Sum x y x"), of("z = Mean x y"), of("z = Mod x y", "fmod", 1), of("z = Pow x two"), of("z = Clip x low high"),
      of("b = Less x y;z = Where b x y"), of("b = Greater x y;z = Where b x y"), of("b = Equal x x;z = Where b y x"),
      of("b = LessOrEqual x y;z = Where b x y"), of("b = GreaterOrEqual x y;n = Not b;z = Where n x y"),
      of("a = Less x y;b = Less y x;o = Or a b;z = Where o x y"), of("a = Less x y;b = Less x x;o = Xor a b;z = Where o x y"),
      of("a = Less x y;b = Less x two;o = And a b;z = Where o x y"),
      of("z = ReduceSum x axes"), of("z = ReduceSum x axes", "keepdims", 0), of("z = ReduceMean x axes"),
      of("z = ReduceMax x axes"),
      of("z = ReduceMin x axes"), of("z = ReduceProd x axes"), of("z = ReduceL1 x axes"), of("z = ReduceL2 x axes"),
      of("z = ReduceSumSquare x axes"), of("z = ReduceLogSumExp x axes"), of("e = Exp x;z = ReduceLogSum e axes"),
      of("z = ReduceSum x", "keepdims", 0), of("z = ArgMax x", "axis", 1), of("z = ArgMin x", "axis", -1, "keepdims", 0),
      of("z = CumSum x one"), of("z = CumSum x one", "exclusive", 1), of("z = CumSum x one", "reverse", 1),
      of("z = CumSum x one", "reverse", 1, "exclusive", 1),
      of("z = Transpose x"), of("z = Transpose x", "perm", new int[] {1, 0, 2}), of("z = Concat x x", "axis", -1),
      of("z = Slice x starts ends axes"), of("z = Slice x ends starts axes steps"), of("p,z = Split x halves", "axis", 2),
      of("z,p = Split x", "axis", 2, "num_outputs", 2), of("z = Gather x picks", "axis", 2), of("z = Gather x picks", "axis", -2),
      of("z = Expand y shape"), of("z = Tile x repeats"), of("z = Pad x pads"), of("z = Pad x pads two"),
      of("z = Pad x pads", "mode", "edge"), of("z = Pad x pads", "mode", "reflect"), of("z = Pad x pads", "mode", "wrap"),
      of("z = Pad x few two axes"), of("z = Trilu x"), of("z = Trilu x", "upper", 0),
      of("z = Trilu x one"), of("z = Reshape x flat"), of("z = Flatten x", "axis", 2), of("z = Unsqueeze x axes"),
      of("z = Squeeze y last"),
      of("z = GatherElements x inner", "axis", 2), of("z = GatherND x places"), of("z = ScatterND x places updates"),
      of("z = ScatterElements x inner small", "axis", 2), of("z = EyeLike square"), of("z = Cast x", "to", 6),
      of("z = MatMul x wide"), of("z = Einsum x wide", "equation", "abc,cd->abd"));

  @TestFactory
  Stream<DynamicTest> agree() {
    return CASES.stream().map(test -> DynamicTest.dynamicTest(test.toString(), () -> {
      float[] constant = result(test, true);
      float[] computed = result(test, false);
      assertThat(computed).hasSameSizeAs(constant);
      for (int i = 0; i < constant.length; i++) {
        assertThat(computed[i]).as("element %d", i).isCloseTo(constant[i],
            within(TOLERANCE * Math.max(1, Math.abs(constant[i]))));
      }
    }));
  }

  private static float[] result(Case test, boolean constant) {
    Nets net = net(constant);
    String[] nodes = test.node.split(";", -1);
    for (int i = 0; i < nodes.length; i++) {
      net.node(nodes[i], i == nodes.length - 1 ? test.attributes : new Object[0]);
    }
    Imported read = net.output("z").read();
    if (constant && !test.node.contains("MatMul") && !test.node.contains("Einsum")) {
      assertThat(read.graph().nodes()).as("evaluated").allMatch(node -> node.inputs().isEmpty());
    }
    Map<String, float[]> inputs = new HashMap<>();
    read.graph().inputs().forEach(input -> inputs.put(input.name(), Nets.values(input.name(), input.shape().size())));
    return Objects.requireNonNull(OnnxCase.run(read.graph(), read.parameters(), inputs).get("z"));
  }

  private static Nets net(boolean constant) {
    Nets net = new Nets(OPSET);
    if (constant) {
      net.weight("x", 2, 3, 4).weight("y", 3, 1).weight("square", 4, 4).weight("updates", 2, 4).weight("small", 2, 3, 2);
    } else {
      net.input("x", 2, 3, 4).input("y", 3, 1).input("square", 4, 4).input("updates", 2, 4).input("small", 2, 3, 2);
    }
    return net.weight("wide", 4, 5).floats("two", Shape.of(), 2).floats("low", Shape.of(), -0.5f)
        .floats("high", Shape.of(), 0.25f)
        .longs("axes", 0, 2).longs("one", 1).longs("last", 1).longs("starts", 0, 1).longs("ends", 2, -1).longs("steps", -1, -1)
        .longs("halves", 1, 3).longs("picks", -1, 0, 1).longs("shape", 2, 3, 4).longs("repeats", 1, 2, 3)
        .longs("pads", 0, 1, 2, 1, 0, 1).longs("few", 1, -1, 0, 2).longs("flat", 0, -1)
        .longs("placeList", 1, 2, 0, 0).longs("placeShape", 2, 2).node("places = Reshape placeList placeShape")
        .longs("innerList", 3, 1, 0, 2, 1, 0, -1, 2, 2, 3, 0, 1).longs("innerShape", 2, 3, 2)
        .node("inner = Reshape innerList innerShape");
  }

  /** Those that are only a part of the graph, against their definitions. */
  @Test
  void activations() {
    activation("Softsign", v -> v / (1 + Math.abs(v)));
    activation("Elu", v -> v > 0 ? v : 0.5 * Math.expm1(v), "alpha", 0.5f);
    activation("Selu", v -> 1.050701 * (v > 0 ? v : 1.6732632 * Math.expm1(v)));
    activation("Celu", v -> v > 0 ? v : 2 * Math.expm1(v / 2), "alpha", 2f);
    activation("HardSigmoid", v -> Math.clamp(0.2 * v + 0.5, 0, 1));
    activation("HardSwish", v -> v * Math.clamp(v / 6 + 0.5, 0, 1));
    activation("Mish", v -> v * Math.tanh(Math.log1p(Math.exp(v))));
    activation("Gelu", v -> 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v))), "approximate",
        "tanh");
    activation("ThresholdedRelu", v -> v > 0.3f ? v : 0, "alpha", 0.3f);
    activation("Shrink", v -> v < -0.4f ? v + 0.1f : v > 0.4f ? v - 0.1f : 0, "lambd", 0.4f, "bias", 0.1f);
    activation("LeakyRelu", v -> v < 0 ? v * -0.5 : v, "alpha", -0.5f);
    activation("Swish", v -> v / (1 + Math.exp(-1.5 * v)), "alpha", 1.5f);
    activation("Softplus", v -> Math.log1p(Math.exp(v)));
    activation("Tan", Math::tan);
    activation("Asin", Math::asin);
    activation("Acos", Math::acos);
    activation("Atan", Math::atan);
    activation("Sinh", Math::sinh);
    activation("Cosh", Math::cosh);
    activation("Asinh", v -> Math.signum(v) * Math.log(Math.abs(v) + Math.sqrt(v * v + 1)));
    activation("Atanh", v -> 0.5 * Math.log((1 + v) / (1 - v)));
    activation("com.microsoft.QuickGelu", v -> v / (1 + Math.exp(-1.702f * v)));
  }

  private static void activation(String type, DoubleUnaryOperator definition, Object... attributes) {
    float[] x = Nets.values("x", 60);
    float[] z = new Nets(OPSET).input("x", 1, 3, 4, 5).node("z = " + type + " x", attributes).output("z").result(Map.of("x", x));
    for (int i = 0; i < x.length; i++) {
      assertThat((double) z[i]).as("%s of %s", type, x[i]).isCloseTo(definition.applyAsDouble(x[i]), within(2e-6));
    }
  }

  /** Sums over the axes of an equation that the result lacks. */
  @Test
  void einsum() {
    float[] a = Nets.values("a", 2 * 3 * 4);
    float[] b = Nets.values("b", 2 * 4 * 5);
    Nets net = new Nets(OPSET).input("a", 2, 3, 4).input("b", 2, 4, 5);
    float[] z = net.node("z = Einsum a b", "equation", "nik,nkj->jni").output("z").result(Map.of("a", a, "b", b));
    for (int n = 0; n < 2; n++) {
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 5; j++) {
          double sum = 0;
          for (int k = 0; k < 4; k++) {
            sum += (double) a[(n * 3 + i) * 4 + k] * b[(n * 4 + k) * 5 + j];
          }
          assertThat((double) z[(j * 2 + n) * 3 + i]).isCloseTo(sum, within(1e-6));
        }
      }
    }
    float[] total =
        new Nets(OPSET).input("a", 2, 3, 4).node("z = Einsum a", "equation", "...k->...").output("z").result(Map.of("a", a));
    assertThat(total).hasSize(6);
    assertThat(total[5]).isCloseTo(a[20] + a[21] + a[22] + a[23], within(1e-6f));
  }

  /** Selections whose results are integers. */
  @Test
  void topK() {
    Nets net = new Nets(OPSET).input("x", 2, 5).longs("k", 2).node("v,i = TopK x k", "axis", 1).output("v", "i");
    Map<String, float[]> z = net.run(Map.of("x", new float[] {3, 1, 5, 2, 4, 0, -1, 7, 7, 2}));
    assertThat(z.get("v")).containsExactly(5, 4, 7, 7);
    assertThat(z.get("i")).containsExactly(2, 4, 2, 3);
    assertThat(net.read().graph().nodes()).anyMatch(node -> node.op() instanceof Op.TopK);
    Nets least = new Nets(OPSET).input("x", 2, 5).longs("k", 1).node("v,i = TopK x k", "axis", -1, "largest", 0).output("v", "i");
    assertThat(least.run(Map.of("x", new float[] {3, 1, 5, 2, 4, 0, -1, 7, 7, 2})).get("i")).containsExactly(1, 1);
  }
}
