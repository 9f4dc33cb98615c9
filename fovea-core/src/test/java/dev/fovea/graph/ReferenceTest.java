package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.testkit.Compare;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.OpCase;
import dev.fovea.testkit.OpCases;
import dev.fovea.testkit.ParityOp;
import dev.fovea.testkit.ParityOps;
import dev.fovea.testkit.ParitySuite;
import dev.fovea.testkit.Tolerance;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The definition of the operators against a second implementation, and against PyTorch. */
class ReferenceTest {
  @TestFactory
  Stream<DynamicTest> declaredCasesAgreeWithTheTextbook() {
    return OpCases.forward().stream().map(c -> DynamicTest.dynamicTest(c.name(), () -> agrees(c)));
  }

  @TestFactory
  Stream<DynamicTest> randomCasesAgreeWithTheTextbook() {
    long seed = OpCases.seed();
    return OpCases.random(seed, 300).stream()
        .map(c -> DynamicTest.dynamicTest("-D" + OpCases.SEED + "=" + seed + " " + c.name(), () -> agrees(c)));
  }

  private static void agrees(OpCase c) {
    double[] got = Compare.output(Engine.REFERENCE.run(c.graph(), c.values()), OpCase.RESULT);
    double[] expected = IndependentReference.of(c);
    Compare.values(c.name(), expected, got, 1e-12 * Math.max(1, Compare.largest(expected)));
  }

  @TestFactory
  Stream<DynamicTest> operatorsAgreeWithPyTorch() {
    return ParitySuite.operators(Engine.REFERENCE, Tolerance.EXACT);
  }

  @TestFactory
  @Tag("slow")
  Stream<DynamicNode> networksAgreeWithPyTorch() {
    return ParitySuite.networks(Engine.REFERENCE, Tolerance.EXACT);
  }

  @Test
  void everyCaseOfTheParityFileIsCovered() {
    assertThat(ParityOp.all()).hasSize(99);
    for (ParityOp c : ParityOp.all()) {
      assertThat(ParityOps.graph(c).outputs().keySet()).as(c.name()).isEqualTo(ParityOps.expected(c).keySet());
    }
  }

  @Test
  void everyOperatorHasCases() {
    Stream<Class<?>> operators =
        Stream.of(Op.Forward.class, Op.Adjoint.class).flatMap(family -> Arrays.stream(family.getPermittedSubclasses()));
    assertThat(OpCases.all().stream().map(c -> c.op().getClass()).collect(Collectors.<Class<?>>toSet()))
        .containsAll(operators.toList());
  }

  @Test
  void casesAreDistinctAndSmall() {
    assertThat(OpCases.all()).doesNotHaveDuplicates();
    assertThat(OpCases.all().stream().map(OpCase::name)).doesNotHaveDuplicates();
    assertThat(OpCases.all()).filteredOn(c -> largestOf(c) >= 20_000).isEmpty();
    assertThat(OpCases.random(OpCases.seed(), 1000)).filteredOn(c -> largestOf(c) >= 20_000).isEmpty();
  }

  private static int largestOf(OpCase c) {
    return Math.max(c.resultShape().size(), c.operands().stream().mapToInt(o -> o.shape().size()).max().orElse(0));
  }

  @Test
  void randomCasesDependOnlyOnTheSeed() {
    assertThat(OpCases.random(7, 50)).isEqualTo(OpCases.random(7, 50)).isNotEqualTo(OpCases.random(8, 50));
    assertThat(OpCases.random(7, 20)).isEqualTo(OpCases.random(7, 50).subList(0, 20));
  }
}
