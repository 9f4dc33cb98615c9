package dev.fovea.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import org.junit.jupiter.api.Test;

class GraphTest {
  @Test
  void textHasOneLinePerNode() {
    assertThat(TinyNetworks.convolutional(2))
        .hasToString(
            """
                %0 = Input[name=input, shape=2x1x6x6, fixed=[]] : 2x1x6x6
                %1 = Param[name=features.0.weight, shape=2x1x3x3, init=Normal[std=0.47140452], \
                trainable=true] : 2x1x3x3  # features.0
                %2 = Param[name=features.0.bias, shape=2, init=Constant[value=0.0], trainable=true] : 2  # features.0
                %3 = Conv[window=3x3, groups=1] %0 %1 %2 : 2x2x4x4  # features.0
                %4 = Relu[] %3 : 2x2x4x4
                %5 = Dropout[name=drop, rate=0.5, unit=ELEMENT] %4 : 2x2x4x4
                %6 = MaxPool[window=2x2 stride 2] %5 : 2x2x2x2
                %7 = Flatten[] %6 : 2x8
                %8 = Param[name=classifier.weight, shape=3x8, init=Uniform[bound=0.35355338], trainable=true] : 3x8  # classifier
                %9 = Gemm[transA=false, transB=true] %7 %8 : 2x3  # classifier
                logits <- %9
                features <- %6
                """);
  }

  @Test
  void textOfGradientsShowsTheAdjointOperators() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(2, 3));
    Value w = g.param("w", Shape.of(1, 3), Init.torch(3));
    Value z = g.op(new Op.Sigmoid(), g.op(new Op.Gemm(false, true), x, w));
    g.output("loss", g.op(new Op.SigmoidCrossEntropyLoss(), z, g.input("t", Shape.of(2, 1))));
    assertThat(Gradients.withGradients(g.build(), "loss"))
        .hasToString(
            """
                %0 = Input[name=x, shape=2x3, fixed=[]] : 2x3
                %1 = Param[name=w, shape=1x3, init=Uniform[bound=0.57735026], trainable=true] : 1x3
                %2 = Gemm[transA=false, transB=true] %0 %1 : 2x1
                %3 = Sigmoid[] %2 : 2x1
                %4 = Input[name=t, shape=2x1, fixed=[]] : 2x1
                %5 = SigmoidCrossEntropyLoss[] %3 %4 : scalar
                %6 = Fill[shape=scalar, value=1.0] : scalar
                %7 = SigmoidCrossEntropyGrad[] %3 %4 %6 : 2x1
                %8 = SigmoidGrad[] %3 %7 : 2x1
                %9 = Gemm[transA=true, transB=false] %8 %0 : 1x3
                loss <- %5
                gradient/w <- %9
                """);
  }

  @Test
  void inputsAndParametersKeepTheOrderOfDeclaration() {
    Graph graph = TinyNetworks.frozenAndIdle();
    assertThat(graph.inputs()).extracting(Op.Input::name).containsExactly("x", "label");
    assertThat(graph.params()).extracting(Op.Param::name).containsExactly("gain", "fc.weight", "fc.bias", "idle");
    assertThat(graph.outputShape("loss")).isEqualTo(Shape.of());
  }

  @Test
  void anUnknownOutputIsReported() {
    Graph graph = TinyNetworks.convolutional(1);
    assertThatThrownBy(() -> graph.output("aux1")).hasMessage("no output aux1 among [logits, features]");
  }

  @Test
  void aGraphDoesNotChangeWithItsBuilder() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1));
    g.output("x", x);
    Graph before = g.build();
    g.output("y", g.op(new Op.Relu(), x));
    assertThat(before.nodes()).hasSize(1);
    assertThat(before.outputs()).containsOnlyKeys("x");
    assertThatThrownBy(() -> before.outputs().clear()).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> before.nodes().clear()).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void duplicateOutputNamesAreRefused() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Shape.of(1));
    g.output("y", x);
    assertThatThrownBy(() -> g.output("y", x)).isInstanceOf(FoveaException.class)
        .hasMessage("two outputs are called y: give the heads different names");
    assertThatThrownBy(() -> g.head("y", x, 1)).isInstanceOf(FoveaException.class);
    assertThat(g.build().heads()).isEmpty();
  }

  @Test
  void scopesNestAndEnd() {
    GraphBuilder g = new GraphBuilder();
    g.scope("a", () -> g.scope("b", () -> g.param("w", Shape.of(1), Init.he(1))));
    assertThatThrownBy(() -> g.scope("a", () -> g.op(new Op.Relu()))).hasMessage("a: Relu expects 1 operands, got 0");
    g.param("w", Shape.of(1), Init.he(1));
    assertThat(g.build().params()).extracting(Op.Param::name).containsExactly("a.b.w", "w");
  }
}
