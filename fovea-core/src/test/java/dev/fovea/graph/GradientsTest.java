package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Compare;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.FiniteDifferences;
import dev.fovea.testkit.OpCase;
import dev.fovea.testkit.OpCases;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class GradientsTest {
  @TestFactory
  @Tag("slow")
  Stream<DynamicTest> declaredCasesAgreeWithFiniteDifferences() {
    return OpCases.forward().stream()
        .filter(OpCase::differentiable)
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> agrees(c)));
  }

  @TestFactory
  Stream<DynamicTest> randomCasesAgreeWithFiniteDifferences() {
    long seed = OpCases.seed();
    return OpCases.random(seed, 100).stream()
        .filter(OpCase::differentiable)
        .map(c -> DynamicTest.dynamicTest("-D" + OpCases.SEED + "=" + seed + " " + c.name(), () -> agrees(c)));
  }

  private static void agrees(OpCase c) {
    assertThat(FiniteDifferences.worst(c)).as(c.name()).isLessThan(1e-6);
  }

  @Test
  void theFirstOfEqualMaximaReceivesTheGradient() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1, 1, 2, 2));
    Value y = g.op(new Op.MaxPool(Window.of(2)), x);
    g.output("dx", value(Gradients.of(g, y, List.of(x)), x));
    assertThat(run(g.build(), Map.of("x", new double[] {0, 3, 3, 3}), "dx")).containsExactly(0, 1, 0, 0);
  }

  @Test
  void gradientsOfAValueUsedTwiceAreAdded() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(2));
    Value y = g.op(new Op.Add(), g.op(new Op.Mul(), x, x), x);
    g.output("dx", value(Gradients.of(g, y, List.of(x)), x));
    assertThat(run(g.build(), Map.of("x", new double[] {3, -5}), "dx")).containsExactly(7, -9);
  }

  @Test
  void valuesThatTheLossDoesNotDependOnHaveNoGradient() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1));
    Value other = g.input("other", Shape.of(1));
    Value y = g.op(new Op.Relu(), x);
    Value later = g.input("later", Shape.of(1));
    Map<Value, Value> gradients = Gradients.of(g, y, List.of(x, other, later));
    assertThat(gradients).containsKey(x).doesNotContainKeys(other, later);
  }

  @Test
  void onlyNeededGradientsAreComputed() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(2, 3, 4, 4));
    Value w = g.param("w", Shape.of(5, 3, 3, 3), Init.torch(27));
    Value y = g.op(new Op.Conv(Window.of(3), 1), x, w);
    Gradients.of(g, y, List.of(w));
    assertThat(g.build().nodes()).noneMatch(n -> n.op() instanceof Op.ConvTranspose);
  }

  @Test
  void everyTrainableParameterGetsAnOutputInTheOrderOfDeclaration() {
    Graph graph = Gradients.withGradients(TinyNetworks.frozenAndIdle(), "loss");
    assertThat(graph.outputs().keySet()).containsExactly("loss", "gradient/fc.weight", "gradient/fc.bias", "gradient/idle");
    assertThat(graph.outputShape("gradient/fc.weight")).isEqualTo(Shape.of(2, 3));
    assertThat(graph.at(graph.output("gradient/idle")).op()).isEqualTo(new Op.Fill(Shape.of(4), 0));
  }

  @Test
  void outputNamesMapBackToParameters() {
    assertThat(Gradients.outputOf("features.0.weight")).isEqualTo("gradient/features.0.weight");
    assertThat(Gradients.parameterOf("gradient/features.0.weight")).contains("features.0.weight");
    assertThat(Gradients.parameterOf("loss")).isEmpty();
  }

  @Test
  void gradientNodesHaveThePathOfTheirLayer() {
    Graph graph = Gradients.withGradients(TinyNetworks.frozenAndIdle(), "loss");
    assertThat(graph.at(graph.output("gradient/fc.weight")).path()).isEqualTo("fc");
  }

  @Test
  void thereIsNoSecondDerivative() {
    Graph once = Gradients.withGradients(TinyNetworks.frozenAndIdle(), "loss");
    GraphBuilder g = new GraphBuilder();
    List<Value> values = Rewrite.replayInto(g, once, (_, _, _) -> Optional.empty());
    Value gradient = values.get(once.output("gradient/fc.bias").id());
    List<Value> all = List.copyOf(values);
    assertThatThrownBy(() -> Gradients.of(g, gradient, all)).hasMessage("no second derivative: SumTo");
  }

  @Test
  void anUnknownLossIsReported() {
    Graph graph = TinyNetworks.frozenAndIdle();
    assertThatThrownBy(() -> Gradients.withGradients(graph, "cost")).hasMessage("no output cost among [loss]");
  }

  private static Value value(Map<Value, Value> gradients, Value of) {
    return gradients.entrySet().stream().filter(e -> e.getKey().equals(of)).findFirst().orElseThrow().getValue();
  }

  private static double[] run(Graph graph, Map<String, double[]> bound, String output) {
    return Compare.output(Engine.REFERENCE.run(graph, bound), output);
  }
}
