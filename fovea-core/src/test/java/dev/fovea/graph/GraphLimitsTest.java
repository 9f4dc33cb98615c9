package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.FiniteDifferences;
import dev.fovea.testkit.OpCase;
import dev.fovea.testkit.Operand;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of the operators: what is refused, and what is still correct at the limit. */
class GraphLimitsTest {
  private static final List<Shape> SMALL = List.of(Shape.of(1, 1, 3, 3), Shape.of(1, 1, 2, 2));

  private static void refused(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(FoveaException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1, 2})
  void extraRowsBeyondTheStrideAreRefused(int extra) {
    refused(() -> Shapes.infer(new Op.ConvTranspose(Window.of(2), 1, extra, 0), SMALL));
  }

  @Test
  void transposedConvolutionsDoNotRoundUp() {
    refused(() -> Shapes.infer(new Op.ConvTranspose(Window.of(2).stride(2).ceil(true), 1, 1, 0), SMALL));
  }

  @Test
  void aTransposedConvolutionsSizeDoesNotWrapAround() {
    Op op = new Op.ConvTranspose(Window.of(1).stride(32768, 1), 1, 0, 0);
    refused(() -> Shapes.infer(op, List.of(Shape.of(1, 1, 131073, 1), Shape.of(1, 1, 1, 1))));
  }

  @Test
  void aCeilPoolOfOnePixelIsOnePixel() {
    assertThat(Window.of(2).stride(2).ceil(true).outH(1)).isEqualTo(1);
  }

  @Test
  void aNegativeSlopeIsRefusedOrItsGradientIsCorrect() {
    OpCase c = OpCase.of(new Op.LeakyRelu(-0.5f), Operand.of(8).kind(Operand.Kind.SPACED));
    try {
      assertThat(FiniteDifferences.worst(c)).isLessThan(1e-6);
    } catch (FoveaException refused) {
      assertThat(refused).hasMessageStartingWith("LeakyRelu expects");
    }
  }

  @Test
  void aScalarIsNotFlattened() {
    refused(() -> Shapes.infer(new Op.Flatten(), List.of(Shape.of())));
  }

  @Test
  void inputsAndParametersShareOneSetOfNames() {
    GraphBuilder g = new GraphBuilder();
    g.input("x", Shape.of(2));
    refused(() -> g.input("x", Shape.of(3)));
    refused(() -> g.param("x", Shape.of(4), Init.he(1)));
  }

  @Test
  void sourcesReadNothing() {
    refused(() -> Shapes.infer(new Op.Input("x", Shape.of(2)), List.of(Shape.of(3))));
  }

  @Test
  void aWindowInsideThePaddingIsRefused() {
    refused(() -> Shapes.infer(new Op.MaxPool(Window.of(2).dilation(5).padding(1)), List.of(Shape.of(1, 1, 4, 4))));
  }

  @Test
  void uniformNeverReachesItsUpperBound() {
    assertThat(Rng.of(1).uniform(231_123, 100, 101)).isLessThan(101f);
  }
}
