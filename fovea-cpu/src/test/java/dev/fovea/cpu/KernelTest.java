package dev.fovea.cpu;

import dev.fovea.cpu.kernel.Layout;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Precision;
import dev.fovea.graph.Value;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.BackendEngine;
import dev.fovea.testkit.Compare;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.OpCase;
import dev.fovea.testkit.OpCases;
import dev.fovea.testkit.OpSuite;
import dev.fovea.testkit.ParityRule;
import dev.fovea.testkit.ParitySuite;
import dev.fovea.testkit.SameBits;
import dev.fovea.testkit.Tolerance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Compares every kernel with the reference and with PyTorch, and the vector kernels with the scalar ones bit for bit. */
class KernelTest {
  private static final int RANDOM_CASES = 150;

  private final BackendEngine scalar = new BackendEngine(new ScalarBackend(), 1);
  private final BackendEngine nchw16n = new BackendEngine(new VectorBackend(Layout.NCHW16N), 2);
  private final BackendEngine nchw16c = new BackendEngine(new VectorBackend(Layout.NCHW16C), 3);

  @TestFactory
  Stream<DynamicTest> scalarKernelsMatchTheReference() {
    return Stream.concat(
        OpSuite.values(scalar, Tolerance.FLOAT, OpCases.all()), OpSuite.gradients(scalar, Tolerance.FLOAT, OpCases.forward()));
  }

  @TestFactory
  @Tag("slow")
  Stream<DynamicTest> vectorKernelsMatchTheReference() {
    return Stream.of(nchw16n, nchw16c)
        .flatMap(
            vector -> Stream.concat(
                OpSuite.values(vector, Tolerance.FLOAT, OpCases.all()),
                OpSuite.gradients(vector, Tolerance.FLOAT, OpCases.forward())));
  }

  @TestFactory
  @Tag("slow")
  Stream<DynamicTest> winogradKernelsMatchTheReference() {
    return Stream.of(scalar, nchw16n, nchw16c)
        .flatMap(
            engine -> Stream.concat(
                OpSuite.values(engine, Tolerance.WINOGRAD, OpCases.winograd()),
                OpSuite.gradients(engine, Tolerance.WINOGRAD, OpCases.winograd())));
  }

  @TestFactory
  @Tag("slow")
  Stream<DynamicTest> exactPrecisionUsesNoWinograd() {
    BackendEngine exact = new BackendEngine(new VectorBackend().with(Precision.EXACT), 2);
    return Stream.concat(
        OpSuite.values(exact, Tolerance.FLOAT, OpCases.winograd()),
        OpSuite.gradients(exact, Tolerance.FLOAT, OpCases.winograd()));
  }

  @TestFactory
  Stream<DynamicTest> randomCases() {
    return Stream.of(nchw16n, nchw16c).flatMap(vector -> OpSuite.random(vector, Tolerance.FLOAT, RANDOM_CASES));
  }

  @TestFactory
  Stream<DynamicTest> operatorsMatchPyTorch() {
    return Stream.of(scalar, nchw16n, nchw16c).flatMap(engine -> ParitySuite.operators(engine, Tolerance.FLOAT));
  }

  @TestFactory
  @Tag("slow")
  Stream<DynamicNode> networksMatchPyTorch() {
    return Stream.of(scalar, nchw16n, nchw16c).flatMap(engine -> ParitySuite.networks(engine, Tolerance.FLOAT));
  }

  @TestFactory
  Stream<DynamicTest> allBackendsGiveTheSameBits() {
    List<OpCase> cases = new ArrayList<>(OpCases.all());
    cases.addAll(OpCases.winograd());
    cases.addAll(OpCases.edges());
    cases.addAll(OpCases.random(OpCases.seed(), RANDOM_CASES));
    return cases.stream().map(c -> DynamicTest.dynamicTest(c.name(), () -> SameBits.check(c, scalar, List.of(nchw16n, nchw16c))));
  }

  /** An error in a statistic would be the same at every position of a map: later layers would accumulate it, not average it out. */
  @Test
  void statisticsOfLargeMapsAreWithinOneUlp() {
    Shape shape = Shape.of(2, 3, 224, 224);
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", shape);
    Value mean = g.op(new Op.BatchMean(), x);
    g.output("mean", mean);
    g.output("variance", g.op(new Op.BatchVariance(), x, mean));
    Graph graph = g.build();
    Map<String, double[]> values = Map.of("x", ParityRule.values("unit", "x", shape));
    Map<String, double[]> expected = Engine.REFERENCE.run(graph, values);
    for (BackendEngine engine : List.of(scalar, nchw16n, nchw16c)) {
      engine.run(graph, values)
          .forEach((name, got) -> {
            double[] exact = Compare.output(expected, name);
            Compare.values(name, exact, got, Math.ulp((float) Compare.largest(exact)));
          });
    }
  }
}
