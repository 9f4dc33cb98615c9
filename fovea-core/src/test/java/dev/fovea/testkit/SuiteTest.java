package dev.fovea.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.graph.Op;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Tests of the suites: an engine that rounds must pass, a wrong one must fail. */
class SuiteTest {
  /** Rounds the outputs to float32. */
  private static final Engine ROUNDING = (graph, bound) -> changed(Engine.REFERENCE.run(graph, bound), v -> (float) v);

  /** Off by a hundredth of a percent everywhere. */
  private static final Engine WRONG = (graph, bound) -> changed(Engine.REFERENCE.run(graph, bound), v -> v * 1.0001 + 1e-9);

  private interface Change {
    double of(double value);
  }

  private static Map<String, double[]> changed(Map<String, double[]> outputs, Change change) {
    outputs.replaceAll((_, values) -> Arrays.stream(values).map(change::of).toArray());
    return outputs;
  }

  @Test
  @Tag("slow")
  void roundingToFloatPassesForFloat() {
    assertThat(failures(ParitySuite.operators(ROUNDING, Tolerance.FLOAT))).isEmpty();
    assertThat(failures(Stream.of(ParitySuite.network(ROUNDING, Tolerance.FLOAT, "mlp2")))).isEmpty();
    assertThat(failures(OpSuite.values(ROUNDING, Tolerance.FLOAT, OpCases.all()))).isEmpty();
    assertThat(failures(OpSuite.gradients(ROUNDING, Tolerance.FLOAT, OpCases.of(Op.Conv.class)))).isEmpty();
    assertThat(failures(OpSuite.random(ROUNDING, Tolerance.FLOAT, 50))).isEmpty();
  }

  @Test
  void roundingToFloatFailsTheExactTolerance() {
    assertThat(failures(ParitySuite.operators(ROUNDING, Tolerance.EXACT))).contains("conv_plain", "softmax_rows", "linear_bias");
    assertThat(failures(Stream.of(ParitySuite.network(ROUNDING, Tolerance.EXACT, "mlp1")))).contains("mlp1 layer by layer");
  }

  @Test
  void aWrongEngineFails() {
    assertThat(failures(ParitySuite.operators(WRONG, Tolerance.FLOAT))).contains("conv_plain", "softmax_rows", "linear_bias");
    assertThat(failures(Stream.of(ParitySuite.network(WRONG, Tolerance.FLOAT, "mlp1"))))
        .contains("mlp1 layer by layer", "mlp1 training");
    List<OpCase> cases = OpCases.of(Op.Relu.class);
    assertThat(failures(OpSuite.values(WRONG, Tolerance.FLOAT, cases))).hasSameSizeAs(cases);
  }

  @Test
  void nanIsNeverClose() {
    assertThatThrownBy(() -> Compare.values("y", new double[] {1, 2}, new double[] {1, Double.NaN}, 1e9))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("y at element 1 of 2: expected 2.0, got NaN");
    assertThatThrownBy(() -> Compare.value("loss", 1, Double.NaN, 1)).isInstanceOf(AssertionError.class);
    assertThatCode(() -> Compare.value("loss", Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY, 0)).doesNotThrowAnyException();
  }

  @Test
  void speedCasesHaveTheMultiplyAddsThatTheyReport() {
    assertThat(OpCases.speed().get(2).multiplyAdds()).isEqualTo(224L * 224 * 64 * 3 * 9);
    assertThat(OpCases.speed()).extracting(OpCase::name).doesNotHaveDuplicates();
  }

  /** The names of the tests that fail. */
  private static List<String> failures(Stream<? extends DynamicNode> nodes) {
    return nodes.flatMap(node -> tests("", node)).filter(SuiteTest::fails).map(Named::name).toList();
  }

  private record Named(String name, Executable test) {}

  private static boolean fails(Named named) {
    try {
      named.test.execute();
      return false;
    } catch (AssertionError e) {
      return true;
    } catch (Throwable e) {
      throw new IllegalStateException(named.name, e);
    }
  }

  private static Stream<Named> tests(String prefix, DynamicNode node) {
    return switch (node) {
      case DynamicTest test -> Stream.of(new Named(prefix + test.getDisplayName(), test.getExecutable()));
      case DynamicContainer container -> container.getChildren().flatMap(n -> tests(container.getDisplayName() + " ", n));
      default -> Stream.empty();
    };
  }
}
