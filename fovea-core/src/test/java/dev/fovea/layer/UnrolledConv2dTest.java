package dev.fovea.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Value;
import dev.fovea.tensor.FoveaException;
import dev.fovea.tensor.Shape;
import dev.fovea.testkit.Engine;
import dev.fovea.testkit.ParityRule;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnrolledConv2dTest {
  @Test
  void isTheConvolution() {
    same(Conv2d.of(4, 3), Shape.of(3, 5, 7));
    same(Conv2d.of(4, 3).padding(1).bias(false), Shape.of(3, 6, 5));
    same(Conv2d.of(6, 3).stride(2).padding(1).groups(2), Shape.of(4, 7, 5));
    same(Conv2d.of(2, 5).padding(0, 1, 2, 3), Shape.of(1, 6, 5));
    same(Conv2d.of(3, 2).dilation(3), Shape.of(3, 7, 4));
    same(Conv2d.of(5, 1).stride(3), Shape.of(2, 4, 9));
  }

  private static void same(Conv2d conv, Shape picture) {
    UnrolledConv2d unrolled = new UnrolledConv2d(conv, picture);
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", picture.batch(2));
    g.output("conv", conv.named("conv").apply(g, x));
    g.output("unrolled", unrolled.named("unrolled").apply(g, x));
    Graph graph = g.build();
    Shape shape = Shape.of(conv.outChannels(), picture.dim(0) / conv.groups(), conv.window().kernelH(), conv.window().kernelW());
    float[] weights = floats(ParityRule.values("signed", "weight", shape));
    double[] bias = ParityRule.values("signed", "bias", Shape.of(conv.outChannels()));
    Map<String, double[]> out = Engine.REFERENCE.run(graph, Map.of(
        "x", ParityRule.values("signed", "x", picture.batch(2)), "conv.weight", doubles(weights), "conv.bias", bias,
        "unrolled.weight", doubles(unrolled.matrix(weights)), "unrolled.bias", bias));
    assertThat(graph.outputShape("unrolled")).isEqualTo(graph.outputShape("conv")).isEqualTo(unrolled.output().batch(2));
    assertThat(out.get("unrolled")).as("%s on %s", conv, picture).containsExactly(out.get("conv"), within(1e-9));
  }

  @Test
  void mostOfItIsZeroAndTheRestRepeats() {
    UnrolledConv2d unrolled = new UnrolledConv2d(Conv2d.of(1, 3), Shape.of(1, 5, 5));
    assertThat(unrolled.output()).isEqualTo(Shape.of(1, 3, 3));
    assertThat(unrolled.zeros()).isEqualTo(1 - 81.0 / 225);
    assertThat(unrolled.distinct()).isEqualTo(9);
  }

  @Test
  void aMatrixBeyondAllMeasureIsRefusedWithItsSize() {
    assertThatThrownBy(() -> new UnrolledConv2d(Conv2d.of(64, 3).padding(1), Shape.of(3, 224, 224)))
        .isInstanceOf(FoveaException.class)
        .hasMessageContaining("3211264 x 150528, 483385147392 entries; at most 64000000");
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    IntStream.range(0, values.length).forEach(i -> floats[i] = (float) values[i]);
    return floats;
  }
}
