package dev.fovea.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.graph.Window;
import dev.fovea.layer.Activation;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.Flatten;
import dev.fovea.layer.GaussianPool2d;
import dev.fovea.layer.Layer;
import dev.fovea.layer.Linear;
import dev.fovea.layer.MaxPool2d;
import dev.fovea.layer.PartialConv2d;
import dev.fovea.layer.Sequential;
import dev.fovea.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static final Layer LENET =
      Sequential.of(
          Conv2d.of(6, 5).padding(2).named("conv1"),
          Activation.RELU,
          MaxPool2d.of(2).named("pool1"),
          Conv2d.of(16, 5).named("conv2"),
          Activation.RELU,
          MaxPool2d.of(2).named("pool2"),
          new Flatten(),
          Linear.of(120).named("fc1"),
          Activation.RELU,
          Linear.of(84).named("fc2"),
          Activation.RELU,
          Linear.of(10).named("fc3"));

  @Test
  void lenetHasThePublishedParameterCount() {
    Summary summary = Summary.of(Model.graphOf(LENET, Shape.of(1, 28, 28)));
    assertThat(summary.trainable()).isEqualTo(61_706);
    assertThat(summary.frozen()).isZero();
    // 28*28*6*25 + 10*10*16*150 + 400*120 + 120*84 + 84*10
    assertThat(summary.multiplyAdds()).isEqualTo(117_600 + 240_000 + 48_000 + 10_080 + 840);
  }

  @Test
  void parametersBehindSeveralOperatorsAreCounted() {
    GraphBuilder g = new GraphBuilder();
    Value weight = g.param("w", Shape.of(2, 4), new Init.Constant(1));
    for (int i = 0; i < 20_000; i++) {
      weight = g.op(new Op.Relu(), weight);
    }
    Value x = g.op(new Op.Flatten(), g.input("input", Shape.of(1, 1, 2, 2)));
    g.output("output", g.op(new Op.Gemm(false, true), x, weight));
    assertThat(Summary.of(g.build()).trainable()).isEqualTo(8);
  }

  @Test
  void fieldsAndJumpsDoNotOverflow() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("input", Shape.of(1, 1, 8, 8));
    for (int i = 0; i < 9; i++) {
      x = g.op(new Op.MaxPool(Window.of(2).stride(1 << 15)), g.op(new Op.Pad(3, 1, 1), g.op(new Op.Pad(2, 1, 1), x)));
    }
    g.output("output", x);
    assertThat(Summary.of(g.build()).rows()).allMatch(row -> row.receptiveField() > 0 && row.jump() > 0);
  }

  @Test
  void lenetsTableIsFormatted() {
    assertThat(Summary.of(Model.graphOf(LENET, Shape.of(1, 28, 28))).toString().replace("\r", ""))
        .isEqualTo(
            """
            layer  operator                    output    parameters   multiply-adds      field    jump
            input                             1x28x28                                        1       1
            conv1  Conv 5x5 padding 2         6x28x28           156         117,600          5       1
            1      Relu                       6x28x28                                        5       1
            pool1  MaxPool 2x2 stride 2       6x14x14                                        6       2
            conv2  Conv 5x5                  16x10x10         2,416         240,000         14       2
            4      Relu                      16x10x10                                       14       2
            pool2  MaxPool 2x2 stride 2        16x5x5                                       16       4
            6      Flatten                        400                                       32
            fc1    Gemm                           120        48,120          48,000         32
            8      Relu                           120                                       32
            fc2    Gemm                            84        10,164          10,080         32
            10     Relu                            84                                       32
            fc3    Gemm                            10           850             840         32

            61,706 parameters, all trainable
            416,520 multiply-adds per image
            """);
  }

  @Test
  void frozenAndSharedParametersAreCountedOnce() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input(Model.INPUT, Shape.of(1, 4, 9, 9));
    Value w = g.param("weight", Shape.of(4, 4, 3, 3), Init.he(36));
    Op conv = new Op.Conv(Window.of(3).padding(1), 1);
    Value y = g.op(conv, g.op(conv, x, w), w);
    g.output(Model.OUTPUT, GaussianPool2d.of(3, 1).named("blur").apply(g, y));
    Summary summary = Summary.of(g.build());
    assertThat(summary.trainable()).isEqualTo(144);
    assertThat(summary.frozen()).isEqualTo(36);
    assertThat(summary.multiplyAdds()).isEqualTo(2 * 81 * 144 + 4 * 25 * 9);
    assertThat(summary.rows().getLast().operator()).isEqualTo("Conv 3x3 stride 2 padding 1 groups 4");
    assertThat(summary.toString()).contains("180 parameters, 144 trainable and 36 frozen");
  }

  @Test
  void onlyConnectedElementsOfAMaskedWeightCount() {
    Layer partial = new PartialConv2d(List.of(List.of(0, 1), List.of(1), List.of(0, 1, 2)), Window.of(5));
    Summary summary = Summary.of(Model.graphOf(partial.named("c3"), Shape.of(3, 9, 9)));
    assertThat(summary.rows()).hasSize(1);
    assertThat(summary.rows().getFirst().layer()).isEqualTo("c3");
    assertThat(summary.trainable()).isEqualTo(6 * 25 + 3);
    assertThat(summary.frozen()).isZero();
  }

  @Test
  void aSumHasTheReceptiveFieldOfItsWidestOperand() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input(Model.INPUT, Shape.of(1, 2, 16, 16));
    Value narrow = Conv2d.of(3, 1).named("a").apply(g, x);
    Value wide = Conv2d.of(3, 3).padding(2).dilation(2).named("b").apply(g, x);
    Value sum = g.op(new Op.Add(), narrow, wide);
    Value up = g.op(
        new Op.ConvTranspose(Window.of(4).stride(2).padding(1), 1, 0, 0),
        MaxPool2d.of(4).apply(g, sum),
        g.param("up", Shape.of(3, 5, 4, 4), Init.he(3)));
    g.output(Model.OUTPUT, up);
    Summary summary = Summary.of(g.build());
    assertThat(summary.rows()).extracting(Summary.Row::receptiveField).containsExactly(1L, 5L, 5L, 8L, 12L);
    assertThat(summary.rows()).extracting(Summary.Row::jump).containsExactly(1.0, 1.0, 1.0, 4.0, 2.0);
    assertThat(summary.rows().getLast().multiplyAdds()).isEqualTo(3 * 4 * 4 * 5 * 16);
  }
}
