package dev.fovea.testkit;

import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Op;
import dev.fovea.graph.Value;
import dev.fovea.layer.Conv2d;
import dev.fovea.layer.UnrolledConv2d;
import dev.fovea.layer.WeightInit;
import dev.fovea.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Convolutions and their unrolled matrices: any engine must compute the same values for both. */
public final class UnrolledCases {
  /** The maximum size of a matrix; larger cases are skipped. */
  private static final long MAX_ENTRIES = 300_000;

  private static final long SEED = 1;
  private static final int DRAWN = 400;

  private UnrolledCases() {}

  /** A convolution and the image that it reads. */
  public record Case(Conv2d conv, Shape image) {}

  /** The small cases among the operator's declared and random ones: odd sizes, strides, pads, dilations, groups. */
  public static List<Case> all() {
    return Stream.concat(OpCases.forward().stream(), OpCases.random(SEED, DRAWN).stream())
        .filter(c -> c.op() instanceof Op.Conv)
        .map(UnrolledCases::of)
        .filter(c -> entries(c) <= MAX_ENTRIES)
        .toList();
  }

  private static Case of(OpCase c) {
    if (!(c.op() instanceof Op.Conv conv)) {
      throw new IllegalArgumentException("no convolution: " + c.name());
    }
    int outChannels = c.operands().get(1).shape().dim(0);
    boolean bias = c.operands().size() == 3;
    Shape image = c.operands().getFirst().shape().withoutBatch();
    return new Case(new Conv2d(outChannels, conv.window(), conv.groups(), bias, WeightInit.TORCH), image);
  }

  private static long entries(Case c) {
    Shape image = c.image();
    return (long) image.size() * c.conv().outChannels() * c.conv().window().outH(image.dim(1))
        * c.conv().window().outW(image.dim(2));
  }

  /** Fails if they differ by more than that fraction of the largest output. */
  public static void check(Case c, Engine engine, double tolerance) {
    Conv2d conv = c.conv();
    Shape batch = c.image().batch(2);
    UnrolledConv2d unrolled = new UnrolledConv2d(conv, c.image());
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", batch);
    g.output("conv", conv.named("conv").apply(g, x));
    g.output("unrolled", unrolled.named("unrolled").apply(g, x));
    Graph graph = g.build();
    Shape shape = Shape.of(
        conv.outChannels(), c.image().dim(0) / conv.groups(), conv.window().kernelH(), conv.window().kernelW());
    double[] weights = ParityRule.values("signed", "weight", shape);
    float[] narrow = new float[weights.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) weights[i];
    }
    float[] matrix = unrolled.matrix(narrow);
    double[] wide = new double[matrix.length];
    Arrays.setAll(wide, i -> matrix[i]);
    double[] bias = ParityRule.values("signed", "bias", Shape.of(conv.outChannels()));
    Map<String, double[]> out = engine.run(graph, Map.of(
        "x", ParityRule.values("signed", "x", batch), "conv.weight", weights, "conv.bias", bias,
        "unrolled.weight", wide, "unrolled.bias", bias));
    if (!graph.outputShape("unrolled").equals(graph.outputShape("conv"))) {
      throw new AssertionError(c + ": expected " + graph.outputShape("conv") + ", got " + graph.outputShape("unrolled"));
    }
    double[] expected = Compare.output(out, "conv");
    Compare.values(c.toString(), expected, Compare.output(out, "unrolled"), tolerance * Compare.largest(expected));
  }
}
