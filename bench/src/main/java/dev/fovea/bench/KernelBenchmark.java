package dev.fovea.bench;

import dev.fovea.graph.Backends;
import dev.fovea.graph.Gradients;
import dev.fovea.graph.Graph;
import dev.fovea.graph.GraphBuilder;
import dev.fovea.graph.Init;
import dev.fovea.graph.Op;
import dev.fovea.graph.Parameters;
import dev.fovea.graph.Program;
import dev.fovea.graph.Value;
import dev.fovea.graph.Workspace;
import dev.fovea.layer.Layer;
import dev.fovea.tensor.Rng;
import dev.fovea.tensor.Shape;
import dev.fovea.zoo.notation.Notation;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Single layers in which the networks of the zoo spend their time, in the tutorials' notation: a prediction, whose weights are
 * packed once, and forward and backward passes to weights and images, with changed weights each time. To run one of them, or any
 * other layer: {@code bench/run Main KernelBenchmark -p batch=8 -p layer='64x56x56 -> conv 64'}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelBenchmark {
  private static final String LOSS = "loss";

  @Param({"1x28x28 -> conv 6 5x5", "3x224x224 -> conv 64 7x7 stride 2", "3x224x224 -> conv 64", "64x56x56 -> conv 64",
      "128x28x28 -> conv 128", "256x14x14 -> conv 256", "512x7x7 -> conv 512", "64x56x56 -> conv 128 stride 2",
      "64x56x56 -> conv 256 1x1", "1024x14x14 -> conv 256 1x1", "144x56x56 -> conv 144 groups 144",
      "64x112x112 -> pool 3x3 stride 2", "64x56x56 -> batchnorm -> relu", "256x6x6 -> fc 4096"})
  public String layer = "";

  @Param({"1", "8"})
  public int batch;

  @Param("2")
  public int threads;

  private Runnable prediction = () -> {};
  private Runnable training = () -> {};

  /** Compiles both programs; all values are random. */
  @Setup
  public void plan() {
    int[] dims = Stream.of(layer.split(" ", 2)[0].split("x", -1)).mapToInt(Integer::parseInt).toArray();
    Shape images = Shape.of(batch, dims[0], dims[1], dims[2]);
    Layer net = Notation.parse("input " + layer).layer(10);
    prediction = run(graph(net, g -> g.input("x", images)), false);
    training = run(Gradients.withGradients(graph(net, g -> g.param("x", images, new Init.Constant(0))), LOSS), true);
  }

  private static Graph graph(Layer net, Function<GraphBuilder, Value> images) {
    GraphBuilder g = new GraphBuilder();
    Value y = net.apply(g, images.apply(g));
    g.output(LOSS, g.op(new Op.Mean(), y));
    return g.build();
  }

  private Runnable run(Graph graph, boolean trains) {
    Parameters parameters = Parameters.zeros(graph);
    fill(parameters.values(), 0, parameters.values().length);
    Program program = Backends.find().compile(graph, parameters, threads);
    Workspace workspace = program.workspace();
    if (!trains) {
      Workspace.Slot slot = workspace.input("x");
      fill(slot.array(), slot.offset(), slot.shape().size());
    }
    return () -> {
      if (trains) {
        parameters.changed();
      }
      program.run(workspace);
    };
  }

  private static void fill(float[] values, int from, int count) {
    Rng random = Rng.of(1).at("bench");
    for (int i = 0; i < count; i++) {
      values[from + i] = random.uniform(i);
    }
  }

  @Benchmark
  public void predict() {
    prediction.run();
  }

  @Benchmark
  public void forwardAndBackward() {
    training.run();
  }
}
