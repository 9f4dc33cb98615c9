package dev.fovea.testkit;

import dev.fovea.graph.Graph;
import dev.fovea.graph.Node;
import dev.fovea.graph.Op;
import dev.fovea.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * An engine against the reference, operator by operator: {@link #values} and {@link #gradients} over declared or random cases. A
 * tolerance grows with the root of the number of terms that one element sums.
 */
public final class OpSuite {
  /** The distance of neighbouring floats between 1 and 2. */
  private static final double FLOAT_UNIT = 0x1p-23;

  private static final double[] ONE = {1};

  private OpSuite() {}

  /** Each case alone, its weights given as inputs and, where it may have weights, as parameters. */
  public static Stream<DynamicTest> values(Engine engine, Tolerance tolerance, List<OpCase> cases) {
    return cases.stream()
        .map(
            c -> DynamicTest.dynamicTest(
                c.name(),
                () -> {
                  compare(engine, tolerance, c, c.graph());
                  if (c.mayHaveParameters()) {
                    compare(engine, tolerance, c, c.graphWithParameters());
                  }
                }));
  }

  /** Each case with the gradients of its operands, in the same two forms. */
  public static Stream<DynamicTest> gradients(Engine engine, Tolerance tolerance, List<OpCase> cases) {
    return cases.stream()
        .filter(OpCase::hasGradients)
        .map(
            c -> DynamicTest.dynamicTest(
                c.name(),
                () -> {
                  compare(engine, tolerance, c, c.gradients());
                  if (c.mayHaveParameters()) {
                    compare(engine, tolerance, c, c.gradientsWithParameters());
                  }
                }));
  }

  /** Random cases of values and gradients; the seed is in each test's name. Set it with {@code -Dfovea.seed}. */
  public static Stream<DynamicTest> random(Engine engine, Tolerance tolerance, int count) {
    long seed = OpCases.seed();
    return OpCases.random(seed, count).stream()
        .map(
            c -> DynamicTest.dynamicTest(
                "-D" + OpCases.SEED + "=" + seed + " " + c.name(),
                () -> {
                  compare(engine, tolerance, c, c.hasGradients() ? c.gradients() : c.graph());
                  if (c.mayHaveParameters()) {
                    compare(engine, tolerance, c, c.gradientsWithParameters());
                  }
                }));
  }

  /** One case with the gradients of its operands, its weights given as parameters where it may have some. */
  public static void check(Engine engine, Tolerance tolerance, OpCase c) {
    compare(engine, tolerance, c, c.mayHaveParameters() ? c.gradientsWithParameters() : c.gradients());
  }

  private static void compare(Engine engine, Tolerance tolerance, OpCase c, Graph graph) {
    Map<String, double[]> bound = c.values();
    Map<String, double[]> expected = Engine.REFERENCE.run(graph, bound);
    Map<String, double[]> got = engine.run(graph, bound);
    double terms = terms(graph);
    double throughResult =
        tolerance.value() < FLOAT_UNIT ? 0 : throughResult(graph) * Compare.largest(bound.getOrDefault(OpCase.UPSTREAM, ONE));
    double operand = terms <= 1 ? 0 : bound.values().stream().mapToDouble(Compare::largest).max().orElse(0);
    expected.forEach(
        (name, values) -> {
          double scale = Math.max(Compare.largest(values), operand * Math.sqrt(terms));
          double allowed = tolerance.ofValue(0, scale) * (1 + Math.sqrt(terms) / 4) + throughResult;
          Compare.values(c + ": " + name, values, Compare.output(got, name), allowed);
        });
  }

  /**
   * Some gradients are written in terms of the result, which is rounded to a unit of 1: where it saturates, the derivative keeps
   * that unit, times what came in; the softmaxes add one for each class.
   */
  private static double throughResult(Graph graph) {
    double units = 0;
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case Op.SigmoidGrad _, Op.TanhGrad _ -> units = Math.max(units, 1);
        case Op.SoftmaxGrad(int axis) -> units = Math.max(units, node.shape().dim(axis));
        case Op.LogSoftmaxGrad(int axis) -> units = Math.max(units, node.shape().dim(axis));
        default -> {
        }
      }
    }
    return units * FLOAT_UNIT;
  }

  /** The maximum number of terms that an element of any node sums. */
  private static double terms(Graph graph) {
    double maximum = 1;
    for (Node node : graph.nodes()) {
      List<Shape> in = node.inputs().stream().map(v -> graph.at(v).shape()).toList();
      maximum = Math.max(maximum, (double) OpCase.multiplyAdds(node.op(), in, node.shape()) / node.shape().size());
    }
    return maximum;
  }
}
